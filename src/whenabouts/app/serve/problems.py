"""Errors as problem JSON (RFC 9457): one form for everything that is refused."""

from __future__ import annotations

import errno
import json
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticSerializationError, to_json
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match

from whenabouts.errors import (
    DataError,
    InputError,
    LockedError,
    MediaError,
    MissingPartError,
    StoreError,
    WhenaboutsError,
)

MEDIA_TYPE = "application/problem+json"
_LONGEST = 2000
_NO_NUMBERS = (b"NaN", b"Infinity")
"""Perhaps words of a text, perhaps numbers that JSON does not have: those are refused by `json`."""


class Fault(BaseModel):
    """One field that does not fit."""

    field: str = Field(description="Where it stands, for example `body.limit`.")
    message: str


class Problem(BaseModel):
    """Why a request was refused, and what to do."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Not Found",
                    "status": 404,
                    "detail": "no video of this library has the id 0123; see /api/v1/videos",
                    "kind": "NotFound",
                }
            ]
        }
    )

    type: str = "about:blank"
    title: str = Field(description="The status in words.")
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="What is wrong, the value seen, and the next step.")
    kind: str = Field(description="Name of the error, the same as on the command line.")
    errors: list[Fault] = Field(default=[], description="Fields that do not fit.")


class NotFoundError(InputError):
    """What a request names does not exist here."""


class ConflictError(InputError):
    """The request makes no sense as things stand."""


class FullError(InputError):
    """So much has been asked for that more is refused."""


class NoRoomError(InputError):
    """The disk is too full for what is sent."""


STATUS: tuple[tuple[type[Exception], int], ...] = (
    (LockedError, 409),
    (NotFoundError, 404),
    (ConflictError, 409),
    (FullError, 429),
    (NoRoomError, 507),
    (InputError, 400),
    (MediaError, 415),
    (MissingPartError, 501),
    (DataError, 400),
    (StoreError, 503),
)
"""The status of each kind of error; the first line that fits counts."""


class Json(JSONResponse):
    """JSON that can hold any path: bytes that are no UTF-8 go out as escapes."""

    def render(self, content: Any) -> bytes:
        """The body; written by pydantic in a fifth of the time of `json`, where it may be."""
        with suppress(PydanticSerializationError):
            body = to_json(content)
            if not any(word in body for word in _NO_NUMBERS):
                return body
        try:
            return json.dumps(
                content, ensure_ascii=False, allow_nan=False, separators=(",", ":")
            ).encode("utf-8")
        except UnicodeEncodeError:
            return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")


def problem(
    status: int,
    detail: str,
    kind: str,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """A problem as a response."""
    title = HTTPStatus(status).phrase
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail[:_LONGEST],
        "kind": kind,
        "errors": errors or [],
    }
    return Json(body, status, headers, MEDIA_TYPE)


def status_of(error: Exception) -> int:
    """The status that tells an error."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def _refused(_: Request, error: Exception) -> Response:
    return problem(status_of(error), str(error), type(error).__name__.removesuffix("Error"))


def _unfit(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [
        {"field": ".".join(map(str, one["loc"]))[:200], "message": str(one["msg"])[:500]}
        for one in error.errors()[:20]
    ]
    told = "; ".join(f"{one['field']}: {one['message']}" for one in faults[:3])
    return problem(422, f"the request does not fit: {told}", "Unfit", faults)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    if error.status_code == 405:
        headers["allow"] = ", ".join(_allowed(request))
    phrase = HTTPStatus(error.status_code).phrase
    detail = f"{error.detail}; the calls are listed in /api/v1/openapi.json"
    return problem(error.status_code, detail, phrase.replace(" ", ""), headers=headers)


def _allowed(request: Request) -> list[str]:
    """The methods that what was asked for takes; a router names those of its first line only."""
    routes: list[BaseRoute] = request.app.routes
    return [
        method
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes
        )
    ]


def _disk(_: Request, error: Exception) -> Response:
    assert isinstance(error, OSError)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return problem(507, "the disk is full; make room and try again", "NoRoom")
    return problem(503, f"the disk refused: {error.strerror or error}", "Disk")


def _fault(_: Request, __: Exception) -> Response:
    return problem(500, "a fault of the program; its log has the lines", "Fault")


def tell_problems(app: FastAPI) -> None:
    """Make `app` answer every error with a problem."""
    app.add_exception_handler(WhenaboutsError, _refused)
    app.add_exception_handler(RequestValidationError, _unfit)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OSError, _disk)
    app.add_exception_handler(Exception, _fault)  # told here, logged by the gate


def told(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer with problems of these statuses."""
    return {
        status: {
            "model": Problem,
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }
