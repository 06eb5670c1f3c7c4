"""Moments as timelines of editing programs: EDL (CMX 3600) and FCPXML 1.10."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from xml.etree import ElementTree as Xml

from whenabouts.app.screen import plain
from whenabouts.types import Moment

USUAL_FPS = 25.0
"""Rate of a timeline of sound and still images, which have none of their own."""
DROPS = (24000, 30000, 60000)
"""Numerators of the rates of broadcasting, over 1001."""
_REEL = 8
"""Characters of a reel name in an EDL."""


def rate_of(fps: float) -> Fraction:
    """A rate as editors write it: 29.97 is 30000/1001.

    >>> rate_of(29.97)
    Fraction(30000, 1001)
    """
    if not fps > 0 or not math.isfinite(fps):
        fps = USUAL_FPS
    near = [Fraction(number, 1001) for number in DROPS]
    found = min([*near, Fraction(max(1, round(fps)))], key=lambda rate: abs(float(rate) - fps))
    return found if abs(float(found) - fps) < 0.01 else Fraction(fps).limit_denominator(1001)


def as_edl(moments: Sequence[Moment], title: str) -> str:
    """An edit decision list: the moments one after the other, at the rate of the first video.

    Times are non-drop timecode. A list has one rate; moments of videos with others are told by
    time, and their name stands behind `FROM CLIP NAME`.
    """
    rate = rate_of(moments[0].video.fps) if moments else Fraction(25)
    lines = [f"TITLE: {_one_line(title)}", "FCM: NON-DROP FRAME", ""]
    at = 0
    for number, moment in enumerate(moments, start=1):
        first = round(moment.span.start_s * rate)
        length = max(1, round(moment.span.end_s * rate) - first)
        reel = "".join(c for c in moment.video.path.stem.upper() if c.isascii() and c.isalnum())
        times = " ".join(
            _timecode(frame, rate) for frame in (first, first + length, at, at + length)
        )
        lines += [
            f"{number:03d}  {(reel or 'AX')[:_REEL]:<{_REEL}} V     C        {times}",
            f"* FROM CLIP NAME: {_one_line(moment.video.path.name)}",
            f"* COMMENT: {_one_line(moment.text or title)}",
            "",
        ]
        at += length
    return "\n".join(lines)


def _one_line(text: str) -> str:
    return " ".join(plain(text).split())


def _timecode(frame: int, rate: Fraction) -> str:
    """`hh:mm:ss:ff`, counting as many frames a second as the rate rounds to."""
    whole = round(rate)
    seconds, rest = divmod(frame, whole)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{rest:02d}"


def as_fcpxml(moments: Sequence[Moment], title: str) -> str:
    """An FCPXML 1.10 project: one spine with the moments one after the other."""
    root = Xml.Element("fcpxml", version="1.10")
    resources = Xml.SubElement(root, "resources")
    rate = rate_of(moments[0].video.fps) if moments else Fraction(25)
    formats: dict[tuple[Fraction, int, int], str] = {}
    assets: dict[str, str] = {}
    for moment in moments:
        _asset(moment, resources, formats, assets)
    event = Xml.SubElement(Xml.SubElement(root, "library"), "event", name=plain(title))
    project = Xml.SubElement(event, "project", name=plain(title))
    total = sum((_frames(m.span.length_s, rate) for m in moments), Fraction(0))
    sequence = Xml.SubElement(
        project, "sequence", format=next(iter(formats.values()), "r1"), duration=_seconds(total)
    )
    spine = Xml.SubElement(sequence, "spine")
    at = Fraction(0)
    for rank, moment in enumerate(moments, start=1):
        length = _frames(moment.span.length_s, rate)
        Xml.SubElement(
            spine,
            "asset-clip",
            ref=assets[moment.video.id],
            name=plain(f"{rank} {moment.text or title}"),
            offset=_seconds(at),
            start=_seconds(_frames(moment.span.start_s, rate_of(moment.video.fps), least=0)),
            duration=_seconds(length),
        )
        at += length
    Xml.indent(root)
    body = Xml.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{body}\n'


def _asset(
    moment: Moment,
    resources: Xml.Element,
    formats: dict[tuple[Fraction, int, int], str],
    assets: dict[str, str],
) -> None:
    """The format and the file of a moment, each once."""
    video = moment.video
    rate = rate_of(video.fps)
    shape = rate, video.width, video.height
    if shape not in formats:
        formats[shape] = f"r{len(formats) + len(assets) + 1}"
        size = {"width": str(video.width), "height": str(video.height)} if video.width else {}
        Xml.SubElement(
            resources, "format", {"id": formats[shape], "frameDuration": _seconds(1 / rate), **size}
        )
    if video.id in assets:
        return
    assets[video.id] = f"r{len(formats) + len(assets) + 1}"
    asset = Xml.SubElement(
        resources,
        "asset",
        id=assets[video.id],
        name=plain(video.path.name),
        start="0s",
        duration=_seconds(_frames(video.duration_s, rate)),
        hasVideo="1" if video.width else "0",
        format=formats[shape],
    )
    url = video.path.absolute().as_uri()
    Xml.SubElement(asset, "media-rep", kind="original-media", src=url)


def _frames(time_s: float, rate: Fraction, least: int = 1) -> Fraction:
    """A time in seconds that is whole frames."""
    return max(least, round(time_s * rate)) / rate


def _seconds(time: Fraction) -> str:
    """`7/25s` or `3s`."""
    if time.denominator == 1:
        return f"{time.numerator}s"
    return f"{time.numerator}/{time.denominator}s"
