"""What a source lacks is said before its image is built, with what it has in its place."""

import pytest

from pipeline.core.errors import TandemError
from pipeline.images.lock_file import read_lock
from pipeline.images.source_shape import require_app_files, require_handler_module

WHERE = "source x at 12345"
ALL = "nginx.conf, no entrypoint.sh, no html"


def write(folder, *names, text=""):
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text)


def test_an_app_with_all_files_is_taken(tmp_path):
    write(tmp_path, "nginx.conf", "entrypoint.sh", "html/index.html")
    require_app_files(tmp_path, WHERE)


@pytest.mark.parametrize(
    ("files", "lacks", "hint"),
    [
        (["index.html"], ALL, "examples/app"),
        (["nginx.conf", "html/a"], "entrypoint.sh", "examples/app"),
        (
            ["Dockerfile", "nginx.conf"],
            "entrypoint.sh, no html",
            'dockerfile = "Dockerfile" under [sources.app]',
        ),
        (["docker/prod.Dockerfile"], ALL, 'dockerfile = "docker/prod.Dockerfile"'),
        (["a/Dockerfile", "dockerfile"], ALL, 'dockerfile = "dockerfile"'),
        (["Containerfile", "Dockerfile.dockerignore"], ALL, 'dockerfile = "Containerfile"'),
        (["a/b/c/Dockerfile"], ALL, "examples/app"),
        (
            ["web/site/nginx.conf", "web/site/entrypoint.sh", "web/site/html/a", "web/nginx.conf"],
            ALL,
            'path = "web/site" under [sources.app]',
        ),
    ],
)
def test_what_an_app_lacks_is_named_with_the_setting_that_helps(tmp_path, files, lacks, hint):
    write(tmp_path, *files)
    with pytest.raises(
        TandemError, match=f"{WHERE} has no {lacks}, which Tandem's Dockerfile copies"
    ) as caught:
        require_app_files(tmp_path, WHERE)
    assert hint in caught.value.hint


@pytest.mark.parametrize("name", ["main.py", "main/__init__.py"])
def test_a_handlers_module_is_a_file_or_a_package(tmp_path, name):
    write(tmp_path, name)
    require_handler_module(tmp_path, "main.handler", WHERE)


@pytest.mark.parametrize(
    ("files", "hint"),
    [
        (["lambda_function.py"], 'handler = "lambda_function.lambda_handler" under [api]'),
        (["lambda_function.py", "Dockerfile"], 'handler = "lambda_function.lambda_handler"'),
        (["index.js", "Dockerfile"], 'dockerfile = "Dockerfile" under [sources.api]'),
        (["index.js"], "set api.handler"),
    ],
)
def test_a_missing_module_comes_with_the_handler_or_dockerfile_that_is_there(tmp_path, files, hint):
    write(tmp_path, *files, text="def lambda_handler(event, context): ...")
    with pytest.raises(TandemError, match=r"has no main\.py, which handler 'main.handler' names") as caught:
        require_handler_module(tmp_path, "main.handler", WHERE)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ([], "requirements.txt -o"),
        (["requirements.txt", "pyproject.toml", "uv.lock"], "requirements.txt -o"),
        (["pyproject.toml"], "--generate-hashes --no-emit-index-url pyproject.toml -o requirements.lock"),
        (["pyproject.toml", "uv.lock"], "uv export --no-emit-project"),
        (["pyproject.toml", "poetry.lock"], "poetry export"),
        (["Pipfile", "Pipfile.lock"], "pipenv requirements --hash"),
    ],
)
def test_a_missing_lock_comes_with_the_command_that_makes_it(tmp_path, files, command):
    write(tmp_path, *files)
    with pytest.raises(TandemError, match=r"no requirements\.lock") as caught:
        read_lock(tmp_path / "requirements.lock")
    assert command in caught.value.hint
