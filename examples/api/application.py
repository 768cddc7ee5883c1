"""The ASGI application: the console, the catalogue, and what shows the way through the load balancer."""

import os

from catalogue.echo import router as echo
from catalogue.web import router as catalogue
from console import problems
from console.observe import RequestLog, to_stdout
from console.web import router as console
from console.web_builds import router as builds
from fastapi import FastAPI

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
for router in (console, builds, catalogue, echo):
    app.include_router(router)
app.add_middleware(RequestLog)
# What a server can do. Lambda answers when the function returns, so `main` changes both.
app.state.streams = True
app.state.longest_wait = 20.0
# Names of people are for those who see the page on their own machine.
app.state.shows_names = False
