"""The ASGI application: the console, the catalogue, and what shows the way through the load balancer."""

import os

from catalogue.echo import router as echo
from catalogue.web import router as catalogue
from console import document, problems
from console.limits import AnswerLimit, RequestLimit
from console.observe import RequestLog, to_stdout
from console.web import router as console
from console.web_builds import router as builds
from console.web_exports import router as exports
from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

app = FastAPI(
    title="Tandem",
    docs_url=None,
    redoc_url=None,
    openapi_url="/api/openapi.json",
    responses=problems.RESPONSES,
)


@app.get("/api/health")
def health() -> dict[str, str]:
    """Answers while the API works; says which version of the function answered."""
    return {"status": "ok", "version": os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "unknown")}


to_stdout()
problems.install(app)
document.install(app)
for router in (console, builds, exports, catalogue, echo):
    app.include_router(router)
# The last one is the outermost.
for middleware in (GZipMiddleware, AnswerLimit, RequestLimit, RequestLog):
    app.add_middleware(middleware)
# What a server can do. Lambda answers when the function returns and so much at most, so `main` changes these.
app.state.streams = True
app.state.limits_answers = False
app.state.longest_wait = 20.0
# Names of people are for those who see the page on their own machine.
app.state.shows_names = False
