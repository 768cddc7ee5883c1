"""The routes of files that are too large for an answer of a function: a link to each, valid for minutes."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request, Response
from fastapi.responses import RedirectResponse

from console.answers import answer
from console.objects import connect

router = APIRouter(prefix="/api")
_FOLDER = "exports/"
_KINDS = {"csv": "text/csv", "json": "application/json"}
_OTHER = "application/octet-stream"

Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", examples=["records.csv"])]


@router.get("/exports")
def exports(request: Request) -> Response:
    """The files that can be fetched; `tandem records export --publish` writes them."""
    names = [key.removeprefix(_FOLDER) for key in connect().keys(_FOLDER)]
    return answer(request, {"exports": [{"name": name, "path": f"/api/exports/{name}"} for name in names]})


@router.get(
    "/exports/{name}",
    response_class=Response,
    responses={
        200: {"description": "The file.", "content": {kind: {} for kind in (*_KINDS.values(), _OTHER)}},
        307: {"description": "A link of S3."},
    },
)
def export(name: Name) -> Response:
    """A file: a link of S3 that is valid for five minutes, or the file where the releases are in a folder."""
    key = f"{_FOLDER}{name}"
    if key not in connect().keys(_FOLDER):
        raise HTTPException(404, f"There is no export {name}.")
    if link := connect().link(key):
        return RedirectResponse(link, headers={"Cache-Control": "no-store"})
    data = connect().read(key)
    if data is None:
        raise HTTPException(404, f"There is no export {name} any more.")
    kind = _KINDS.get(name.rpartition(".")[2], _OTHER)
    return Response(data, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
