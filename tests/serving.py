"""A small library of coloured films behind the server, for tests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fakes import ColourEncoder, film
from starlette.testclient import TestClient

from whenabouts.app.serve.server import make_server
from whenabouts.app.serve.settings import ServeSettings
from whenabouts.library.library import Library, open_library
from whenabouts.types import Span

FILMS = {
    "sunset.mp4": [("red", 4.0), ("black", 4.0), ("yellow", 4.0)],
    "sea.mp4": [("blue", 5.0), ("white", 5.0)],
    "field.mp4": [("green", 6.0), ("pink", 6.0)],
}
LINE = "<b>bold</b> & <script>alert(1)</script>"
"""A subtitle that must only ever be text."""


def make_library(folder: Path) -> Library:
    """Three films in `folder/films`, indexed into `folder/x.lib`."""
    for name, scenes in FILMS.items():
        said = [(Span(1.0, 3.0), LINE)] if name == "sea.mp4" else []
        tags = {"title": LINE} if said else None
        film(folder / "films" / name, scenes, subtitles=said, tags=tags)
    library = open_library(folder / "x.lib", ColourEncoder())
    library.add(folder / "films", readers=[])
    return library


@contextmanager
def served(library: Library, **settings: object) -> Iterator[TestClient]:
    """A client of a running server."""
    server = make_server(library, ServeSettings.model_validate(settings))
    with TestClient(server, base_url="http://127.0.0.1", follow_redirects=False) as client:
        yield client


@contextmanager
def listening(library: Library, **settings: object) -> Iterator[str]:
    """The address of a server on a port of its own, as programs and browsers reach it."""
    app = make_server(library, ServeSettings.model_validate(settings))
    config = uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.02)
        assert thread.is_alive()
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()
