"""QuerYD: spoken descriptions of videos with the seconds in which they were spoken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from whenabouts.data.instruct.told import Pair, Telling, Told, left_out, moment
from whenabouts.data.source import MissingFilesError, Source
from whenabouts.data.tables import read_json, read_lines, read_pickle

LONGEST_S = 300.0
"""TimeIT leaves longer videos out."""
CAPTIONS, TIMES = "raw_captions_combined_filtered", "times_captions_combined_filtered"
_VERSIONS = ("", "-v2", "-v1")

_TEXTS = TypeAdapter(dict[str, list[str | list[str]]])
_SPANS = TypeAdapter(dict[str, list[Pair] | list[tuple[float, float]]])
_DURATIONS = TypeAdapter(dict[str, float])


def read(source: Source, split: str) -> Telling:
    """`{train,val,test}_list.txt` and the two tables of captions and times (pickles or JSON).

    How long a video is says `durations.json` (`{id: seconds}`); without it the end of its last
    description stands in.
    """
    (listed,) = source.files(f"{split}_list.txt")
    texts = _table(source, CAPTIONS, _TEXTS)
    spans = _table(source, TIMES, _SPANS)
    known = _durations(source)
    found: list[Told] = []
    long = silent = uneven = 0
    for name in read_lines(listed):
        said, when = texts.get(name, []), spans.get(name, [])
        if len(said) != len(when):
            uneven += 1  # nobody knows which text belongs to which time
            continue
        pairs = list(zip(said, when, strict=True))
        if not pairs:
            silent += 1
            continue
        video = name.removeprefix("video-")
        last_s = max(float(span[1]) for _, span in pairs)
        if known.get(video, known.get(name, last_s)) > LONGEST_S:
            long += 1
            continue
        for text, (start_s, end_s) in pairs:
            told = text if isinstance(text, str) else " ".join(text)
            found.append(moment(video, told, start_s, end_s))
    return Telling(
        found,
        left_out(long, f"videos last more than {LONGEST_S:g} s and are left out")
        + left_out(silent, "listed videos have no description")
        + left_out(uneven, "videos have other numbers of texts and times and are left out"),
    )


def _table(source: Source, name: str, shape: TypeAdapter[Any]) -> dict[str, Any]:
    """The table of that name, as it was published or as JSON, in any version."""
    for version in _VERSIONS:
        for ending in (".json", ".pkl"):
            path = _there(source, f"{name}{version}{ending}")
            if path is not None:
                return read_json(path, shape) if ending == ".json" else read_pickle(path, shape)
    raise MissingFilesError(source.dataset, source.settings.annotations or source.folder,
                            [f"{name}.pkl"])  # fmt: skip


def _durations(source: Source) -> dict[str, float]:
    path = _there(source, "durations.json")
    return {} if path is None else read_json(path, _DURATIONS)


def _there(source: Source, name: str) -> Path | None:
    try:
        return source.files(name)[0]
    except MissingFilesError:
        return None
