"""A handler that the API's own Dockerfile cannot bring is refused before the build."""

import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.errors import TandemError
from pipeline.core.settings import ApiSettings
from pipeline.images.dockerfile import read_dockerfile
from pipeline.images.own_handler import require_own_handler
from tests.support.effort import examples

AWS = "FROM public.ecr.aws/lambda/python:3.12\n"
OWN = 'ARG BASE\nFROM ${BASE}\nWORKDIR /var/task\nENTRYPOINT ["python3", "-m", "awslambdaric"]\n'
PIP = "COPY requirements.txt .\nRUN pip install --no-cache-dir -r requirements.txt\n"
ALL = "COPY . .\n"
TANDEMS = 'ENTRYPOINT ["sh", "-c", "exec python3 -m awslambdaric \\"${1:-$HANDLER}\\"", "api"]\n'
CMD = 'CMD ["app.handler"]\n'
HANDLER = "def handler(event, context): ...\n"
FILES = {"app.py": HANDLER, "requirements.txt": "mangum\n", "shop/__init__.py": "", "shop/api.py": HANDLER}


def check(folder, dockerfile, files=FILES, handler=""):
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text)
    api = ApiSettings() if handler is None else ApiSettings(handler=handler)
    arguments = {"BASE": "tandem/python:1", "HANDLER": api.handler}
    require_own_handler(folder, read_dockerfile(dockerfile), arguments, api, "source api at 12345")


MISSING = [
    (AWS + ALL, "main.handler", "has no main.py"),
    (AWS + ALL + 'CMD ["main.handler"]', "", "has no main.py"),
    (OWN + ALL, "main.handler", "has no main.py"),
    (OWN + "COPY shop/ ./shop/\n" + CMD, "", "has no app.py"),
    (OWN + "COPY shop .\n" + CMD, "", "has no app.py"),
    (AWS + "COPY shop/*.py ${LAMBDA_TASK_ROOT}/\n" + CMD, "", "has no app.py"),
    (AWS + PIP + ALL, "shop.mein.handler", "has no shop/mein.py"),
    (AWS + PIP + ALL, "shop/mein.handler", "has no shop/mein.py"),
    (AWS + PIP + ALL, "app.main", "app.py has no 'main'"),
    (
        AWS + "ENV PATH=/opt/bin:$PATH A=b\nRUN apt-get update && rm -rf /var/lib/apt/lists/*\n" + ALL,
        "app.main",
        "no",
    ),
    (AWS + "COPY app.py $LAMBDA_TASK_ROOT\n" + 'CMD ["app.lambda_handler"]', "", "app.py has no 'lambda_h"),
    (OWN + PIP + ALL + 'CMD ["shop.api.main"]', "", "shop/api.py has no 'main'"),
    (
        "FROM python:3.12\nARG D=/srv\nWORKDIR $D\n" + ALL + "ENTRYPOINT python -m awslambdaric app.main",
        "",
        "no 'main'",
    ),
    (
        f"FROM python:3.12 AS base\nWORKDIR /srv\nFROM base\nCOPY app.py ./\n{TANDEMS}",
        "app.main",
        "app.py has no 'main'",
    ),
]


@pytest.mark.parametrize(("dockerfile", "handler", "why"), MISSING)
def test_a_handler_that_cannot_be_in_the_image_is_refused(tmp_path, dockerfile, handler, why):
    with pytest.raises(TandemError, match=f"source api at 12345: .*{why}"):
        check(tmp_path, dockerfile, handler=handler)


def test_files_that_docker_does_not_get_are_not_in_the_image(tmp_path):
    with pytest.raises(TandemError, match=r"has no app\.py"):
        check(tmp_path, AWS + ALL + CMD, {**FILES, ".dockerignore": "# x\n*.py\n"})


def test_an_application_in_place_of_a_handler_is_refused_here_too(tmp_path):
    files = {"app.py": "from fastapi import FastAPI\nhandler = FastAPI()\n"}
    with pytest.raises(TandemError, match="is the ASGI application itself"):
        check(tmp_path, AWS + ALL + CMD, files)


@pytest.mark.parametrize("more", ["", PIP])
def test_the_default_handler_in_place_of_the_dockerfiles_own_is_named(tmp_path, more):
    with pytest.raises(TandemError, match=r"CMD is 'app.handler', but api.handler replaces it") as caught:
        check(tmp_path, AWS + more + ALL + CMD, handler=None)
    assert 'handler = ""' in caught.value.hint


