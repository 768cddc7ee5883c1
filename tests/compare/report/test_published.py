"""A report that is committed names no address, no path and no name of the machine that measured it."""

import json
import re
import shutil
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.core.paths import ROOT
from pipeline.records.build_records import Records
from pipeline.records.document import Document
from tests.compare.report.example import PLAN, documents, example

pytestmark = pytest.mark.slow  # importing scipy and matplotlib takes more than a second

MEASUREMENTS = ROOT / "docs" / "measurements"
ADDRESS = re.compile(
    r"""\b127\.\d+\.\d+\.\d | localhost | \b\d{1,3}(?:\.\d{1,3}){3}:\d | dkr\.ecr | file://
    | (?<![\w.:/<])(?:/[\w.-]+){2,} | \b[\w.]+@[\w-]+\.\w+""",
    re.VERBOSE,
)
FAILED = [
    "cannot push 127.0.0.1:32780/compare/app: connection refused",
    "cannot read /home/somebody/.cache/tandem/x.json: no space left on builder-7",
    "localhost:5000 does not answer; see /var/log/docker.log",
    "123456789012.dkr.ecr.eu-central-1.amazonaws.com/tandem/app: denied",
    "cannot open '/tmp/tandem-build-x1/context/Dockerfile'",
    "GET http://10.1.2.3:5000/v2/ answered 500",
]


@pytest.fixture(scope="module")
def module():
    from pipeline.compare.report import published  # noqa: PLC0415 - not while tests are collected

    return published


@pytest.fixture(scope="module")
def example_content():
    content = example(replace(PLAN, sizes=PLAN.sizes[:1]), count=6)
    first, *others = content.measurements
    image = "127.0.0.1:32780/compare-monolith/monolith@sha256:" + "a" * 64
    failed = [replace(others[0], error=error, seconds=0.0) for error in FAILED]
    return replace(content, measurements=(replace(first, images=(image,)), *others, *failed))


def test_no_file_names_the_machine(module, example_content):
    for name, content in module.files(documents(example_content), host="builder-7").items():
        text = without_links(content.decode())
        assert ADDRESS.findall(text) == [], name
        assert "builder-7" not in text
        assert "somebody" not in text


def test_the_machines_own_name_is_left_out(module, example_content, monkeypatch):
    monkeypatch.setattr(module.socket, "gethostname", lambda: "builder-7")
    assert b"builder-7" not in module.files(documents(example_content))["report.json"]


def without_links(text):
    """The text without sources on the web, styles, drawings, and the commands that a reader repeats."""
    text = re.sub(r"<(style|svg|pre)\b.*?</\1>", "", text, flags=re.DOTALL)
    return re.sub(r"https://[^\s\"<)]+", "", text)


def test_what_is_left_still_says_what_failed(module, example_content):
    neutral_documents = module.published(documents(example_content), "builder-7")
    assert [each.body["error"] for each in neutral_documents[-6:]] == [
        "cannot push registry/compare/app: connection refused",
        "cannot read .../x.json: no space left on this machine",
        "registry does not answer; see .../docker.log",
        "registry/tandem/app: denied",
        "cannot open '.../Dockerfile'",
        "GET http://registry/v2/ answered 500",
    ]


def test_figures_commits_and_digests_stay(module, example_content):
    before = documents(example_content)
    after = module.published(before, "x")
    assert [each.body.get("seconds") for each in after] == [each.body.get("seconds") for each in before]
    assert after[1].body["images"] == ["registry/compare-monolith/monolith@sha256:" + "a" * 64]
    assert after[1].body["commits"] == before[1].body["commits"]
    assert module.published([Document("build", "", "", {"a": [1, None, {"b": 2.5}]})], "x")[0].body == {
        "a": [1, None, {"b": 2.5}]
    }


def test_the_folder_has_the_page_every_build_and_the_articles_table(module, example_content):
    files = module.files(documents(example_content))
    assert set(files) == {"report.html", "report.json", "README.md"}
    assert len(json.loads(files["report.json"])["measurements"]) == len(example_content.measurements)
    text = files["README.md"].decode()
    assert re.search(r"\| 150 MB \| 8\.73 s \| \d+\.\d+ s \(\d+\.\d+ s to \d+\.\d+ s, n = 6\) \|", text)
    assert "machine: CPU, 2 cores, 8 GiB, Linux 6.1" in text
    assert "tandem compare builds --size" in text


def test_the_command_writes_the_folder(example_content, tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    shutil.copy(ROOT / "tandem.toml", project)
    records = Records(project / ".tandem" / "records.sqlite")
    records.receive(documents(example_content))
    folder = tmp_path / "measured" / "here"
    result = CliRunner().invoke(app, ["report", "--folder", str(folder), "--project", str(project)])
    assert result.exit_code == 0, result.output
    assert sorted(file.name for file in folder.iterdir()) == ["README.md", "report.html", "report.json"]
    assert result.stdout.split() == [
        str(folder / name) for name in ("report.html", "report.json", "README.md")
    ]


@pytest.mark.parametrize("folder", sorted(MEASUREMENTS.glob("*/")), ids=lambda folder: folder.name)
def test_committed_measurements_name_no_machine(folder):
    texts = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
    assert {"report.html", "report.json", "README.md"} <= set(texts)
    for name, text in texts.items():
        assert ADDRESS.findall(without_links(text)) == [], name
    values = json.loads(texts["report.json"])
    assert values["machine"]
    assert values["commands"]
    assert all(run["machine"] == values["machine"] for run in values["measurements"])
    assert values["run"] in texts["report.html"]


@pytest.mark.parametrize("page", ["README.md", "docs/internals/benchmarks.md"])
def test_the_articles_table_is_the_one_that_was_measured(page):
    measured = (MEASUREMENTS / "article" / "README.md").read_text(encoding="utf-8")
    table = re.search(r"(?m)^\| content \| article.*\n(?:\|.*\n)+", measured)[0]
    assert table.count("\n") == 5
    assert table in (ROOT / page).read_text(encoding="utf-8")
