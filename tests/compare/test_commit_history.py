"""The last commits cost what the measured medians say, split or not."""

import json
import os

import pytest

from pipeline.cli.main import app
from pipeline.core.errors import TandemError
from pipeline.records.build_records import Records
from tests.compare.report.example import documents, example
from tests.support.command_line import CliRunner
from tests.support.repositories import commit, made_examples, project_of, run

pytestmark = pytest.mark.slow  # importing scipy takes most of a second


@pytest.fixture(scope="module")
def modules():
    from pipeline.compare import commit_history, time_model  # noqa: PLC0415 - not while tests are collected

    return commit_history, time_model


@pytest.fixture(scope="module")
def measured():
    return example()


@pytest.fixture
def bloated(tmp_path):
    """A repository with an app and content, and commits of each kind."""
    folder = tmp_path / "site"
    (folder / "static").mkdir(parents=True)
    run("init", "-q", "-b", "main", cwd=folder)
    (folder / "static" / "logo.bin").write_bytes(b"1" * 1000)
    (folder / "app.conf").write_text("a")
    commit(folder, "Both")
    (folder / "app.conf").write_text("b")
    commit(folder, "App")
    (folder / "static" / "logo.bin").write_bytes(b"2" * 2000)
    commit(folder, "Static")
    run("commit", "-q", "--allow-empty", "-m", "Neither", cwd=folder)
    return folder


def test_a_bloated_repository_is_told_what_a_split_would_bring(modules, measured, bloated):
    history, time_model = modules
    summary = history.of_repository(bloated, ["static"], 200, measured)
    assert (summary.commits, summary.app, summary.static, summary.both, summary.neither) == (4, 1, 1, 1, 1)
    model = time_model.time_model(measured, 2000)
    assert summary.bloated_seconds == pytest.approx(3 * model.bloated)
    assert summary.split_seconds == pytest.approx(
        model.app + model.split(app=False, static_bytes=2000) + model.split(app=True, static_bytes=1000)
    )
    assert summary.content_bytes == 2000
    assert history.of_repository(bloated, ["static/"], 2, measured).commits == 2
    assert "last 4 commits: 1 changed the app, 1 the content, 1 both, 1 no file of either" in str(summary)


def test_the_model_lies_on_the_line_through_the_measured_sizes(modules, measured):
    _, time_model = modules
    between = time_model.time_model(measured, 450_000_000)
    assert between.bloated == pytest.approx(30, rel=0.05)
    assert time_model.time_model(measured, 1_500_000_000).bloated == pytest.approx(100, rel=0.05)
    assert between.app == pytest.approx(0.9, rel=0.1)
    assert between.split(app=True, static_bytes=0) == between.app
    assert between.split(app=False, static_bytes=0) == between.static
    assert "on the line through 150 and 750 MB" in between.basis


def test_one_measured_size_is_scaled_and_the_text_says_so(modules):
    from dataclasses import replace  # noqa: PLC0415 - beside its only use

    from tests.compare.report.example import PLAN  # noqa: PLC0415

    _, time_model = modules
    one = example(replace(PLAN, sizes=PLAN.sizes[:1]))
    model = time_model.time_model(one, 300_000_000)
    assert model.bloated == pytest.approx(20, rel=0.05)
    assert "in proportion to the 150 MB that were measured" in model.basis


def test_a_comparison_without_what_the_model_needs_is_refused(modules):
    from dataclasses import replace  # noqa: PLC0415 - beside its only use

    from pipeline.compare.measurement import Variant  # noqa: PLC0415
    from tests.compare.report.example import PLAN  # noqa: PLC0415

    _, time_model = modules
    for variants, what in (
        ((Variant.FUSED,), "no build time of the bloated image"),
        ((Variant.MONOLITH,), "no build time of a change in the app"),
    ):
        with pytest.raises(TandemError, match=what):
            time_model.time_model(example(replace(PLAN, variants=variants)), 1)


