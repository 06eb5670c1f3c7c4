"""Moments as files that other programs read: CSV, WebVTT chapters, OpenTimelineIO, clips."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from whenabouts.app.screen import plain
from whenabouts.types import Moment, Span

COLUMNS = ("rank", "path", "start_s", "end_s", "score", "text", "found_by")


def as_csv(moments: Sequence[Moment]) -> str:
    """A header and a line a moment; `found_by` lists the channels of the evidence."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(COLUMNS)
    for rank, moment in enumerate(moments, start=1):
        channels = dict.fromkeys(evidence.channel for evidence in moment.evidence)
        writer.writerow(
            (
                rank,
                moment.video.path,
                f"{moment.span.start_s:.3f}",
                f"{moment.span.end_s:.3f}",
                f"{moment.score:.4f}",
                moment.text,
                " ".join(channels),
            )
        )
    return target.getvalue()


def by_video(moments: Sequence[Moment]) -> dict[Path, list[Moment]]:
    """Moments of each video in order of time; videos in order of their best rank."""
    videos: dict[Path, list[Moment]] = {}
    for moment in moments:
        videos.setdefault(moment.video.path, []).append(moment)
    return {path: sorted(found, key=lambda m: m.span) for path, found in videos.items()}


def as_vtt(moments: Sequence[Moment], title: str) -> str:
    """WebVTT chapters of one video; a moment without words is called `title`."""
    cues = [
        f"{_stamp(moment.span.start_s)} --> {_stamp(moment.span.end_s)}\n"
        f"{html.escape(' '.join((moment.text or title).split()), quote=False)}\n"
        for moment in moments
    ]
    return "\n".join(["WEBVTT\n", *cues])


def as_srt(moments: Sequence[Moment]) -> str:
    """SubRip subtitles of one video."""
    cues: list[str] = []
    for number, moment in enumerate(moments, start=1):
        start, end = (
            _stamp(time_s).replace(".", ",") for time_s in (moment.span.start_s, moment.span.end_s)
        )
        cues.append(f"{number}\n{start} --> {end}\n{' '.join(moment.text.split())}\n")
    return "\n".join(cues)


def _stamp(time_s: float) -> str:
    """`hh:mm:ss.mmm`."""
    seconds, thousandths = divmod(round(time_s * 1000), 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}.{thousandths:03d}"


def as_otio(moments: Sequence[Moment], title: str) -> str:
    """An OpenTimelineIO timeline with one track: the moments one after the other."""
    import opentimelineio as otio

    def range_of(span: Span, rate: float) -> Any:
        start = otio.opentime.RationalTime(round(span.start_s * rate), rate)
        end = otio.opentime.RationalTime(round(span.end_s * rate), rate)
        return otio.opentime.range_from_start_end_time(start, end)

    timeline = otio.schema.Timeline(name=plain(title))
    track = otio.schema.Track(name="moments", kind=otio.schema.TrackKind.Video)
    timeline.tracks.append(track)
    for rank, moment in enumerate(moments, start=1):
        rate = moment.video.fps or 1000.0  # sound and still images: count milliseconds
        media = otio.schema.ExternalReference(
            target_url=moment.video.path.absolute().as_uri(),
            available_range=range_of(moment.video.span, rate),
        )
        track.append(
            otio.schema.Clip(
                name=plain(f"{rank} {moment.text or title}"),
                media_reference=media,
                source_range=range_of(moment.span, rate),
                metadata={"whenabouts": {"score": moment.score, "text": plain(moment.text)}},
            )
        )
    return timeline.to_json_string()


def clip_name(moment: Moment) -> str:
    """File name of a clip: `boat_2.00-4.50.mp4`."""
    span = moment.span
    return f"{moment.video.path.stem}_{span.start_s:.2f}-{span.end_s:.2f}.mp4"
