"""Charades-STA: a sentence and its span a line (`VIDEO start end##sentence`)."""

from __future__ import annotations

import re

from whenabouts.data.instruct.told import Telling, Told, moment
from whenabouts.data.source import Source
from whenabouts.data.tables import read_lines
from whenabouts.errors import DataError

_LINE = re.compile(r"(\S+) (\d+(?:\.\d+)?) (\d+(?:\.\d+)?)##(.+)")


def read(source: Source, split: str) -> Telling:
    """`charades_sta_{train,test}.txt`; there is no `val`."""
    (path,) = source.files(f"charades_sta_{split}.txt")
    found: list[Told] = []
    for number, line in enumerate(read_lines(path), 1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise DataError(
                f"line {number} of {path} is {line!r}, not 'VIDEO start end##sentence'; fetch the "
                "file again"
            )
        video, start, end, text = match.groups()
        found.append(moment(video, text, float(start), float(end)))
    return Telling(found)
