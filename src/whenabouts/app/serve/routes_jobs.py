"""Jobs: their list, how far they are (as a stream of events), and how to stop them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response, StreamingResponse

from whenabouts.app.serve.answers import JobAnswer, JobsAnswer
from whenabouts.app.serve.jobs import ENDED, Job, Jobs
from whenabouts.app.serve.problems import Json, problem, told
from whenabouts.app.serve.shelf import Shelf
from whenabouts.app.serve.wiring import jobs_of, shelf_of

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])
JobId = Annotated[
    str,
    Path(
        pattern="^[0-9a-f]{16}$",
        examples=["00ff00ff00ff00ff"],
        json_schema_extra={"format": "job-id"},
    ),
]
JobsHere = Annotated[Jobs, Depends(jobs_of)]
_LOOK_S = 0.05
"""So often news of a job are looked for; a person cannot tell it from at once."""
_ALIVE_S = 15.0
"""Something is sent at least so often, or proxies close a silent line."""


def events_of(*names: str) -> dict[str, Any]:
    """What a stream holds, for the schema, an event at a time; its data are a line of JSON."""
    one = {
        "type": "object",
        "required": ["event", "data"],
        "properties": {
            "event": {"enum": list(names)},
            "data": {"type": "string", "contentMediaType": "application/json"},
        },
    }
    return {"text/event-stream": {"schema": one}}


@router.get(
    "",
    operation_id="jobs",
    summary="The latest jobs",
    responses={200: {"model": JobsAnswer}, **told(422)},
)
async def jobs(jobs: JobsHere, limit: Annotated[int, Query(ge=1, le=500)] = 50) -> Response:
    """Newest first."""
    return Json({"jobs": [job.to_json() for job in jobs.latest(limit)]})


@router.get(
    "/{job}",
    operation_id="job",
    summary="One job",
    responses={200: {"model": JobAnswer}, **told(404, 422)},
)
async def one(job: JobId, jobs: JobsHere) -> Response:
    """How far it is, and its result when it is done."""
    return Json(jobs.get(job).to_json())


@router.post(
    "/{job}/cancel",
    operation_id="cancelJob",
    summary="Stop a job",
    responses={200: {"model": JobAnswer}, **told(404, 422)},
)
async def cancel(job: JobId, jobs: JobsHere) -> Response:
    """What was committed stays. A job that has ended stays as it is."""
    return Json(jobs.cancel(job).to_json())


@router.get(
    "/{job}/events",
    operation_id="jobEvents",
    summary="How a job goes on, as server-sent events",
    response_class=StreamingResponse,
    responses={
        200: {
            "content": events_of("progress", "end"),
            "description": "Events `progress` and `end`.",
        },
        **told(404, 422),
    },
)
async def events(
    job: JobId, jobs: JobsHere, shelf: Annotated[Shelf, Depends(shelf_of)]
) -> Response:
    """Each event holds the job as it then is. `end` is the last one."""
    return StreamingResponse(
        _events(jobs.get(job), shelf),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no"},
    )


async def _events(job: Job, shelf: Shelf) -> AsyncIterator[str]:
    seen, silent_s = -1, 0.0
    while not shelf.closing.is_set():
        if job.version != seen:
            seen, silent_s = job.version, 0.0
            ended = job.state in ENDED
            yield event("end" if ended else "progress", job.to_json())
            if ended:
                return
        await asyncio.sleep(_LOOK_S)
        silent_s += _LOOK_S
        if silent_s > _ALIVE_S:
            silent_s = 0.0
            yield ": still here\n\n"


def event(name: str, value: dict[str, Any]) -> str:
    """One server-sent event. JSON without line breaks is one line of data."""
    return f"event: {name}\ndata: {json.dumps(value)}\n\n"


async def waited(job: Job, wait_s: float) -> Response:
    """The result of a job that ends soon, its problem, or the job itself with 202."""
    waited_s = 0.0
    while waited_s < wait_s and not job.over.is_set():
        await asyncio.sleep(_LOOK_S / 5)
        waited_s += _LOOK_S / 5
    where = {"location": f"/api/v1/jobs/{job.id}"}
    if job.state == "done" and job.result is not None:
        return Json(job.result, headers=where)
    if job.state == "failed" and job.error is not None:
        return problem(job.error["status"], job.error["detail"], job.error["kind"], headers=where)
    return Json(job.to_json(), 202, where)
