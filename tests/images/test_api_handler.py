"""A handler that cannot work in Lambda is refused before its image is built; code in doubt is not."""

from pathlib import Path

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.images.api_handler import require_working_handler
from pipeline.images.lock_file import read_lock

WITH_CLIENT = ["mangum", "awslambdaric"]


def check(
    folder: Path, *files: tuple[str, str], handler: str = "main.handler", lock: list[str] | None = None
):
    for name, text in files:
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text)
    require_working_handler(folder, handler, WITH_CLIENT if lock is None else lock, "source api at 12345")


@pytest.mark.parametrize("example", ["api", "api-wsgi", "api-database"])
def test_the_examples_are_taken(example):
    folder = ROOT / "examples" / example
    names = [requirement.name for requirement in read_lock(folder / "requirements.lock")]
    require_working_handler(folder, "main.handler", names, "source api at 12345")


def test_a_lock_without_the_runtime_client_is_refused(tmp_path):
    with pytest.raises(TandemError, match="lock has no awslambdaric") as caught:
        check(tmp_path, ("main.py", "def handler(event, context): ..."), lock=["mangum"])
    assert "uv pip compile" in caught.value.hint


def test_a_client_in_the_source_itself_is_taken(tmp_path):
    files = ("awslambdaric/__init__.py", ""), ("main.py", "def handler(event, context): ...")
    check(tmp_path, *files, lock=["mangum"])


def test_an_api_that_only_runs_as_tasks_needs_no_client(tmp_path):
    check(tmp_path, ("main.py", "app = 1"), lock=["uvicorn"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "def other(event, context): ...",
        "class Api:\n    def handler(self): ...",
        "def make():\n    handler = 1",
        "import app as application",
    ],
)
def test_a_handler_that_the_module_does_not_have_is_named(tmp_path, text):
    with pytest.raises(TandemError, match=r"main.py has no 'handler', which handler 'main.handler' names"):
        check(tmp_path, ("main.py", text))


@pytest.mark.parametrize(
    "text",
    [
        "def handler(event, context): ...",
        "async def handler(event, context): ...",
        "handler = lambda event, context: 1",
        "handler: object = print",
        "from app import handler",
        "from app import work as handler",
        "from app import *",
        "import app.handler as handler",
        "try:\n    from app import handler\nexcept ImportError:\n    pass",
        "if True:\n    handler = print",
        "with open('x') as handler: ...",
        "for handler in [print]: ...",
        "other, handler = 1, print",
        "other = (handler := print)",
        "globals()['handler'] = print",
        "def make():\n    global handler\n    handler = print\nmake()",
        "import sys\nsetattr(sys.modules[__name__], 'handler', print)",
        "def __getattr__(name): return print",
        "match 1:\n    case 1:\n        handler = print",
        "class handler: ...",
        "this is no python",
        "\0",
        "(" * 5000,
        "if a: pass\n" + "elif a: pass\n" * 2000,
        f"handler = a{'.b' * 2000}()",
        f"handler = a{'()' * 2000}",
        f"handler = {'-' * 2000}a",
        f"from {'a' * 300} import b as handler",
        f"import {'a' * 300}\nhandler = {'a' * 300}.b()",
        f"from {'a.' * 3000}b import c as handler",
        f"from {'.' * 300}a import c as handler",
    ],
)
def test_a_handler_that_the_module_may_have_is_taken(tmp_path, text):
    check(tmp_path, ("main.py", text))


def test_a_module_of_many_names_makes_a_short_message(tmp_path):
    with pytest.raises(TandemError, match=r"it has n0, n1, .*…") as caught:
        check(tmp_path, ("main.py", "".join(f"n{number} = 1\n" for number in range(5000))))
    assert len(caught.value.message) < 600


def test_a_submodule_may_be_the_handler(tmp_path):
    check(tmp_path, ("main/__init__.py", ""), ("main/handler.py", ""))