def test_the_sources_of_a_project_are_read_together(modules, measured, tmp_path):
    history, _ = modules
    project = made_examples(project_of(tmp_path))
    summary = history.of_sources(project, 200, measured)
    assert (summary.commits, summary.app, summary.static) == (2, 1, 1)
    assert history.of_sources(project, 1, measured).commits == 1


def test_a_folder_without_files_or_without_a_repository_is_refused(modules, measured, bloated, tmp_path):
    history, _ = modules
    with pytest.raises(TandemError, match="has no file under media, pictures"):
        history.of_repository(bloated, ["media", "pictures"], 9, measured)
    with pytest.raises(TandemError, match="is no git repository"):
        history.of_repository(tmp_path / "none", ["static"], 9, measured)
    run("init", "-q", "-b", "main", str(tmp_path / "new"), cwd=tmp_path)
    with pytest.raises(TandemError, match="new has no commit yet"):
        history.of_repository(tmp_path / "new", ["static"], 9, measured)


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a folder away")
def test_a_repository_of_another_user_is_not_called_empty(modules, measured, bloated):
    os.chown(bloated, 12345, 12345)
    with pytest.raises(TandemError, match="belongs to another user"):
        modules[0].of_repository(bloated, ["static"], 9, measured)


@pytest.mark.parametrize("folder", ["../other", "/other", "static/../../other", ""])
def test_content_outside_the_repository_is_refused(modules, measured, bloated, folder):
    with pytest.raises(TandemError, match="is no folder inside the repository"):
        modules[0].of_repository(bloated, ["static", folder], 9, measured)


def test_a_repository_whose_root_is_content_may_be_named_by_a_dot(modules, measured, bloated):
    summary = modules[0].of_repository(bloated, ["."], 9, measured)
    assert (summary.static, summary.app, summary.both) == (3, 0, 0)


def test_a_shallow_clone_says_that_its_history_is_cut_off(modules, measured, bloated, tmp_path):
    run("clone", "-q", "--depth", "2", bloated.as_uri(), str(tmp_path / "shallow"), cwd=tmp_path)
    with pytest.raises(
        TandemError, match="shallow is a shallow clone with 2 of the last 9 commits"
    ) as caught:
        modules[0].of_repository(tmp_path / "shallow", ["static"], 9, measured)
    assert caught.value.hint == f"git -C {tmp_path / 'shallow'} fetch --unshallow"
    # The oldest commit of a shallow clone looks as if it had made every file.
    assert modules[0].of_repository(tmp_path / "shallow", ["static"], 1, measured).commits == 1


@pytest.mark.parametrize(
    ("seconds", "text"), [(12.4, "12 s"), (59.6, "1 min 0 s"), (543, "9 min 3 s"), (18_760, "5 h 12 min")]
)
def test_durations_are_as_people_say_them(modules, seconds, text):
    assert modules[0].duration(seconds) == text


def test_the_command_prints_and_stores_the_history(measured, bloated, tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    sources = "".join(f'[sources.{name}]\nrepository = "x"\n' for name in ("app", "static", "api"))
    (project / "tandem.toml").write_text(sources)
    records = Records(project / ".tandem" / "records.sqlite")
    for document in documents(measured):
        records.add(document)
    arguments = ["compare", "history", "--repository", str(bloated), "--project", str(project)]
    result = CliRunner().invoke(app, [*arguments, "--content", "static", "--json"])
    assert json.loads(result.stdout)["commits"] == 4
    assert records.documents("history")[0].body["commits"] == 4
    refused = CliRunner().invoke(app, arguments)
    assert "belong together" in str(refused.exception)
    nowhere = [*arguments[:3], str(tmp_path / "nowhere"), *arguments[4:], "--content", "static"]
    (project / ".tandem" / "records.sqlite").unlink()
    assert "is no git repository" in str(CliRunner().invoke(app, nowhere).exception), "before the comparison"
