"""The library: how it stands, filling it, uploads; and how the server itself stands."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import PlainTextResponse, Response

from whenabouts import __version__
from whenabouts.app.serve.answers import HealthAnswer, JobAnswer, LibraryAnswer, UploadAnswer
from whenabouts.app.serve.figures import Figures
from whenabouts.app.serve.forms import IndexForm
from whenabouts.app.serve.jobs import Jobs
from whenabouts.app.serve.lanes import Lanes
from whenabouts.app.serve.problems import Json, told
from whenabouts.app.serve.shelf import Shelf
from whenabouts.app.serve.uploads import taken
from whenabouts.app.serve.wiring import figures_of, jobs_of, lanes_of, shelf_of
from whenabouts.app.status_json import status_json

router = APIRouter(prefix="/api/v1")
ShelfHere = Annotated[Shelf, Depends(shelf_of)]
LanesHere = Annotated[Lanes, Depends(lanes_of)]
FiguresHere = Annotated[Figures, Depends(figures_of)]
BYTES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get(
    "/health",
    operation_id="health",
    tags=["server"],
    summary="Whether the server works",
    responses={200: {"model": HealthAnswer}},
)
async def health(figures: FiguresHere) -> Response:
    """Answered without touching the library."""
    uptime_s = round(time.time() - figures.started_s, 1)
    return Json({"status": "ok", "version": __version__, "uptime_s": uptime_s})


@router.get(
    "/metrics",
    operation_id="metrics",
    tags=["server"],
    summary="Counts and times, for Prometheus",
    response_class=PlainTextResponse,
)
async def metrics(
    figures: FiguresHere, shelf: ShelfHere, jobs: Annotated[Jobs, Depends(jobs_of)]
) -> Response:
    """Text format 0.0.4."""
    gauges = {f'whenabouts_jobs{{state="{k}"}}': float(n) for k, n in jobs.counts().items()}
    gauges["whenabouts_library_commit"] = float(await shelf.run(lambda: shelf.library.commit))
    return PlainTextResponse(figures.text(gauges))


@router.get(
    "/library",
    operation_id="library",
    tags=["library"],
    summary="How the library stands",
    responses={200: {"model": LibraryAnswer}, **told(503)},
)
async def library(shelf: ShelfHere) -> Response:
    """Counts, what is still to do, and every failure with its reason."""
    return Json(await shelf.run(lambda: status_json(shelf.library.status())))


@router.post(
    "/library/index",
    operation_id="index",
    tags=["library"],
    summary="Make folders and files searchable",
    status_code=202,
    responses={202: {"model": JobAnswer}, **told(400, 422, 429)},
)
async def index(form: IndexForm, lanes: LanesHere) -> Response:
    """A job. Unchanged files cost nothing, and a run that was cut off goes on."""
    job = lanes.add("index", form.model_dump(mode="json"), once=True)
    return Json(job.to_json(), 202, {"location": f"/api/v1/jobs/{job.id}"})


@router.post(
    "/library/prune",
    operation_id="prune",
    tags=["library"],
    summary="Forget files that are gone",
    status_code=202,
    responses={202: {"model": JobAnswer}, **told(429)},
)
async def prune(lanes: LanesHere) -> Response:
    """A job; the files on disk are never touched."""
    job = lanes.add("prune", {}, once=True)
    return Json(job.to_json(), 202, {"location": f"/api/v1/jobs/{job.id}"})


@router.post(
    "/uploads",
    operation_id="upload",
    tags=["library"],
    summary="Add a video by sending it",
    status_code=202,
    responses={202: {"model": UploadAnswer}, **told(400, 413, 415, 422, 429, 507)},
    openapi_extra=BYTES,
)
async def upload(
    request: Request,
    shelf: ShelfHere,
    lanes: LanesHere,
    name: Annotated[str, Query(min_length=1, max_length=255, description="Name of the file.")],
) -> Response:
    """The body is the file. It is opened before it is kept; then a job makes it searchable."""
    video = await taken(request, name, shelf)
    form = IndexForm(paths=[str(video.path)])
    job = lanes.add("index", form.model_dump(mode="json"), once=True)
    where = {"location": f"/api/v1/jobs/{job.id}"}
    return Json({"video": video.to_json(), "job": job.to_json()}, 202, where)
