"""The page: a handful of files of the package, read once, named in a table, never by a path."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path as Place

from fastapi import APIRouter, Request
from starlette.responses import Response

from whenabouts.app.serve.problems import NotFoundError

HOME = Place(__file__).parents[1] / "web"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/manifest+json",
}


@dataclass(frozen=True, slots=True)
class _Asset:
    body: bytes
    packed: bytes
    kind: str
    mark: str


def assets(home: Place = HOME) -> dict[str, _Asset]:
    """Every file of the page by name."""
    found: dict[str, _Asset] = {}
    for file in sorted(home.iterdir()):
        if file.suffix in TYPES:
            body = file.read_bytes()
            mark = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
            packed = gzip.compress(body, mtime=0)
            found[file.name] = _Asset(body, packed, TYPES[file.suffix], mark)
    return found


def page_router() -> APIRouter:
    """Routes of the page; they are no part of the API's description."""
    router = APIRouter(include_in_schema=False)
    known = assets()

    def answer(request: Request, name: str) -> Response:
        asset = known.get(name)
        if asset is None:
            raise NotFoundError(f"the page has no file {name!r}")
        headers = {"cache-control": "no-cache", "etag": asset.mark, "vary": "accept-encoding"}
        if request.headers.get("if-none-match") == asset.mark:
            return Response(b"", 304, headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(asset.packed, 200, {**headers, "content-encoding": "gzip"}, asset.kind)
        return Response(asset.body, 200, headers, asset.kind)

    @router.api_route("/", methods=["GET", "HEAD"])
    async def home(request: Request) -> Response:
        return answer(request, "index.html")

    @router.api_route("/web/{name}", methods=["GET", "HEAD"])
    async def part(request: Request, name: str) -> Response:
        return answer(request, name)

    @router.get("/favicon.ico")
    async def icon(request: Request) -> Response:
        return answer(request, "icon.svg")

    return router
