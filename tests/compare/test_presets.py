"""Wrong input for a comparison gets one clear sentence."""

import pytest

from pipeline.cli.main import app
from pipeline.compare import presets
from pipeline.compare.alone import alone
from pipeline.compare.builds import StartedComparison, comparisons
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project, Settings
from pipeline.records.document import Document
from tests.support.command_line import CliRunner


def test_sizes_come_smallest_first_and_keep_their_labels():
    assert presets.parse_sizes(["2.25 GB", "own", "150 MB"]) == (
        ("own", 0),
        ("150 MB", 150_000_000),
        ("2.25 GB", 2_250_000_000),
    )


@pytest.mark.parametrize("size", ["", "0 MB", "150", "150 XB", "-1 MB", "101 GB", "1e3 MB", "own "])
def test_what_is_no_size_is_refused(size):
    with pytest.raises(TandemError, match="is no size of content"):
        presets.parse_sizes([size])


def test_a_size_named_twice_is_refused():
    with pytest.raises(TandemError, match="a size is named twice: 1 GB, 1000 MB"):
        presets.parse_sizes(["1 GB", "1000 MB"])


def test_a_preset_is_found_by_its_name_and_others_are_refused():
    plan = presets.preset("article")
    assert [label for label, _ in plan.sizes] == list(presets.ARTICLE_SECONDS)
    assert plan.preset == "article"
    with pytest.raises(TandemError, match="no preset 'slow': there are default, quick, article"):
        presets.preset("slow")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--variant", "sidecar"], "there is no variant 'sidecar': there are monolith, split-dockerfile,"),
        (["--scenario", "warm"], "there is no scenario 'warm': there are cold, nothing, app-only,"),
        (["--size", "big"], "'big' is no size of content"),
        (["--preset", "x"], "there is no preset 'x'"),
        (["--quick", "--preset", "article"], "--quick and --preset article are two plans"),
        (
            ["--resume", "--size", "1 MB"],
            "--resume continues a comparison with its own plan: leave out --size",
        ),
        (["--resume", "--quick", "--seed", "0"], "leave out --quick, --seed"),
        (["--resume", "--preset", "article"], "leave out --preset"),
        (["--resume", "--minutes", "5", "--runs", "2"], "leave out --minutes, --runs"),
    ],
)
def test_the_command_refuses_unknown_names_before_anything_else(arguments, message):
    result = CliRunner().invoke(app, ["compare", "builds", *arguments])
    assert message in str(result.exception)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--minutes", "0"],
        ["--minutes", "nan"],
        ["--minutes", "inf"],
        ["--runs", "0"],
        ["--precision", "-1"],
        ["--precision", "nan"],
    ],
)
def test_the_command_refuses_limits_that_are_none(arguments):
    assert CliRunner().invoke(app, ["compare", "builds", *arguments]).exit_code == 2


def test_a_started_comparison_comes_back_from_its_record():
    started = StartedComparison("r1", "2026-01-02", presets.quick(3), "here", {"git": "2.39"})
    torn = Document("comparison", "2026-01-02", "r2", {"plan": {}})
    assert comparisons([torn, started.document()]) == [started]


def test_a_second_comparison_in_the_project_is_refused(tmp_path):
    sources = {name: {"repository": "x"} for name in ("app", "static", "api")}
    project = Project(tmp_path, Settings.model_validate({"sources": sources}))
    refused = pytest.raises(TandemError, match="another comparison runs in this project")
    with alone(project), refused, alone(project):
        pass
    with alone(project):
        pass
