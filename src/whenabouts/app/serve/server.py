"""The server put together: library, routes, jobs, and the gate in front."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI

from whenabouts import __version__
from whenabouts.app.serve import (
    routes_chats,
    routes_exports,
    routes_jobs,
    routes_library,
    routes_media,
    routes_search,
    routes_watch,
)
from whenabouts.app.serve.chats import Chats
from whenabouts.app.serve.figures import Figures
from whenabouts.app.serve.guard import Guard
from whenabouts.app.serve.jobs import Jobs
from whenabouts.app.serve.lanes import Lanes
from whenabouts.app.serve.problems import tell_problems
from whenabouts.app.serve.routes_page import page_router
from whenabouts.app.serve.settings import ServeSettings
from whenabouts.app.serve.shelf import Shelf
from whenabouts.app.serve.tokens import is_loopback
from whenabouts.app.serve.work_exports import ExportWork
from whenabouts.app.serve.work_library import LibraryWork
from whenabouts.app.serve.work_watch import WatchWork
from whenabouts.errors import InputError
from whenabouts.library.watcher_pool import WatcherPool

if TYPE_CHECKING:
    from whenabouts.library.library import Library

ABOUT = """Find the video and the moment by saying what happens in it.

Times are seconds from the first shown frame. A moment is named `VIDEO_ID@START-END`. Errors are
problem JSON. Beyond loopback every call shows the token: `Authorization: Bearer TOKEN`."""


def make_server(library: Library, settings: ServeSettings | None = None) -> Guard:
    """The whole application for an open library.

    Raises:
        InputError: it would be reached from elsewhere without a token.
    """
    settings = settings or ServeSettings()
    if not settings.token and not is_loopback(settings.host):
        raise InputError(f"{settings.host} is reached from elsewhere; that needs a token")
    figures = Figures()
    return Guard(_app(library, settings, figures), settings, figures)


def _app(library: Library, settings: ServeSettings, figures: Figures) -> FastAPI:
    shelf = Shelf(library, settings, WatcherPool(library, models_of(settings.models)))
    app = FastAPI(
        title="whenabouts",
        version=__version__,
        description=ABOUT,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        lifespan=_lifespan,
        redirect_slashes=False,
    )
    app.state.shelf, app.state.figures = shelf, figures
    tell_problems(app)
    for part in (
        routes_library,
        routes_media,
        routes_search,
        routes_watch,
        routes_jobs,
        routes_exports,
        routes_chats,
    ):
        app.include_router(part.router)
    app.include_router(page_router())
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """Begin with what an earlier server left; at the end leave what is not done to the next."""
    shelf: Shelf = app.state.shelf
    jobs = Jobs(shelf.place() / "jobs.sqlite")
    library, exports, watch = LibraryWork(shelf), ExportWork(shelf), WatchWork(shelf)
    lanes = Lanes(
        jobs,
        {
            "library": {"index": library.index, "prune": library.prune},
            "exports": {"export": exports.export},
            "watch": {
                "ground": watch.ground,
                "highlights": watch.highlights,
                "caption": watch.caption,
                "ask": watch.ask,
            },
        },
    )
    app.state.jobs, app.state.lanes = jobs, lanes
    app.state.chats = Chats(shelf.library.path, shelf.brain)
    lanes.start()
    threading.Thread(target=shelf.warm, name="warm", daemon=True).start()
    try:
        with _one_thread_a_product():
            yield
    finally:
        shelf.closing.set()
        lanes.close()
        jobs.close()


def _one_thread_a_product() -> AbstractContextManager[object]:
    """While we serve, several searches run at once: threads inside each only wait for each other.

    On two cores that halves what a search costs when 50 people ask. Other makes of BLAS than
    numpy's own (those of video LLMs, for example) are left alone.
    """
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(internal_api="openblas").limit(limits=1)


def models_of(folders: tuple[str, ...]) -> dict[str, Path]:
    """Name -> folder of the video LLMs that may be asked; a name is that of the folder."""
    found: dict[str, Path] = {}
    for folder in folders:
        path = Path(folder).expanduser().absolute()
        if not path.is_dir():
            raise InputError(f"there is no folder {folder} with a video LLM")
        name, number = path.name, 2
        while name in found:
            name, number = f"{path.name}-{number}", number + 1
        found[name] = path
    return found
