"""A scenario changes a file that the image really takes."""

import time

import pytest

from pipeline.compare.edits import added_line, copied_paths, editable, paths_in_image
from pipeline.core.errors import TandemError
from pipeline.core.paths import IMAGES
from pipeline.core.setting_tables import SourceSettings
from pipeline.core.values import Source

TANDEMS = (IMAGES / "app" / "Dockerfile").read_text()


def test_notes_beside_the_pages_are_not_chosen():
    names = ["NOTES.md", "README.md", "about.html", "html/index.html", "nginx.conf"]
    assert editable(names, copied_paths(TANDEMS)) == "html/index.html"


def test_an_image_of_a_configuration_alone_changes_that():
    copied = copied_paths("FROM x\nCOPY nginx.conf /etc/nginx/nginx.conf\n")
    assert editable(["README.md", "index.html", "nginx.conf"], copied) == "nginx.conf"


def test_without_a_file_that_is_copied_there_is_none():
    assert editable(["README.md"], copied_paths("FROM x\nRUN true\n")) == ""


@pytest.mark.parametrize(
    ("line", "paths"),
    [
        ("COPY html/ /srv/", ["html"]),
        ("copy ./site /srv", ["site"]),
        ("COPY --chown=1:1 a.html b/ /srv/", ["a.html", "b"]),
        ('COPY ["a b", "/srv/"]', ["a b"]),
        ("COPY a \\\n  b /srv/", ["a", "b"]),
        ("COPY . /srv", ["."]),
        ("COPY *.html /srv/", ["."]),
        ("ADD pages/*.html /srv/", ["pages"]),
        ("COPY --from=build /out /srv", []),
        ("# COPY html /srv", []),
        ("RUN echo COPY html /srv", []),
    ],
)
def test_copied_paths_are_read_from_a_dockerfile(line, paths):
    assert copied_paths(f"FROM x\n{line}\n") == paths


STAGES = """ARG BASE
FROM node AS Assets
COPY theme/ .
FROM ${BASE} AS prod
COPY --from=assets /out /srv/theme
COPY html/ /srv/
FROM prod AS test
COPY tests/ /tests/
FROM node AS lint
COPY . .
FROM test
COPY checks/ /checks/
"""


@pytest.mark.parametrize(
    ("target", "paths"),
    [
        ("", ["theme", "html", "tests", "checks"]),
        ("prod", ["theme", "html"]),
        ("PROD", ["theme", "html"]),
        ("lint", ["."]),
        ("assets", ["theme"]),
    ],
)
def test_only_stages_that_the_image_is_made_of_copy_into_it(target, paths):
    """A scenario that changed another stage's file would measure nothing."""
    assert copied_paths(STAGES, target) == paths


@pytest.mark.parametrize(
    ("lines", "paths"),
    [
        ("FROM x\nCOPY a /\nFROM y\nCOPY --from=0 /a /b", ["a"]),
        ("FROM x AS one\nCOPY a /\nFROM y\nCOPY --from=0 /a /b", ["a"]),
        ("FROM x\nCOPY a /\nFROM y\nCOPY --from=7 /a /b", []),
        ("FROM x AS one\nCOPY a /\nFROM $WHICH\nCOPY b /", ["a", "b"]),
        ("FROM x AS one\nCOPY a /\nFROM ${BASE}\nCOPY b /", ["b"]),
        ("FROM x AS one\nCOPY a /\nFROM one AS one\nCOPY b /", ["a", "b"]),
        ("COPY a /", ["a"]),
        ("FROM", []),
        ("", []),
    ],
)
def test_stages_are_followed_by_name_and_number(lines, paths):
    assert copied_paths(lines) == paths


@pytest.mark.parametrize("source", [Source.APP, Source.STATIC, Source.API])
def test_the_chosen_stage_of_an_own_dockerfile_is_read(source):
    own = {"repository": "x", "dockerfile": "build/Dockerfile", "path": "site", "target": "prod"}
    read = {"site/build/Dockerfile": STAGES.encode()}
    assert paths_in_image(SourceSettings.model_validate(own), source, read.__getitem__) == ["theme", "html"]
    with pytest.raises(
        TandemError, match=rf"source {source} has no stage 'dev' .* are assets, prod, test, lint"
    ):
        paths_in_image(SourceSettings.model_validate(own | {"target": "dev"}), source, read.__getitem__)


@pytest.mark.slow
def test_many_stages_are_followed_in_a_moment():
    """Their number is the commit's."""
    lines = (f"FROM s{at - 1} AS s{at}\nCOPY --from=s{at // 2} {at} /\n" for at in range(5_000))
    began = time.process_time()
    copied_paths("".join(lines))
    assert time.process_time() - began < 2


def test_without_an_own_dockerfile_tandems_is_read():
    settings = SourceSettings(repository="x")
    assert "html" in paths_in_image(settings, Source.APP, {}.__getitem__)
    assert [*paths_in_image(settings, Source.STATIC, {}.__getitem__)] == ["."]


@pytest.mark.parametrize(
    ("name", "line"),
    [("a.html", "<!-- m -->"), ("a.css", "/* m */"), ("nginx.conf", "# m"), ("a.md", "<!-- m -->")],
)
def test_the_added_line_is_a_comment(name, line):
    assert added_line(name, "m").strip() == line
