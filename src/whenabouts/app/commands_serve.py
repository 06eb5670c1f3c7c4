"""`serve` and `mcp`: a place to watch and talk, for people, programs and assistants."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from whenabouts.app.options import LibraryOption
from whenabouts.app.preferences import library_path
from whenabouts.app.screen import note, plain, say
from whenabouts.app.serve.logs import LogForm
from whenabouts.errors import InputError

if TYPE_CHECKING:
    from whenabouts.app.serve.guard import Guard

BACKLOG = 128
"""Connections that may wait while the server starts."""
DRAIN_S = 5
"""At the end, running requests have so long."""


def serve(
    place: Annotated[
        Path | None, typer.Argument(metavar="LIB", help="Folder of the library.")
    ] = None,
    library: LibraryOption = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; beyond this machine it needs a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8765,
    token: Annotated[
        str,
        typer.Option(
            envvar="WHENABOUTS_TOKEN",
            help="What requests must show; beyond this machine one is made and shown once.",
        ),
    ] = "",
    name: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="A name under which it is reached; repeatable."),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(metavar="DIR", help="Folder of a model that may be asked; repeatable."),
    ] = None,
    rate: Annotated[
        float, typer.Option(min=0.1, help="Requests a second that one address may make.")
    ] = 200.0,
    upload_mb: Annotated[int, typer.Option(min=1, help="Largest upload, megabytes.")] = 8192,
    log: Annotated[LogForm, typer.Option(help="Lines on stderr.")] = "text",
) -> None:
    """Open a library in the browser and to other programs (REST under /api/v1).

    The page searches, plays, talks and exports; it loads nothing from outside. Ends with Control-C.
    """
    from whenabouts.app.serve.logs import start_logs
    from whenabouts.app.serve.server import make_server
    from whenabouts.app.serve.settings import ServeSettings
    from whenabouts.app.serve.tokens import is_loopback, new_token
    from whenabouts.library.library import open_library

    if place is not None and library is not None:
        raise InputError("name the library once: as LIB, or with --library")
    if not token and not is_loopback(host):
        token = new_token()
    settings = ServeSettings(
        host=host,
        port=port,
        token=token,
        hosts=(*(name or ()), *(() if is_loopback(host) else (host,))),
        models=tuple(model or ()),
        rate_hz=rate,
        burst=max(1, int(3 * rate)),
        upload_bytes=upload_mb << 20,
    )
    start_logs(log)
    with open_library(library_path(place or library), create=False) as opened:
        say(f"library: {plain(opened.path)}", style="dim")
        _run(make_server(opened, settings), settings.host, settings.port, token)


def _run(server: Guard, host: str, port: int, token: str) -> None:
    import uvicorn

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
            listening.listen(BACKLOG)  # whoever reads the address below can ask at once
        except OSError as error:
            raise InputError(
                f"cannot listen on {host}:{port}: {error.strerror}; try another --port"
            ) from error
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{listening.getsockname()[1]}/"
        say(f"{address}?token={token}" if token else address)
        if token:
            note("this address holds the token; it is shown this once", style="dim")
        config = uvicorn.Config(
            server,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=DRAIN_S,
        )
        uvicorn.Server(config).run([listening])


def mcp(
    place: Annotated[
        Path | None, typer.Argument(metavar="LIB", help="Folder of the library.")
    ] = None,
    library: LibraryOption = None,
    model: Annotated[
        list[str] | None,
        typer.Option(metavar="DIR", help="Folder of a model that may be asked; repeatable."),
    ] = None,
) -> None:
    """Open a library to assistants (Model Context Protocol) over stdin and stdout.

    Tools: search, ground, ask, export, videos; moments are resources. Needs the extra mcp.
    """
    from whenabouts.app.mcp_server import make_mcp
    from whenabouts.app.serve.server import models_of
    from whenabouts.library.library import open_library
    from whenabouts.library.watcher_pool import WatcherPool

    if place is not None and library is not None:
        raise InputError("name the library once: as LIB, or with --library")
    with open_library(library_path(place or library), create=False) as opened:
        make_mcp(opened, WatcherPool(opened, models_of(tuple(model or ())))).run()
