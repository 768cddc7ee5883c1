"""The site on this machine: the API, and the example's page and assets where they lie beside it.

`tandem console` serves it on loopback. It answers to loopback's names only: a page of another site could
otherwise reach it by a host name that leads here.
"""

from pathlib import Path

from application import app
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

_EXAMPLES = Path(__file__).resolve().parent.parent

app.state.shows_names = True
app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
for path, folder in (("/static", _EXAMPLES / "static"), ("/", _EXAMPLES / "app" / "html")):
    if folder.is_dir():
        app.mount(path, StaticFiles(directory=folder, html=True))
