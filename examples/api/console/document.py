"""The OpenAPI document: what FastAPI knows of the routes, with the shapes of the console's answers.

The routes make their JSON themselves, so FastAPI knows no shape of it. The shapes are models that only the
document needs: a cold start does not import them.
"""

from typing import Any

from fastapi import FastAPI

_REF = "#/components/schemas/{model}"
_JSON, _PROBLEM, _STREAM = "application/json", "application/problem+json", "text/event-stream"
_TAG = {"ETag": {"description": "Names this answer for If-None-Match.", "schema": {"type": "string"}}}
_RETRY = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}

Document = dict[str, Any]


def install(app: FastAPI) -> None:
    """Let the application answer with the described document."""

    def openapi() -> Document:
        if not app.openapi_schema:
            app.openapi_schema = described(FastAPI.openapi(app))
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's manual shows it


def described(document: Document) -> Document:
    """The document with the shapes of answers and errors."""
    from pydantic.json_schema import models_json_schema  # noqa: PLC0415 - for the document only

    from console import measured_schemas, schemas  # noqa: PLC0415

    answers = {
        "/api/status": schemas.Status,
        "/api/environments": schemas.Environments,
        "/api/releases": schemas.Releases,
        "/api/releases/{number}": schemas.Release,
        "/api/releases/{number}/diff/{other}": schemas.Diff,
        "/api/events": schemas.Events,
        "/api/builds": measured_schemas.Builds,
        "/api/builds/trend": measured_schemas.Trends,
        "/api/comparisons": measured_schemas.Comparisons,
        "/api/queue": schemas.Queue,
        "/api/exports": schemas.Exports,
    }
    models = [(model, "validation") for model in (*answers.values(), schemas.Problem)]
    _, shapes = models_json_schema(models, ref_template=_REF)
    document.setdefault("components", {}).setdefault("schemas", {}).update(shapes["$defs"])
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _describe_errors(path, operation, reads=path in answers)
    for path, model in answers.items():
        _describe(document["paths"][path]["get"]["responses"], model.__name__)
    stream = {"schema": {"type": "string", "description": "Server-sent events; the data of each is JSON."}}
    document["paths"]["/api/events"]["get"]["responses"]["200"]["content"][_STREAM] = stream
    return document


def _describe(responses: Document, model: str) -> None:
    responses["200"]["content"] = {_JSON: {"schema": {"$ref": _REF.format(model=model)}}}
    responses["200"]["headers"] = _TAG
    responses["304"] = {"description": "The client has this answer already.", "headers": _TAG}


def _describe_errors(path: str, operation: Document, *, reads: bool) -> None:
    """Each error with its reason; the others of its class are problems, too."""
    responses, parameters = operation["responses"], operation.get("parameters", ())
    if "{" in path and "/echo/" not in path:
        responses["404"] = _problem("There is no such thing.")
    if any(each["name"] == "cursor" for each in parameters):
        responses["400"] = _problem("The cursor is not one that this API gave out.")
    if parameters or "requestBody" in operation:
        responses["422"] = _problem("A parameter or the body is not allowed.")
    if "requestBody" in operation:
        responses["413"] = _problem("The body has more than 1 MiB.")
    if reads:
        responses["502"] = _problem("The answer is too large for a function.")
        responses["503"] = {**_problem("Releases or records cannot be read now."), "headers": _RETRY}


def _problem(description: str) -> Document:
    return {
        "description": description,
        "content": {_PROBLEM: {"schema": {"$ref": _REF.format(model="Problem")}}},
    }
