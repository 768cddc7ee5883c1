"""A scenario changes a file that the image really takes."""

import pytest

from pipeline.compare.edits import added_line, copied_paths, editable
from pipeline.core.paths import IMAGES

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
        ('COPY ["a b", "/srv/"]', ["a", "b"]),
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


@pytest.mark.parametrize(
    ("name", "line"),
    [("a.html", "<!-- m -->"), ("a.css", "/* m */"), ("nginx.conf", "# m"), ("a.md", "<!-- m -->")],
)
def test_the_added_line_is_a_comment(name, line):
    assert added_line(name, "m").strip() == line
