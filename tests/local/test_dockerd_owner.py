"""`make down` of a user leaves the Docker Engine that root's `make up` started."""

import os

from pipeline.local.dockerd import Daemon, stop_if_started_here


def test_an_engine_of_another_user_stays_and_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "dockerd.json").write_text("{}")
    monkeypatch.setattr(os, "access", lambda *_: False)
    said = []
    assert not stop_if_started_here(said.append, Daemon(notes=tmp_path))
    assert said == ["the Docker Engine stays: another user's `tandem up` started it"]
    assert (tmp_path / "dockerd.json").exists()
