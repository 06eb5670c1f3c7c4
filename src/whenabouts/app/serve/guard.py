"""The gate in front of every route: who asks, how often, how much; and what goes out with it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlencode

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from whenabouts.app.serve.figures import Figures
from whenabouts.app.serve.problems import problem
from whenabouts.app.serve.rates import Buckets
from whenabouts.app.serve.settings import ServeSettings
from whenabouts.app.serve.tokens import Door, Names, same_origin

LOG = logging.getLogger("whenabouts.serve")

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""
UPLOADS = "/api/v1/uploads"
PICTURES = "/api/v1/search/image"
LOGIN = "/login"
PROTECTION = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "media-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
"""Headers of every response. Nothing but our own files is ever loaded by the page."""


class Guard:
    """Wraps the whole application."""

    def __init__(self, app: ASGIApp, settings: ServeSettings, figures: Figures) -> None:
        self._app, self._settings, self._figures = app, settings, figures
        self.door = Door(settings.token)
        self._names = Names(settings.hosts)
        self._rates = Buckets(settings.rate_hz, settings.burst)
        self._wrong = Buckets(settings.wrong_tokens / 60, settings.wrong_tokens)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        sent = _Sent(send)
        self._figures.running += 1
        try:
            answer = await self._refusal(scope, receive)
            if answer is not None:
                await answer(scope, receive, sent)
            else:
                await self._passed(scope, receive, sent)
        finally:
            self._figures.running -= 1
            self._told(scope, sent)

    async def _refusal(self, scope: Scope, receive: Receive) -> Response | None:
        """Why this request goes no further; None when it may."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._names.knows(host):
            return problem(
                421,
                f"{host!r} is no name of this server; start it with --name to allow it",
                "WrongHost",
            )
        wait_s = self._rates.wait_s(_address(scope))
        if wait_s > 0:
            after = {"retry-after": str(max(1, round(wait_s)))}
            return problem(429, "too many requests; slow down", "TooMany", headers=after)
        if scope["method"] not in SAFE and not _from_us(headers, host):
            return problem(403, "the request comes from a page of another site", "ForeignOrigin")
        answer = await self._asked_for_token(scope, headers, receive)
        if answer is not None:
            return answer
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._most(scope["path"]):
            return problem(413, _much(self._most(scope["path"])), "TooLarge")
        if self._figures.running > self._settings.requests:
            after = {"retry-after": "1"}
            return problem(503, "too many requests at once; try again", "Busy", headers=after)
        return None

    async def _asked_for_token(
        self, scope: Scope, headers: Headers, receive: Receive
    ) -> Response | None:
        if self.door.admits(headers.get("authorization", ""), headers.get("cookie", "")):
            return None
        address = _address(scope)
        if self._wrong.empty(address):
            after = {"retry-after": "60"}
            return problem(429, "too many wrong tokens; wait a minute", "TooMany", headers=after)
        shown = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if scope["path"] == LOGIN and scope["method"] == "POST":
            body = await _small_body(receive)
            shown = parse_qs(body.decode("latin-1")).get("token", [""])[0]
        if shown and self.door.opens(shown):
            target = _without_token(scope)
            cookie = {"set-cookie": self.door.cookie(secure=scope["scheme"] == "https")}
            return RedirectResponse(target, 303, cookie)
        if shown or "authorization" in headers:
            self._wrong.wait_s(address)
        if "text/html" in headers.get("accept", ""):
            return Response(_ASK, 401, media_type="text/html")
        return problem(
            401,
            "this server asks for its token; send `Authorization: Bearer TOKEN`",
            "TokenNeeded",
            headers={"www-authenticate": "Bearer"},
        )

    def _most(self, path: str) -> int:
        if path.startswith(UPLOADS):
            return self._settings.upload_bytes
        return self._settings.picture_bytes if path == PICTURES else self._settings.body_bytes

    async def _passed(self, scope: Scope, receive: Receive, sent: _Sent) -> None:
        """Run the application; whatever happens, an answer goes out and nothing is raised."""
        body = _Body(receive, self._most(scope["path"]), self._settings.quiet_s)
        # An upload takes as long as its line is slow; it may only not fall silent.
        limit_s = None if scope["path"].startswith(UPLOADS) else self._settings.request_s
        try:
            async with asyncio.timeout(limit_s) as limit:
                sent.on_start = lambda: limit.reschedule(None)
                await self._app(scope, body, sent)
        except TimeoutError:
            answer = problem(504, "this takes too long; ask for less, or as a job", "Late")
            await sent.instead(answer, scope, receive)
        except Exception:  # the last door
            LOG.exception("fault of the program in %s %s", scope["method"], scope["path"])

    def _told(self, scope: Scope, sent: _Sent) -> None:
        took_s = time.monotonic() - sent.begun_s
        route = getattr(scope.get("route"), "path", "other")
        self._figures.count(_known(scope["method"]), route, sent.status, took_s)
        LOG.info(
            "%s %s %d",
            scope["method"],
            scope["path"],
            sent.status,
            extra={
                "method": scope["method"],
                "path": scope["path"],
                "route": route,
                "status": sent.status,
                "ms": round(took_s * 1000, 1),
                "client": _address(scope),
            },
        )


