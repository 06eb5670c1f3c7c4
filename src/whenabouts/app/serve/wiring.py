"""How routes come by what is served: it hangs on the application, nothing is global."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from fastapi import Request

from whenabouts.app.serve.shelf import Shelf

if TYPE_CHECKING:
    from whenabouts.app.serve.chats import Chats
    from whenabouts.app.serve.figures import Figures
    from whenabouts.app.serve.jobs import Jobs
    from whenabouts.app.serve.lanes import Lanes


def shelf_of(request: Request) -> Shelf:
    """The library that is served."""
    return cast(Shelf, request.app.state.shelf)


def jobs_of(request: Request) -> Jobs:
    """The jobs."""
    return request.app.state.jobs


def lanes_of(request: Request) -> Lanes:
    """Where jobs are queued."""
    return request.app.state.lanes


def figures_of(request: Request) -> Figures:
    """Counts and times."""
    return request.app.state.figures


def chats_of(request: Request) -> Chats:
    """The conversations."""
    return request.app.state.chats
