"""The library that is served, and what is kept of it between two requests."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import anyio.to_thread

from whenabouts.app.serve.brains import make_brain
from whenabouts.app.serve.forms import SearchForm
from whenabouts.app.serve.problems import NotFoundError
from whenabouts.app.serve.settings import ServeSettings
from whenabouts.errors import InputError, StoreError
from whenabouts.library.results import Moments
from whenabouts.library.settings import SearchSettings

if TYPE_CHECKING:
    from whenabouts.app.serve.forms import LikeForm
    from whenabouts.library.library import Library
    from whenabouts.library.watcher_pool import WatcherPool
    from whenabouts.protocols import Brain

T = TypeVar("T")

FOLDER = "served"
"""Folder inside the library for jobs, uploads, exports and conversations."""
REMEMBERED = 256
"""Answers to searches that are kept until the library changes."""
WARM = "a person"
"""A query that loads what searching needs."""


class Shelf:
    """One open library behind the routes."""

    def __init__(self, library: Library, settings: ServeSettings, watchers: WatcherPool) -> None:
        self.library, self.settings, self.watchers = library, settings, watchers
        self._brain: Brain | None = None
        self.folder = library.path / FOLDER
        self.closing = threading.Event()
        self._limiter: anyio.CapacityLimiter | None = None
        self._artists: anyio.CapacityLimiter | None = None
        self._lock = threading.Lock()
        self._answers: OrderedDict[tuple[Any, ...], dict[str, Any]] = OrderedDict()

    def warm(self) -> None:
        """Load the encoder and the vectors, so that the first search is as quick as the next."""
        self.library.search(WARM, limit=1, settings=SearchSettings(pictures=False))

    async def run(self, work: Callable[[], T]) -> T:
        """Short work on one of a few threads; the rest waits its turn."""
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(self.settings.threads)
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)

    async def draw(self, work: Callable[[], T]) -> T:
        """Work on pictures, two at once: a wall of them must not keep a search waiting."""
        if self._artists is None:
            self._artists = anyio.CapacityLimiter(2)
        return await anyio.to_thread.run_sync(work, limiter=self._artists)

    def remembered(
        self, key: tuple[Any, ...], work: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        """The answer to the same question as before, until the library changes."""
        whole = (self.library.commit, *key)
        with self._lock:
            known = self._answers.get(whole)
            if known is not None:
                self._answers.move_to_end(whole)
                return known
        answer = work()
        with self._lock:
            self._answers[whole] = answer
            if len(self._answers) > REMEMBERED:
                self._answers.popitem(last=False)
        return answer

    def brain(self) -> Brain:
        """Who converses; made at the first turn."""
        with self._lock:
            if self._brain is None:
                self._brain = make_brain(self.library, self.watchers)
            return self._brain

    def know(self, model: str) -> None:
        """Refuse the name of a model that is not served."""
        known = [one.name for one in self.watchers.known()]
        if model and model not in known:
            raise NotFoundError(f"no model {model!r} is served; known: {', '.join(known)}")

    def place(self, *names: str) -> Path:
        """A folder of ours, made where it is not there yet."""
        folder = self.folder.joinpath(*names)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"cannot make {folder}: {error.strerror}") from error
        return folder


def search_settings(form: SearchForm | LikeForm) -> SearchSettings:
    """What a form says about weighing and cutting."""
    settings = SearchSettings(
        per_video=form.per_video,
        channels=None if form.channels is None else tuple(form.channels),
        order=form.order,
        pictures=form.pictures,
    )
    return settings if form.floor is None else settings.model_copy(update={"floor": form.floor})


def search_json(
    moments: Moments, *, pictures: bool, curves: bool, notes: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The answer to a search, without its time."""
    hits = [moment.to_json(picture=pictures) for moment in moments]
    if not curves:
        hits = [{**hit, "curve": None} for hit in hits]
    return {
        "query": moments.query,
        "reason": moments.reason,
        "hits": hits,
        "notes": list(notes),
    }


def no_words(query: str, error: InputError) -> Moments:
    """Words that mean nothing find nothing: half-typed queries are no faults."""
    return Moments([], query, str(error))
