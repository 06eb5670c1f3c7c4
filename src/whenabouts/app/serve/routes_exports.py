"""Moments as files: written by a job, fetched by name."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from starlette.responses import FileResponse, Response

from whenabouts.app.serve.answers import ExportAnswer, JobAnswer
from whenabouts.app.serve.files import inside
from whenabouts.app.serve.forms import ExportForm
from whenabouts.app.serve.lanes import Lanes
from whenabouts.app.serve.names import find_moment
from whenabouts.app.serve.problems import NotFoundError, told
from whenabouts.app.serve.routes_jobs import JobId, waited
from whenabouts.app.serve.shelf import FOLDER, Shelf
from whenabouts.app.serve.wiring import lanes_of, shelf_of
from whenabouts.app.serve.work_exports import PLACE

router = APIRouter(prefix="/api/v1/exports", tags=["exports"])
ShelfHere = Annotated[Shelf, Depends(shelf_of)]
TYPES = {
    "mp4": "video/mp4",
    "csv": "text/csv; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
    "otio": "application/json",
    "edl": "text/plain; charset=utf-8",
    "fcpxml": "application/xml",
}
FILE: dict[str, Any] = {
    kind.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
    for kind in TYPES.values()
}


@router.post(
    "",
    operation_id="export",
    summary="Take moments elsewhere",
    responses={
        200: {"model": ExportAnswer},
        202: {"model": JobAnswer, "description": "Not ready yet: the job."},
        **told(400, 404, 409, 415, 422, 429, 500),
    },
)
async def export(
    form: ExportForm, shelf: ShelfHere, lanes: Annotated[Lanes, Depends(lanes_of)]
) -> Response:
    """Clips, CSV, WebVTT chapters, OTIO, EDL or FCPXML; the answer says where the files are."""
    names = dict.fromkeys(form.moments)
    await shelf.run(lambda: [find_moment(shelf.library, name) for name in names])
    request = form.model_dump(mode="json", exclude={"wait_s"})
    return await waited(lanes.add("export", request), form.wait_s)


@router.get(
    "/{job}/{name}",
    operation_id="exportFile",
    summary="A file that an export wrote",
    response_class=FileResponse,
    responses={
        200: {"content": FILE, "description": "The file."},
        206: {"description": "The ranges that were asked for."},
        400: {"description": "A range that cannot be read.", "content": {"text/plain": {}}},
        416: {"description": "A range behind the end.", "content": {"text/plain": {}}},
        **told(404, 422),
    },
)
async def file(
    job: JobId, name: Annotated[str, Path(min_length=1, max_length=255)], shelf: ShelfHere
) -> Response:
    """Kept for a day."""
    folder = shelf.library.path / FOLDER / PLACE / job
    if not folder.is_dir():
        raise NotFoundError(f"there is no export {job}, or it is older than a day")
    found = await shelf.run(partial(inside, folder, name))
    kind = TYPES.get(found.suffix.lstrip("."), "application/octet-stream")
    headers = {"content-security-policy": "default-src 'none'; sandbox"}
    return FileResponse(found, 200, headers, kind, filename=found.name)