FLASK = "from flask import Flask\napp = Flask(__name__)\n"
MANGUM = "from mangum import Mangum\n"
WSGI_UNDER_ASGI = [
    (("main.py", f"{FLASK}{MANGUM}handler = Mangum(app, lifespan='off')"),),
    (("main.py", f"{FLASK}{MANGUM}handler = Mangum(app=app)"),),
    (("main.py", "import flask, mangum\nhandler = mangum.Mangum(flask.Flask('x'))"),),
    (("main.py", "import flask as f\nimport mangum as m\nsite = f.Flask('x')\nhandler = m.Mangum(site)"),),
    (("web.py", FLASK), ("main.py", f"from web import app\n{MANGUM}handler = Mangum(app)")),
    (("web/__init__.py", FLASK), ("main.py", f"from web import app as site\n{MANGUM}handler = Mangum(site)")),
    (
        ("shop/__init__.py", ""),
        ("shop/web.py", FLASK),
        ("shop/main.py", f"from .web import app\n{MANGUM}handler = Mangum(app)"),
        ("main.py", "from shop.main import handler"),
    ),
    (
        ("web.py", "from flask import Flask\ndef create():\n    app = Flask('x')\n    return app"),
        ("main.py", f"from web import create\n{MANGUM}app = create()\nhandler = Mangum(app)"),
    ),
    (
        (
            "main.py",
            f"from django.core.wsgi import get_wsgi_application as get\n{MANGUM}handler = Mangum(get())",
        ),
    ),
    (("main.py", f"import bottle\n{MANGUM}handler = Mangum(bottle.default_app())"),),
    (("main.py", f"import falcon\n{MANGUM}handler = Mangum(falcon.App())"),),
]


@pytest.mark.parametrize("files", WSGI_UNDER_ASGI)
def test_a_wsgi_application_under_an_asgi_adapter_is_refused(tmp_path, files):
    with pytest.raises(TandemError, match="which is for ASGI, with an application of WSGI") as caught:
        check(tmp_path, *files)
    assert "a2wsgi.WSGIMiddleware" in caught.value.hint


def test_an_asgi_application_under_a_wsgi_adapter_is_refused(tmp_path):
    text = "from fastapi import FastAPI\nfrom apig_wsgi import make_lambda_handler\n"
    with pytest.raises(TandemError, match="which is for WSGI, with an application of ASGI"):
        check(tmp_path, ("main.py", f"{text}handler = make_lambda_handler(FastAPI())"))


@pytest.mark.parametrize(
    ("text", "interface"),
    [(FLASK, "WSGI"), ("import fastapi\napp = fastapi.FastAPI()", "ASGI")],
)
def test_an_application_is_no_handler(tmp_path, text, interface):
    with pytest.raises(TandemError, match=f"'main.app' is the {interface} application itself"):
        check(tmp_path, ("main.py", text), handler="main.app")


@pytest.mark.parametrize(
    "text",
    [
        f"{FLASK}{MANGUM}from a2wsgi import WSGIMiddleware\nhandler = Mangum(WSGIMiddleware(app))",
        f"{FLASK}{MANGUM}from asgiref.wsgi import WsgiToAsgi\napp = WsgiToAsgi(app)\nhandler = Mangum(app)",
        f"{FLASK}from apig_wsgi import make_lambda_handler\nhandler = make_lambda_handler(app)",
        f"from fastapi import FastAPI\n{MANGUM}handler = Mangum(FastAPI())",
        f"import falcon.asgi\n{MANGUM}handler = Mangum(falcon.asgi.App())",
        f"from mine import Flask\n{MANGUM}handler = Mangum(Flask())",
        f"class Flask: ...\n{MANGUM}handler = Mangum(Flask())",
        f"{FLASK}from mine import Mangum\nhandler = Mangum(app)",
        f"import os\n{FLASK}{MANGUM}if os.environ:\n    app = 1\nhandler = Mangum(app)",
        f"{MANGUM}from mine import app\nhandler = Mangum(app)",
        f"{MANGUM}app = app\nhandler = Mangum(app)",
        f"{MANGUM}def make(): return make()\nhandler = Mangum(make())",
        f"{FLASK}{MANGUM}def make():\n    if app: return app\n    return 1\nhandler = Mangum(make())",
        f"{MANGUM}handler = Mangum()",
    ],
)
def test_what_works_or_may_work_is_taken(tmp_path, text):
    check(tmp_path, ("main.py", text))