@pytest.mark.parametrize(
    ("dockerfile", "handler"),
    [
        (AWS + PIP + ALL + CMD, ""),
        (OWN + PIP + ALL + CMD, ""),
        (AWS + ALL, "shop.api.handler"),
        (AWS + PIP + ALL, "datadog_lambda.handler.handler"),
        (AWS + ALL, "json.dumps"),
        (AWS + ALL + "RUN curl -o main.py https://example.org/main.py\n", "main.handler"),
        (AWS + ALL + "RUN echo x >main.py\n", "main.handler"),
        (AWS + ALL + "RUN sed -i s/a/b/ app.py\n", "app.main"),
        (AWS + ALL + "RUN make\n", "main.handler"),
        (AWS + ALL + "RUN pip install x && mv other.py main.py\n", "main.handler"),
        (AWS + ALL + "RUN rm -rf shop\n", "shop.other.handler"),
        (AWS + ALL + "RUN uv run make.py\n", "main.handler"),
        (AWS + "COPY **a/b .\nCOPY a\0b .\n", "main.handler"),
        (AWS + "USER 1\n" * 400 + ALL, "main.handler"),
        (AWS + ALL + "ADD https://example.org/main.py .\n", "main.handler"),
        (AWS + ALL + "ADD code.tar.gz .\n", "main.handler"),
        ("FROM x AS build\n" + AWS + ALL + "COPY --from=build /out ${LAMBDA_TASK_ROOT}\n", "main.handler"),
        ("FROM x AS build\n" + AWS + ALL + "COPY --from=build /out /var/task/shop\n", "shop.other.handler"),
        ("FROM x AS build\n" + AWS + ALL + "COPY --from=build /out /opt/python\n", "main.handler"),
        ("FROM registry.example.org/ours:1\n" + ALL + CMD, "main.handler"),
        ("FROM node:22\n" + ALL + 'CMD ["node", "server.js"]', ""),
        (AWS + ALL + "WORKDIR /srv\n", "main.handler"),
        (AWS + "ENV LAMBDA_TASK_ROOT=/srv\n" + ALL, "main.handler"),
        (AWS + ALL + 'ENTRYPOINT ["/start.sh"]\n', "main.handler"),
        (AWS + "COPY $WHERE .\n", "main.handler"),
        (AWS + "COPY nothing-like-it .\n", "main.handler"),
        (AWS + "COPY app.py /code\nCOPY . .\n", "main.handler"),
        (OWN.replace('["python3", "-m", "awslambdaric"]', '["uvicorn", "main:app"]') + ALL, "main.handler"),
        ("FROM x AS a\n", "main.handler"),
        ("", "main.handler"),
        ("CMD x", "main.handler"),
        ("FROM", "main.handler"),
        (AWS + "COPY 'app.py .\nCOPY\nENV\nARG\nWORKDIR\n", "main.handler"),
    ],
)
def test_what_works_or_may_work_is_taken(tmp_path, dockerfile, handler):
    check(tmp_path, dockerfile, handler=handler)


@pytest.mark.parametrize(
    "package",
    [
        "__path__ = ['/opt']",
        "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)",
        "(",
    ],
)
def test_a_package_that_looks_elsewhere_is_taken(tmp_path, package):
    check(tmp_path, AWS + ALL, {**FILES, "shop/__init__.py": package}, "shop.other.handler")


def test_a_folder_that_is_no_package_may_go_on_elsewhere(tmp_path):
    files = {"app.py": HANDLER, "wide/one.py": HANDLER}
    check(tmp_path, AWS + PIP + ALL, files, "wide.other.handler")


def test_the_default_handler_that_is_there_is_taken_whatever_cmd_says(tmp_path):
    check(tmp_path, AWS + ALL + CMD, {**FILES, "main.py": HANDLER}, None)


PIECES = [
    *AWS.split(),
    *OWN.split(),
    "COPY",
    "RUN",
    "ENV",
    "ARG",
    "AS",
    "x",
    ".",
    "/",
    "$x",
    "${x:-y}",
    "=",
    "'",
    "\n",
    " ",
]


@settings(max_examples=examples(25), deadline=None)
@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_dockerfile_is_followed_or_left_alone(text):
    with TemporaryDirectory() as folder, suppress(TandemError):
        check(Path(folder), AWS + text, handler="main.handler")


def link_to_itself(folder):
    for name in "abc":
        (folder / name).symlink_to(".")


def many_folders(folder):
    for number in range(200):
        (folder / f"{number % 6}/{number % 7}/{number % 5}").mkdir(parents=True, exist_ok=True)


def many_files(folder):
    for number in range(500):
        (folder / f"{number}.py").touch()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dockerfile", "make"),
    [
        ("COPY " + "*/" * 30 + "x /y\n", link_to_itself),
        ("COPY " + "**/" * 12 + "x /y\n", many_folders),
        ("COPY " + "*.py " * 5000 + "/y/\n", many_files),
        ("COPY " + ". " * 5000 + "/y/\n", many_files),
        ("COPY . /y\n" * 250, many_files),
        ("ENV A=aaaa\n" + "ENV A=$A$A\n" * 40 + "COPY . /var/task/$A\n", many_files),
        ("ARG A=aaaa\n" + "".join(f"ENV A{n}=$A$A A=$A$A\n" for n in range(60)) + "WORKDIR $A\n", many_files),
    ],
    ids=["links", "folders", "patterns", "sources", "copies", "values", "arguments"],
)
def test_no_dockerfile_takes_long_to_follow(tmp_path, dockerfile, make):
    make(tmp_path)
    began = time.process_time()
    check(tmp_path, AWS + dockerfile + CMD)
    assert time.process_time() - began < 10


def test_a_wildcard_stays_within_one_part_of_a_name(tmp_path):
    """As Docker's COPY has it; Python's ** takes folders."""
    with pytest.raises(TandemError, match=r"has no app\.py"):
        check(tmp_path, AWS + "COPY */a*.py ./\n" + CMD, {**FILES, "shop/apis.py": HANDLER})
