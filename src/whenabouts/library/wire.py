"""One connection to a server: a call, its answer, and its problems as the errors they are here."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from whenabouts import errors
from whenabouts.errors import InputError, StoreError, WhenaboutsError

ROOT = "/api/v1"
TIMEOUT_S = 70.0
"""Longer than the server takes before it gives up itself."""


class Wire:
    """Calls of a server; one at a time on one connection, safe from several threads."""

    def __init__(self, url: str, token: str = "") -> None:
        parts = urlsplit(url if "//" in url else f"http://{url}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InputError(f"{url!r} is no address; write for example http://127.0.0.1:8765")
        self._kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._host, self._port = parts.hostname, parts.port
        self._token = token
        self._lock = threading.RLock()
        self._line: HTTPConnection | None = None
        self.url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    def get(self, path: str, **query: object) -> Any:
        """The JSON behind a path."""
        words = {key: value for key, value in query.items() if value not in (None, "")}
        return self._json("GET", f"{path}?{urlencode(words)}" if words else path)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """The JSON that answers a body."""
        return self._json("POST", path, json.dumps(body).encode("ascii"), "application/json")

    def delete(self, path: str) -> Any:
        """The JSON that answers."""
        return self._json("DELETE", path)

    def send(self, path: str, file: Path, name: str, kind: str = "application/octet-stream") -> Any:
        """Send a file as it is."""
        with file.open("rb") as body:
            size = {"content-length": str(file.stat().st_size)}
            where = f"{path}?name={quote(name, safe='')}" if name else path
            with self._asked("POST", where, body, {"content-type": kind, **size}) as answer:
                return json.loads(answer.read())

    def events(self, path: str, form: dict[str, Any] | None = None) -> Iterator[tuple[str, Any]]:
        """Server-sent events until the last one, on a connection of their own."""
        other = Wire(self.url, self._token)
        headers = {"accept": "text/event-stream", "content-type": "application/json"}
        method, body = ("GET", None) if form is None else ("POST", json.dumps(form).encode("ascii"))
        try:
            with other._asked(method, path, body, headers) as answer:
                name = ""
                for line in answer:
                    field, _, value = line.decode("utf-8").rstrip("\n").partition(": ")
                    if field == "event":
                        name = value
                    elif field == "data":
                        yield name, json.loads(value)
        finally:
            other.close()

    def close(self) -> None:
        """Let go of the connection; the next call makes a new one."""
        with self._lock:
            if self._line is not None:
                self._line.close()
            self._line = None

    def _json(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Any:
        headers = {"content-type": kind} if kind else {}
        with self._asked(method, path, body, headers) as answer:
            return json.loads(answer.read())

    @contextmanager
    def _asked(
        self, method: str, path: str, body: Any, headers: dict[str, str]
    ) -> Generator[HTTPResponse]:
        with self._lock:
            answer = self._answer(method, path, body, headers)
            try:
                if answer.status >= 400:
                    raise _error(answer.status, answer.read())
                yield answer
            except (HTTPException, OSError, ValueError) as error:
                self.close()
                raise StoreError(f"{self.url} broke off: {error}; try again") from error
            finally:
                if not answer.isclosed():
                    self.close()  # what was not read would be taken for the next answer

    def _answer(self, method: str, path: str, body: Any, headers: dict[str, str]) -> HTTPResponse:
        """Ask; once more when a line that was kept open has gone silent meanwhile."""
        shown = {"authorization": f"Bearer {self._token}"} if self._token else {}
        for fresh in (self._line is None, True):
            if self._line is None:
                self._line = self._kind(self._host, self._port, timeout=TIMEOUT_S)
            try:
                self._line.request(method, ROOT + path, body, {**headers, **shown})
                return self._line.getresponse()
            except (HTTPException, OSError) as error:
                self.close()
                again = not fresh and (body is None or isinstance(body, bytes))
                if not again or isinstance(error, TimeoutError):
                    raise StoreError(
                        f"no server answers at {self.url} ({error}); start `whenabouts serve`"
                    ) from error
        raise AssertionError("the second try is always fresh")


def _error(status: int, body: bytes) -> WhenaboutsError:
    """The error that a problem tells."""
    try:
        problem = json.loads(body)
        kind, detail = str(problem["kind"]), str(problem["detail"])
    except (ValueError, KeyError, TypeError):
        kind, detail = "", f"the server answers with {status}"
    return error_of(kind, detail, status)


def error_of(kind: str, detail: str, status: int) -> WhenaboutsError:
    """An error of the same kind as the library raises here."""
    found = getattr(errors, f"{kind}Error", None)
    if isinstance(found, type) and issubclass(found, WhenaboutsError):
        return found(detail)
    return InputError(detail) if 400 <= status < 500 else StoreError(detail)
