"""Running an iterator on a thread, so that decoding overlaps with what is done to the frames."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable
from typing import TypeVar, cast

ItemT = TypeVar("ItemT")

_END = object()


def ahead(items: Iterable[ItemT], depth: int = 2) -> Generator[ItemT]:
    """The same items in the same order, up to `depth` of them made in advance on a thread.

    An error of `items` is raised where its item would have come. Closing the generator (also by
    leaving a loop) stops the thread at the next item and closes `items`.
    """
    made: queue.Queue[object] = queue.Queue(maxsize=max(1, depth))
    stopped = threading.Event()
    failure: list[BaseException] = []
    thread = threading.Thread(
        target=_work, args=(items, made, stopped, failure), name="ahead", daemon=True
    )
    thread.start()
    try:
        while (item := made.get()) is not _END:
            yield cast("ItemT", item)
        if failure:
            raise failure[0]
    finally:
        stopped.set()
        thread.join()


def _work(
    items: Iterable[object],
    made: queue.Queue[object],
    stopped: threading.Event,
    failure: list[BaseException],
) -> None:
    """What the thread does: make items until the end, an error or the stop signal."""
    source = iter(items)
    try:
        for item in source:
            if not _put(made, item, stopped):
                break
    except BaseException as error:  # noqa: BLE001 - raised again in the reading thread
        failure.append(error)
    finally:
        close = getattr(source, "close", None)
        if close is not None:
            close()
        _put(made, _END, stopped)


def _put(made: queue.Queue[object], item: object, stopped: threading.Event) -> bool:
    """Wait for room; False when nobody reads any more."""
    while not stopped.is_set():
        try:
            made.put(item, timeout=0.1)
        except queue.Full:
            continue
        return True
    return False
