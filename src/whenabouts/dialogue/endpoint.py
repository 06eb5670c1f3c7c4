"""A chat model behind an OpenAI-compatible address, with nothing but the standard library."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Sequence
from http.client import HTTPException, HTTPMessage, HTTPResponse
from time import monotonic
from typing import IO, Any

from whenabouts.errors import InputError, MissingPartError

KEY = "WHENABOUTS_CHAT_KEY"
"""Environment variable with the key that the server wants, if it wants one."""
LONGEST_BYTES = 1 << 20
"""An answer that is longer is none."""
TIMEOUT_S = 60.0


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A server that sends elsewhere is not followed: the key is for this address alone."""

    def redirect_request(
        self,
        req: urllib.request.Request,  # noqa: ARG002
        fp: IO[bytes],  # noqa: ARG002
        code: int,  # noqa: ARG002
        msg: str,  # noqa: ARG002
        headers: HTTPMessage,  # noqa: ARG002
        newurl: str,  # noqa: ARG002
    ) -> None:
        """No request: the answer is an error."""
        return


class Endpoint:
    """A `ChatModel` at an address such as `http://localhost:8080/v1`."""

    def __init__(self, address: str, model: str = "", timeout_s: float = TIMEOUT_S) -> None:
        if not address.startswith(("http://", "https://")):
            raise InputError(f"{address!r} is no address; write http://host:port/v1")
        self._address, self._model, self._timeout_s = address.rstrip("/"), model, timeout_s
        self._opener = urllib.request.build_opener(_NoRedirect)

    @property
    def name(self) -> str:
        """The model, or the address where none is named."""
        return self._model or self._address

    def complete(
        self, messages: Sequence[dict[str, Any]], tools: Sequence[dict[str, Any]]
    ) -> dict[str, Any]:
        """One completion; see `ChatModel`."""
        body = {
            "model": self._model or "default",
            "messages": list(messages),
            "tools": list(tools),
            "temperature": 0,
        }
        headers = {"Content-Type": "application/json"}
        if os.environ.get(KEY):
            headers["Authorization"] = f"Bearer {os.environ[KEY]}"
        request = urllib.request.Request(
            f"{self._address}/chat/completions", json.dumps(body).encode("ascii"), headers
        )
        try:
            end_s = monotonic() + self._timeout_s
            with self._opener.open(request, timeout=self._timeout_s) as answer:
                raw = _read(answer, end_s)
        except urllib.error.HTTPError as error:
            with error:
                raise MissingPartError(
                    f"the chat model at {self._address} answers with HTTP {error.code}"
                ) from error
        except (OSError, HTTPException, ValueError) as error:
            raise MissingPartError(
                f"the chat model at {self._address} does not answer: {error}"
            ) from error
        if len(raw) > LONGEST_BYTES:
            raise MissingPartError(f"the chat model at {self._address} sends more than 1 MB")
        return _message(raw, self._address)


def _read(answer: HTTPResponse, end_s: float) -> bytes:
    """The body up to a byte more than is taken; one that comes drop by drop is a time-out."""
    parts: list[bytes] = []
    size = 0
    while size <= LONGEST_BYTES:
        part = answer.read1(1 << 16)
        if not part:
            break
        if monotonic() > end_s:
            raise TimeoutError("it takes too long")
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _message(raw: bytes, address: str) -> dict[str, Any]:
    """The first choice of an answer."""
    try:
        message = json.loads(raw)["choices"][0]["message"]
        if isinstance(message, dict):
            return message
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise MissingPartError(f"the chat model at {address} sends no answer: {error}") from error
    raise MissingPartError(f"the chat model at {address} sends no message")
