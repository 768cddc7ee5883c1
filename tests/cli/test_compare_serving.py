"""Wrong input of `compare serving` is one sentence and a command, before anything starts."""

from dataclasses import fields

import pytest
from typer.testing import CliRunner

from pipeline.cli.compare_serving_plan import ServingOptions
from pipeline.cli.main import app
from pipeline.core.errors import TandemError

SETTINGS = "".join(f'[sources.{name}]\nrepository = "x"\n' for name in ("app", "static", "api"))


def run(folder, *arguments):
    (folder / "tandem.toml").write_text(SETTINGS)
    return CliRunner().invoke(app, ["compare", "serving", *arguments, "--project", str(folder)])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--layout", "docker"), "there is no layout 'docker': there are monolith, sidecar, fused"),
        (("--workload", "video"), "there is no workload 'video': there are small-page, large-asset, "),
        (("--layout", "monolith"), "nothing to compare: choose monolith and another layout, not monolith"),
        (
            ("--layout", "fused", "--layout", "sidecar"),
            "choose monolith and another layout, not sidecar, fused",
        ),
        (("--size", "huge"), "'huge' is no size of content"),
        (("--size", "-5 MB"), "'-5 MB' is no size of content"),
        (("--size", "own"), "the local stack is not running"),
        (("--quick",), "the local stack is not running"),
        (("--resume",), "the local stack is not running"),
        (("--resume", "--seed", "0"), "continues a comparison with its own plan: leave out --seed"),
        (
            ("--resume", "--quick", "--layout", "fused", "--seconds", "2"),
            "with its own plan: leave out --layout, --quick, --seconds",
        ),
    ],
)
def test_wrong_input_is_one_sentence_with_a_command(tmp_path, arguments, message):
    result = run(tmp_path, *arguments)
    assert isinstance(result.exception, TandemError)
    assert message in result.exception.message
    assert "\n" not in result.exception.message
    assert result.exception.hint.startswith("tandem ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--connections", "0"),
        ("--connections", "257"),
        ("--seconds", "0"),
        ("--seconds", "61"),
        ("--seconds", "1.5"),
        ("--runs", "0"),
        ("--minutes", "0"),
        ("--margin", "0"),
        ("--minutes", "nan"),
        ("--minutes", "inf"),
        ("--margin", "nan"),
        ("--precision", "inf"),
    ],
)
def test_a_number_out_of_bounds_is_refused(tmp_path, arguments):
    result = run(tmp_path, *arguments)
    assert result.exit_code == 2
    assert arguments[0] in result.output


def test_options_change_the_plan():
    plan = ServingOptions(
        "20 MB", ["fused", "monolith", "fused"], ["random-files"], runs=30, seconds=5, seed=0
    ).plan()
    assert plan.sizes == (("20 MB", 20_000_000),)
    assert plan.variants == ("monolith", "fused")
    assert plan.cases == ("random-files",)
    assert (plan.least, plan.most, plan.seed) == (30, 30, 0)
    assert plan.options == {"connections": 16, "seconds": 5}
    percents = ServingOptions(margin=2, precision=3, minutes=0.5).plan()
    assert (percents.margin, percents.precision, percents.budget) == (0.02, 0.03, 30.0)
    assert ServingOptions(quick=True).plan().preset == "quick"


def test_every_option_of_the_command_is_refused_beside_resume():
    options = ServingOptions("1 MB", ["a"], ["b"], *[1] * 8)
    with pytest.raises(TandemError) as caught:
        options.require_none()
    for field in fields(options):
        assert f"--{field.name}" in caught.value.message
    ServingOptions().require_none()
