"""Spoken lines as SubRip text."""

from __future__ import annotations

from collections.abc import Iterable

from whenabouts.shapeworld.script import Script, Spoken


def spoken(script: Script) -> list[Spoken]:
    """Everything that is said in the video, in order."""
    lines = [line for scene in script.scenes for line in scene.spoken]
    return sorted(lines, key=lambda line: line.span.start_s)


def srt(lines: Iterable[Spoken]) -> str:
    """The lines as an .srt file's text."""
    cues = [
        f"{number}\n{_stamp(line.span.start_s)} --> {_stamp(line.span.end_s)}\n{line.text}\n"
        for number, line in enumerate(lines, start=1)
    ]
    return "\n".join(cues)


def _stamp(time_s: float) -> str:
    seconds, milliseconds = divmod(round(time_s * 1000), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d},{milliseconds:03d}"
