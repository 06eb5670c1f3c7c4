"""Videos: their list, their bytes, their pictures, and what is said in them."""

from __future__ import annotations

import base64
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import FileResponse, PlainTextResponse, Response

from whenabouts.app.cutting import as_vtt
from whenabouts.app.serve.answers import (
    FileAnswer,
    ShotsAnswer,
    SpriteAnswer,
    TextsAnswer,
    VideosAnswer,
)
from whenabouts.app.serve.files import readable_file, type_of
from whenabouts.app.serve.forms import Seconds, VideoId
from whenabouts.app.serve.names import find_video
from whenabouts.app.serve.pictures import picture_at, sprite_of
from whenabouts.app.serve.problems import Json, told
from whenabouts.app.serve.shelf import Shelf
from whenabouts.app.serve.wiring import shelf_of
from whenabouts.library.about import video_of
from whenabouts.library.filters import Filters, kept
from whenabouts.store.rows import VideoRow
from whenabouts.types import Moment, Span

router = APIRouter(prefix="/api/v1/videos", tags=["videos"])
ShelfHere = Annotated[Shelf, Depends(shelf_of)]
A_DAY = {"cache-control": "private, max-age=86400, immutable"}
"""For what the id of a video names wholly."""
SPOKEN = ("speech", "subtitle")
JPEG: dict[str, Any] = {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}


def file_json(row: VideoRow) -> dict[str, Any]:
    """A file of the library."""
    return {
        "id": row.id,
        "path": row.path,
        "name": Path(row.path).name,
        "duration_s": row.duration_s,
        "fps": row.fps,
        "width": row.width,
        "height": row.height,
        "kind": row.kind,
        "status": row.status,
        "reason": row.reason,
        "size": row.size,
        "added_s": row.added_s,
        "created_s": row.created_s,
        "passes": list(row.passes),
        "langs": list(row.langs),
        "has_speech": row.has_speech,
    }


@router.get(
    "",
    operation_id="videos",
    summary="The files of the library",
    responses={200: {"model": VideosAnswer}, **told(422)},
)
async def videos(
    shelf: ShelfHere,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    name: Annotated[str, Query(max_length=200, description="Part of the name.")] = "",
    sort: Annotated[str, Query(pattern="^(added|name|length|created)$")] = "added",
) -> Response:
    """Those that can be shown, copies left out, the newest first unless `sort` says otherwise."""

    def work() -> dict[str, Any]:
        rows = list({row.id: row for row in kept(shelf.library.videos(), Filters())}.values())
        if name:
            rows = [row for row in rows if name.lower() in Path(row.path).name.lower()]
        rows.sort(key=lambda row: _order(row, sort))
        page = rows[offset : offset + limit]
        return {"total": len(rows), "videos": [file_json(row) for row in page]}

    return Json(await shelf.run(work))


def _order(row: VideoRow, sort: str) -> tuple[float, str]:
    name = Path(row.path).name.lower()
    if sort == "name":
        return 0.0, name
    if sort == "length":
        return -row.duration_s, name
    created_s = row.mtime_ns / 1e9 if row.created_s is None else row.created_s
    return -(row.added_s if sort == "added" else created_s), name


@router.get(
    "/{video}",
    operation_id="video",
    summary="One file of the library",
    responses={200: {"model": FileAnswer}, **told(404, 422)},
)
async def one(video: VideoId, shelf: ShelfHere) -> Response:
    """By its id."""
    return Json(await shelf.run(lambda: file_json(find_video(shelf.library, video))))


@router.get(
    "/{video}/file",
    operation_id="videoFile",
    summary="The bytes of a video",
    response_class=FileResponse,
    responses={
        200: {
            "description": "All of it.",
            "content": {"video/*": {}, "audio/*": {}, "image/*": {}},
        },
        206: {"description": "The ranges that were asked for."},
        400: {"description": "A range that cannot be read.", "content": {"text/plain": {}}},
        416: {"description": "A range behind the end.", "content": {"text/plain": {}}},
        **told(404, 422),
    },
)
async def file(video: VideoId, shelf: ShelfHere) -> Response:
    """Answers byte ranges, so that a player can seek."""
    path, found = await shelf.run(partial(readable_file, shelf.library, video))
    headers = {
        "content-security-policy": "default-src 'none'; sandbox",
        "cache-control": "private, max-age=3600",
        "content-disposition": "inline",
    }
    return FileResponse(path, 200, headers, type_of(path), stat_result=found)


