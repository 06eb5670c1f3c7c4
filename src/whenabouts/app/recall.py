"""Hits by short names: `3` is the third of the last search, `boat.mp4@2-4.5` says it in full."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from whenabouts.app.options import span
from whenabouts.app.preferences import state_folder
from whenabouts.errors import InputError
from whenabouts.types import Moment, Span, Video

_NAMED = re.compile(r"(?P<video>.+)@(?P<times>[\d:.]+s?-[\d:.]+s?)", re.DOTALL)
"""A name may hold an @ itself, so the last one with times behind it counts."""


def _file(library: Path) -> Path:
    """Where the last search of a library is kept; every library has its own."""
    name = hashlib.sha256(os.fsencode(library.resolve())).hexdigest()[:16]
    return state_folder() / "last_search" / f"{name}.json"


def keep(library: Path, query: str, moments: Sequence[Moment]) -> str:
    """Remember the hits of a search; the reason when that could not be written, else empty."""
    value = {"query": query, "hits": [moment.to_json(picture=False) for moment in moments]}
    file = _file(library)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps(value), encoding="ascii")
        fresh.replace(file)
    except OSError as error:
        return f"hits cannot be remembered in {file.parent}: {error.strerror}"
    return ""


def last(library: Path) -> tuple[str, tuple[Moment, ...]]:
    """Query and hits of the last search of this library; empty when there was none."""
    try:
        value = json.loads(_file(library).read_text(encoding="ascii"))
        return value["query"], tuple(Moment.from_json(hit) for hit in value["hits"])
    except FileNotFoundError:
        return "", ()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"the last search cannot be read ({error}); search again") from error


def hit(text: str, library: Path, find_video: Callable[[str], Video]) -> Moment:
    """The moment that `text` names; `find_video` looks up an id, path or file name."""
    if text.isascii() and text.isdigit():
        query, moments = last(library)
        if query and not moments:
            raise InputError(
                f"the last search ({query!r}) found nothing to take hit {text} from; search again, "
                "or name the hit as VIDEO@START-END"
            )
        if not moments:
            raise InputError(
                f"there is no last search to take hit {text} from; search first, "
                "or name the hit as VIDEO@START-END"
            )
        if not 1 <= int(text) <= len(moments):
            raise InputError(
                f"the last search ({query!r}) has hits 1 to {len(moments)}, not {text}"
            )
        return moments[int(text) - 1]
    match = _NAMED.fullmatch(text)
    if match is None:
        video = find_video(text)
        return Moment(video, video.span, 0.0)
    video = find_video(match["video"])
    return Moment(video, within(span(match["times"]), video), 0.0)


def within(wished: Span, video: Video) -> Span:
    """`wished` cut to the video; refused when it lies behind its end."""
    inside = wished.clamp(video.span)
    if inside.length_s <= 0:
        raise InputError(f"{video.path.name} lasts {video.duration_s:.1f} s; {wished} is behind it")
    return inside
