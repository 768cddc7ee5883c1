"""tandem records: what was recorded, in every format."""

import csv
import io
import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from pipeline.cli.commands import records as verb
from pipeline.cli.main import app
from pipeline.core.errors import TandemError
from pipeline.core.steps import Step
from pipeline.deploy.store import Store
from pipeline.records.build_records import Records
from pipeline.records.document import Document
from tests.records.example_record import RECORD
from tests.support.command_line import CliRunner

TRIAL = Document(
    "trial",
    RECORD.started_at,
    "e1",
    {
        "cell": {"size": "150 MB", "variant": "fused", "case": "small-page"},
        "spent": 3.5,
        "error": "no answer",
    },
)
SETTINGS = "".join(f'[sources.{name}]\nrepository = "x"\n' for name in ("app", "static", "api"))
MEASUREMENT = Document(
    "measurement",
    RECORD.started_at,
    "c1",
    {
        "cell": {"size": "150 MB", "variant": "fused", "scenario": "cold"},
        "seconds": 3.0,
        "bytes_sent": None,
        "error": "",
        "spans": [
            {"image": "app", "name": "build", "start": 0.0, "seconds": 2.0},
            {"image": "static", "name": "push", "start": 1.0, "seconds": 2.0},
        ],
    },
)


@pytest.fixture
def project(tmp_path):
    (tmp_path / "tandem.toml").write_text(SETTINGS)
    records = Records(tmp_path / ".tandem" / "records.sqlite")
    records.add(RECORD)
    records.add(replace(RECORD, image="api", bytes_sent=None))
    records.add(MEASUREMENT)
    return tmp_path


def run(project, *arguments):
    result = CliRunner().invoke(app, ["records", *arguments, "--project", str(project)])
    if isinstance(result.exception, TandemError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout_bytes


def test_the_list_has_a_line_for_each_record(project):
    lines = run(project, "list").decode().splitlines()
    assert [line.split()[2] for line in lines] == ["build", "build", "measurement"]
    assert "2.00 s" in lines[0]
    assert "0.00 MB  app app-only" in lines[0]
    assert lines[2].endswith("150 MB fused cold")
    assert len(run(project, "list", "--last", "1").splitlines()) == 1
    assert len(json.loads(run(project, "list", "--json", "--kind", "build"))) == 2


@pytest.mark.parametrize("verb", ["list", "export"])
def test_a_kind_that_is_none_is_refused_with_those_that_are(project, verb):
    with pytest.raises(
        TandemError, match="there is no kind 'deployment': there are build, comparison,"
    ) as caught:
        run(project, verb, "--kind", "deployment")
    assert caught.value.hint == "tandem records list --kind build"


def test_a_trial_of_an_experiment_is_listed_with_its_seconds(project):
    Records(project / ".tandem" / "records.sqlite").add(TRIAL)
    (line,) = run(project, "list", "--kind", "trial").decode().splitlines()
    assert "3.50 s" in line
    assert line.endswith("150 MB fused small-page  no answer")


def test_an_empty_project_says_so(tmp_path):
    (tmp_path / "tandem.toml").write_text(SETTINGS)
    assert run(tmp_path, "list") == b"no records yet\n"


def test_a_record_is_shown_with_its_steps(project):
    text = run(project, "show", MEASUREMENT.id[:12]).decode()
    assert "seconds     3.0" in text
    bars = text.splitlines()[-2:]
    assert bars[0].split() == ["app", "build", "#" * 20, "2.00", "s"]
    assert bars[1].index("#") > bars[0].index("#")
    assert json.loads(run(project, "show", RECORD.document().id, "--json"))["image"] == "app"


@pytest.mark.parametrize(
    ("beginning", "message"), [("zz", "there is no record"), ("", "there are 3 records")]
)
def test_an_id_that_names_no_record_or_several_is_refused(project, beginning, message):
    with pytest.raises(TandemError, match=message):
        run(project, "show", beginning)


def test_json_has_the_nested_values(project):
    values = json.loads(run(project, "export"))
    assert [value["kind"] for value in values] == ["build", "build", "measurement"]
    assert values[0]["steps"][0] == {"name": "build", "seconds": 1.5}


def test_csv_has_one_row_for_each_record(project):
    rows = list(csv.DictReader(io.StringIO(run(project, "export", "--format", "csv").decode())))
    assert [row["seconds"] for row in rows] == ["2.0", "2.0", "3.0"]
    assert json.loads(rows[0]["commits"]) == RECORD.commits
    assert rows[1]["bytes_sent"] == ""


@pytest.mark.slow  # pyarrow takes half a second to import
def test_parquet_has_one_row_for_each_record(project):
    from pyarrow import parquet  # noqa: PLC0415 - not while tests are collected

    file = project / "records.parquet"
    run(project, "export", "--format", "parquet", "--output", str(file))
    table = parquet.read_table(file).to_pylist()
    assert [row["seconds"] for row in table] == [2.0, 2.0, 3.0]
    assert [row["bytes_sent"] for row in table] == [12, None, None]
    empty = project / "empty.parquet"
    run(project, "export", "--format", "parquet", "--kind", "trial", "--output", str(empty))
    assert parquet.read_table(empty).num_rows == 0


def test_an_export_of_nothing_is_empty_and_valid(project):
    assert json.loads(run(project, "export", "--kind", "trial")) == []
    assert run(project, "export", "--kind", "trial", "--format", "csv") == b"id,kind,started_at,run\r\n"


def test_an_unknown_format_and_a_missing_folder_are_refused(project):
    with pytest.raises(TandemError, match="no format 'xml': there are json, csv, parquet"):
        run(project, "export", "--format", "xml")
    with pytest.raises(TandemError, match="cannot write"):
        run(project, "export", "--output", str(project / "tandem.toml" / "file.json"))


def test_a_repair_says_what_it_found(project):
    assert run(project, "repair") == b"3 records, 0 of them rescued\n"
    (project / ".tandem" / "records.sqlite").write_bytes(b"no database" * 99)
    assert run(project, "repair") == b"0 records, 0 of them rescued\n"


@pytest.mark.slow  # numpy takes a while to import
def test_a_trend_names_the_commit_from_which_on_builds_are_slower(project):
    records = Records(project / ".tandem" / "records.sqlite")
    for number in range(20):
        steps = (Step("build", 1.0 + number % 3 / 100 + (2.0 if number >= 12 else 0.0)),)
        build = replace(RECORD, scenario="", run=str(number), steps=steps, commits={"app": f"{number:040}"})
        records.add(build)
    lines = run(project, "trend", "app").decode().splitlines()
    (place,) = [place for place, line in enumerate(lines) if line.startswith("-- slower from here")]
    assert lines[place] == "-- slower from here: 1.01 s -> 3.01 s (p 0.001)"
    assert place == 12
    values = json.loads(run(project, "trend", "app", "--json"))
    assert values["changes"][0]["place"] == 12
    assert values["changes"][0]["commits"] == {"app": f"{12:040}"}
    assert len(values["builds"]) == 20
    with pytest.raises(TandemError, match="no build of image 'x'"):
        run(project, "trend", "x")


def test_a_published_export_is_beside_the_environments_releases(project, tmp_path, monkeypatch):
    store = Store.in_folder(tmp_path / "releases", "prod")
    opened = {"prod": SimpleNamespace(store=store)}
    monkeypatch.setattr(verb, "open_session", lambda _, environment: opened[environment])
    printed = run(project, "export", "--publish", "--env", "prod", "--format", "csv", "--kind", "build")
    assert printed == b"/api/exports/records.csv\n"
    assert len(store.objects.read("exports/records.csv").data.splitlines()) == 3
