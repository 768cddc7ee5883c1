"""The terraform program is found, new enough, and configured for this machine."""

from pathlib import Path

import pytest

from pipeline.core.errors import TandemError
from pipeline.terraform import program
from tests.terraform.scripts import script


def test_a_missing_terraform_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TandemError, match="not on PATH") as refused:
        program.require()
    assert "1.10" in refused.value.hint


@pytest.mark.slow
def test_an_old_terraform_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script(tmp_path, """print('{"terraform_version": "1.9.8"}')""")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TandemError, match=r"terraform 1\.9\.8 is too old"):
        program.require()


def test_a_provider_mirror_serves_what_it_holds_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "mirror/registry.example.org/acme/cloud/1.0.0").mkdir(parents=True)
    monkeypatch.setenv("TANDEM_PROVIDER_MIRROR", str(tmp_path / "mirror"))
    written = Path(program.environ(tmp_path / "data")["TF_CLI_CONFIG_FILE"]).read_text()
    assert written.count('"registry.example.org/acme/cloud"') == 2
    assert "filesystem_mirror" in written


def test_without_a_mirror_terraforms_defaults_hold(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TANDEM_PROVIDER_MIRROR", str(tmp_path / "none"))
    assert Path(program.environ(tmp_path / "data")["TF_CLI_CONFIG_FILE"]).read_text() == ""


@pytest.mark.parametrize(("own", "used"), [(None, "200"), ("50", "50")])
def test_terraform_collects_garbage_less_often_unless_the_user_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: str | None, used: str
) -> None:
    monkeypatch.delenv("GOGC", raising=False)
    if own:
        monkeypatch.setenv("GOGC", own)
    assert program.environ(tmp_path)["GOGC"] == used
