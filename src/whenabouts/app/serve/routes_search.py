"""Searching: by words, by a moment, by a picture; and the heat of a query over one video."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from whenabouts.app.serve.answers import HeatAnswer, SearchAnswer
from whenabouts.app.serve.forms import LikeForm, SearchForm, VideoId, Words
from whenabouts.app.serve.names import find_moment, find_video
from whenabouts.app.serve.problems import Json, told
from whenabouts.app.serve.shelf import Shelf, no_words, search_json, search_settings
from whenabouts.app.serve.wiring import shelf_of
from whenabouts.errors import InputError
from whenabouts.library.about import video_of
from whenabouts.library.filters import Filters

router = APIRouter(prefix="/api/v1", tags=["search"])
ShelfHere = Annotated[Shelf, Depends(shelf_of)]
PICTURE_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp")


@router.post(
    "/search",
    operation_id="search",
    summary="Find moments by words",
    responses={200: {"model": SearchAnswer}, **told(400, 404, 422)},
)
async def search(form: SearchForm, shelf: ShelfHere) -> Response:
    """Moments that fit a description, best first; empty with a reason when nothing does."""
    begun_s = time.monotonic()
    shelf.know(form.refine)

    def work() -> dict[str, Any]:
        try:
            found = shelf.library.search(
                form.query,
                limit=form.limit,
                filters=form.filters.filters(),
                settings=search_settings(form),
            )
        except InputError as error:
            found = no_words(form.query, error)
        found, notes = _refined(shelf, form.refine, found)
        return search_json(found, pictures=form.pictures, curves=form.curves, notes=notes)

    answer = await shelf.run(lambda: shelf.remembered(("search", form.model_dump_json()), work))
    return _timed(answer, begun_s)


def _refined(shelf: Shelf, model: str, found: Any) -> tuple[Any, tuple[str, ...]]:
    if not model or not found:
        return found, ()
    from whenabouts.library.refine import refine

    return refine(found, shelf.watchers.watcher(model))


@router.post(
    "/search/like",
    operation_id="searchLike",
    summary="Find moments that look like one of the library",
    responses={200: {"model": SearchAnswer}, **told(400, 404, 409, 415, 422)},
)
async def search_like(form: LikeForm, shelf: ShelfHere) -> Response:
    """More like this; the moment itself is no answer."""
    begun_s = time.monotonic()

    def work() -> dict[str, Any]:
        found = shelf.library.like(
            find_moment(shelf.library, form.moment),
            limit=form.limit,
            filters=form.filters.filters(),
            settings=search_settings(form),
        )
        return search_json(found, pictures=form.pictures, curves=form.curves)

    answer = await shelf.run(lambda: shelf.remembered(("like", form.model_dump_json()), work))
    return _timed(answer, begun_s)


@router.post(
    "/search/image",
    operation_id="searchImage",
    summary="Find moments that look like a picture",
    responses={200: {"model": SearchAnswer}, **told(400, 413, 415, 422)},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}} for kind in PICTURE_TYPES
            },
        }
    },
)
async def search_image(
    request: Request,
    shelf: ShelfHere,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    pictures: Annotated[bool, Query(description="Send the JPEG of each moment along.")] = False,
) -> Response:
    """The body is the picture itself: JPEG, PNG, WebP, GIF or BMP."""
    begun_s = time.monotonic()
    data = await request.body()

    def work() -> dict[str, Any]:
        with tempfile.TemporaryDirectory(prefix="whenabouts-") as folder:
            file = Path(folder) / "picture"
            file.write_bytes(data)
            found = shelf.library.like(file, limit=limit, filters=Filters())
        return search_json(found, pictures=pictures, curves=True)

    return _timed(await shelf.run(work), begun_s)


@router.get(
    "/videos/{video}/heat",
    operation_id="heat",
    summary="How well words fit over the time of one video",
    responses={200: {"model": HeatAnswer}, **told(404, 422)},
)
async def heat(video: VideoId, q: Annotated[Words, Query()], shelf: ShelfHere) -> Response:
    """The curve behind the timeline of the player, and the moments inside this video."""

    def work() -> dict[str, Any]:
        row = find_video(shelf.library, video)
        try:
            moments = shelf.library.locate(q, video_of(row))
        except InputError:
            moments = []
        curve = next((moment.curve for moment in moments if moment.curve is not None), None)
        return {
            "query": q,
            "curve": None if curve is None else curve.to_json(),
            "moments": [{**moment.to_json(), "curve": None} for moment in moments],
        }

    return Json(await shelf.run(lambda: shelf.remembered(("heat", video, q), work)))


def _timed(answer: dict[str, Any], begun_s: float) -> Response:
    took_ms = round((time.monotonic() - begun_s) * 1000, 2)
    return Json({**answer, "took_ms": took_ms})