class _Sent:
    """Passes messages on, adds our headers, and knows whether an answer has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.begun_s = time.monotonic()
        self.on_start = _nothing

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.on_start()
            headers = MutableHeaders(scope=message)
            for name, value in PROTECTION.items():
                headers.setdefault(name, value)
            headers.setdefault("cache-control", "no-store")
        await self._send(message)

    async def instead(self, answer: Response, scope: Scope, receive: Receive) -> None:
        """Send `answer` unless another one has begun."""
        if not self.status:
            self.on_start = _nothing
            await answer(scope, receive, self)


class _Body:
    """Counts what comes in and gives up on silence.

    Both are raised as what the routes let through; anything else they would call a bad body.
    """

    def __init__(self, receive: Receive, most: int, quiet_s: float) -> None:
        self._receive, self._most, self._quiet_s = receive, most, quiet_s
        self._read = 0
        self._ended = False

    async def __call__(self) -> MutableMapping[str, Any]:
        if self._ended:  # from here on only the end of the connection is waited for
            return await self._receive()
        try:
            async with asyncio.timeout(self._quiet_s):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, "the body came too slowly") from None
        self._ended = not message.get("more_body", False)
        self._read += len(message.get("body", b""))
        if self._read > self._most:
            raise HTTPException(413, _much(self._most))
        return message


def _without_token(scope: Scope) -> str:
    """Where to go once the token is in a cookie: the same place, on this server."""
    path = "/" if scope["path"] == LOGIN else "/" + scope["path"].lstrip("/")
    asked = parse_qs(scope["query_string"].decode("latin-1"))
    rest = urlencode({key: value for key, value in asked.items() if key != "token"}, doseq=True)
    return f"{path}?{rest}" if rest else path


def _nothing() -> None:
    """Before a limit is set."""


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else "unknown"


def _known(method: str) -> str:
    return method if method in {*SAFE, "POST", "PUT", "DELETE", "PATCH"} else "OTHER"


def _from_us(headers: Headers, host: str) -> bool:
    """Whether a request that changes something was not sent by a page of another site."""
    if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or same_origin(origin, host)


def _much(most: int) -> str:
    return f"the body is larger than {most} bytes, which is the most for this call"


async def _small_body(receive: Receive) -> bytes:
    """A form of a few bytes; more is cut."""
    body, more = b"", True
    while more and len(body) < 4096:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


_ASK = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>whenabouts</title>
<main><h1>whenabouts</h1><form method="post" action="/login"><label for="token">
The token that the server printed when it started</label> <input id="token" name="token"
type="password" autocomplete="current-password" required autofocus> <button>Open</button></form>
</main></html>"""