router.head("/{video}/file", include_in_schema=False)(file)


@router.get(
    "/{video}/picture",
    operation_id="videoPicture",
    summary="A picture of a video at a time",
    responses={200: {"content": JPEG, "description": "A JPEG."}, **told(404, 415, 422)},
)
async def picture(
    video: VideoId,
    shelf: ShelfHere,
    t: Annotated[Seconds, Query(description="Seconds from the first shown frame.")] = 0.0,
    exact: Annotated[bool, Query(description="The very frame, decoded now.")] = False,
) -> Response:
    """The small picture of the shot, or with `exact` the frame itself, larger."""
    data = await shelf.draw(partial(picture_at, shelf, video, t, exact=exact))
    return Response(data, 200, A_DAY, "image/jpeg")


@router.get(
    "/{video}/sprite",
    operation_id="videoSprite",
    summary="Small pictures of a video in a grid",
    responses={200: {"content": JPEG, "description": "A JPEG."}, **told(404, 415, 422)},
)
async def sprite(video: VideoId, shelf: ShelfHere) -> Response:
    """`sprite.json` says how to read it."""
    data, _ = await shelf.draw(partial(sprite_of, shelf, video))
    return Response(data, 200, A_DAY, "image/jpeg")


@router.get(
    "/{video}/sprite.json",
    operation_id="videoSpriteTiles",
    summary="How to read the sprite of a video",
    responses={200: {"model": SpriteAnswer}, **told(404, 415, 422)},
)
async def sprite_tiles(video: VideoId, shelf: ShelfHere) -> Response:
    """Where the picture of each shot lies."""
    _, tiles = await shelf.draw(partial(sprite_of, shelf, video))
    return Json(tiles, headers=A_DAY)


@router.get(
    "/{video}/shots",
    operation_id="videoShots",
    summary="The shots of a video with their pictures",
    responses={200: {"model": ShotsAnswer}, **told(404, 422)},
)
async def shots(video: VideoId, shelf: ShelfHere) -> Response:
    """In order of time."""

    def work() -> dict[str, Any]:
        known = video_of(find_video(shelf.library, video))
        return {
            "shots": [
                {
                    "start_s": row.start_s,
                    "end_s": row.end_s,
                    "time_s": row.time_s,
                    "picture": base64.b64encode(row.jpeg).decode("ascii"),
                }
                for row in shelf.library.pictures(known)
            ]
        }

    return Json(await shelf.run(work), headers=A_DAY)


@router.get(
    "/{video}/texts",
    operation_id="videoTexts",
    summary="What is said, shown and named in a video",
    responses={200: {"model": TextsAnswer}, **told(404, 422)},
)
async def texts(video: VideoId, shelf: ShelfHere) -> Response:
    """In order of time."""

    def work() -> dict[str, Any]:
        known = video_of(find_video(shelf.library, video))
        return {
            "texts": [
                {
                    "start_s": row.start_s,
                    "end_s": row.end_s,
                    "channel": row.channel,
                    "lang": row.lang,
                    "text": row.text,
                }
                for row in shelf.library.texts(known)
            ]
        }

    return Json(await shelf.run(work))


@router.get(
    "/{video}/captions.vtt",
    operation_id="videoCaptions",
    summary="What is said in a video, as a track for a player",
    response_class=PlainTextResponse,
    responses={200: {"content": {"text/vtt": {}}, "description": "WebVTT."}, **told(404, 422)},
)
async def captions(
    video: VideoId,
    shelf: ShelfHere,
) -> Response:
    """Subtitles of the file and recognised speech."""

    def work() -> str:
        known = video_of(find_video(shelf.library, video))
        lines = [
            Moment(known, Span(row.start_s, row.end_s), 0.0, row.text)
            for row in shelf.library.texts(known)
            if row.channel in SPOKEN
        ]
        return as_vtt(lines, "")

    text = await shelf.run(work)
    return Response(text.encode("utf-8", "replace"), 200, A_DAY, "text/vtt; charset=utf-8")
