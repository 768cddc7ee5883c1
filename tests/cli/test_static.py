import json

import pytest

from pipeline.cli.commands.static import app
from pipeline.core.errors import TandemError
from pipeline.core.values import ImageRef
from tests.images.static.conftest import base, repo
from tests.images.static.flatten import files
from tests.registry.conftest import host
from tests.support.command_line import CliRunner

pytestmark = pytest.mark.slow

__all__ = ["base", "host", "repo"]


@pytest.fixture
def run(tmp_path, repo, host, base):
    """Runs a verb on a project whose static source is `repo`; gives its standard output."""
    (tmp_path / "tandem.toml").write_text(
        "".join(f'[sources.{name}]\nrepository = "{repo.path}"\n' for name in ("app", "static", "api"))
    )

    def invoke(*arguments):
        done = CliRunner().invoke(app, [*arguments, "--project", str(tmp_path)])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.stdout.strip()

    def build(*more):
        place = ("--repository", f"{host}/cli/{tmp_path.name.replace('_', '-')}", "--base", str(base))
        return invoke("build", *place, *more)

    invoke.build = build
    return invoke


def test_an_image_is_built_proved_compared_and_compacted(run, repo):
    first, _ = repo.commits([{"a": b"1", "b.css": b"x" * 900}, {"a": b"2"}])
    old, new = run.build("--commit", first), run.build()
    assert {"a": b"2"}.items() <= files(ImageRef.parse(new)).items()
    run("verify", new)
    assert "~ a" in run("diff", old, new).splitlines()
    smaller = run("compact", new)
    assert files(ImageRef.parse(new)) == files(ImageRef.parse(smaller))
    assert new == run.build("--from", new)


def test_inspect_prints_what_a_person_or_a_program_reads(run, repo):
    repo.commit({"a": b"1"})
    image = run.build()
    done = CliRunner().invoke(app, ["inspect", image])
    assert f"image   {image}" in done.stdout
    facts = json.loads(CliRunner().invoke(app, ["inspect", image, "--json"]).stdout)
    assert [layer["role"] for layer in facts["layers"]] == ["runtime", "base"]


def test_a_dry_run_pushes_nothing(run, repo):
    repo.commit({"a": b"1"})
    assert run.build("--dry-run") == ""


def test_an_image_of_another_kind_is_named(run, base):
    with pytest.raises(TandemError, match="was not built from layers"):
        run("verify", str(base))
