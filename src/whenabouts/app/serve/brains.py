"""Who converses about the library that is served."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whenabouts.dialogue.desk import Desk
from whenabouts.dialogue.planner import Planner

if TYPE_CHECKING:
    from whenabouts.library.library import Library
    from whenabouts.library.watcher_pool import WatcherPool
    from whenabouts.protocols import Brain


def make_brain(library: Library, watchers: WatcherPool) -> Brain:
    """The planner; questions about a video go to the first model that answers in words."""
    speaker = next((one.name for one in watchers.known() if "ask" in one.can), "")
    return Planner(Desk(library, watchers.watcher(speaker)))
