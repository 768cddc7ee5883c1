"""The guide's tables are those that the model computes."""

import json
import os
import re

from pipeline.compare.alternatives.estimates import Name
from pipeline.compare.alternatives.machine_figures import FILE, read
from pipeline.compare.alternatives.site_profile import site_of
from pipeline.compare.alternatives.table import duration, markdown
from pipeline.compare.alternatives.words import WORDS
from pipeline.core.paths import ROOT
from tests.compare.alternatives.test_figure import OURS, THEIRS

GUIDE = ROOT / "docs/guides/alternatives.md"
GENERATED = re.compile(r"(?<=<!-- generated -->\n).*(?=<!-- end of generated -->)", re.DOTALL)
SITES = (site_of(150e6), site_of(2.25e9))


def test_the_guide_shows_what_the_model_computes() -> None:
    text, computed = GUIDE.read_text(encoding="utf-8"), f"\n{markdown(SITES, read())}\n"
    if os.environ.get("TANDEM_WRITE_DOCS"):
        text = GENERATED.sub(lambda _: computed, text, count=1)
        GUIDE.write_text(text, encoding="utf-8")
    assert computed in text


def test_each_figure_names_its_basis_and_each_number_is_in_the_list() -> None:
    text = markdown(SITES, read())
    rows = [line for line in text.splitlines() if re.match(rf"\| ({'|'.join(Name)}) \| \d", line)]
    assert len(rows) == 2 * len(Name)
    for line in rows:
        for cell in line.split("|")[2:6]:
            assert re.search(r"(measured|modelled) \[[\d, ]+\]|nothing", cell), line
    source_numbers = set(re.findall(r"^(\d+)\. ", text, re.MULTILINE))
    cited_numbers = {
        number for group in re.findall(r"ed \[([\d, ]+)\]", text) for number in group.split(", ")
    }
    assert cited_numbers == source_numbers


def test_files_that_the_tables_name_are_there() -> None:
    for target in re.findall(r"\]\((\.\./[^)]+)\)", GUIDE.read_text(encoding="utf-8")):
        assert (GUIDE.parent / target).resolve().is_file(), target


def test_each_alternative_says_when_it_is_better() -> None:
    assert set(WORDS) == set(Name)
    assert all(words.better.endswith(".") for words in WORDS.values())


def test_the_measurements_are_whole_and_plausible() -> None:
    measured = read()
    assert set(json.loads(FILE.read_text())) == set(measured.__dataclass_fields__)
    assert measured.n >= 300
    assert measured.file_p50 < measured.proxied_p50
    assert measured.file_p50 <= measured.file_p99


def test_durations_have_the_unit_of_their_higher_end() -> None:
    figures = (OURS, THEIRS, OURS.times(0.01), OURS.times(0.1), THEIRS.times(0), THEIRS.times(40))
    assert [duration(figure) for figure in figures] == [
        "2.0 s",
        "1.0 to 3.0 s",
        "20.0 ms",
        "200 ms",
        "nothing",
        "40 to 120 s",
    ]
