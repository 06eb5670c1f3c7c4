"""The jobs that `indexing.py` runs, each in a process of its own (see `measure.py`)."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from measure import Clock

from whenabouts import open_library
from whenabouts.library.settings import IndexSettings, SearchSettings
from whenabouts.media.decode import read_frames
from whenabouts.media.probe import content_id, probe
from whenabouts.protocols import Encoder
from whenabouts.systems.clip_tokens import open_encoder
from whenabouts.types import Frames, Span, Video

BATCH = 32


def main() -> None:
    """Run the job named by the first argument with the settings in the second."""
    name, settings = sys.argv[1], json.loads(sys.argv[2])
    JOBS[name](**settings)


def decode(files: list[str], encoder: str) -> None:
    """The bare decoder: the frames that the index wants, thrown away."""
    opened, videos = _opened(encoder), [_video(path) for path in files]
    clock = Clock()
    frames = sum(len(chunk) for video in videos for chunk in _frames(video, opened))
    clock.stop(frames=frames)


def encode(files: list[str], encoder: str) -> None:
    """The bare encoder on frames that are in memory already."""
    opened = _opened(encoder)
    chunks = [chunk.pixels for path in files for chunk in _frames(_video(path), opened)]
    opened.encode_frames(chunks[0][:1])
    clock = Clock()
    total = 0.0
    for pixels in chunks:
        total += float(opened.encode_frames(pixels).vectors.sum())
    clock.stop(frames=sum(map(len, chunks)), total=total)


def index(
    files: list[str], encoder: str, library: str, passes: list[str], alike_grey: float | None = None
) -> None:
    """An index run into a new library, without on-screen text and speech."""
    _load_everything()
    shutil.rmtree(library, ignore_errors=True)
    opened = _opened(encoder)
    lib = open_library(library, opened)
    alike = {} if alike_grey is None else {"alike_grey": alike_grey}
    settings = IndexSettings.check({"passes": passes, **alike}, "benchmark")
    clock = Clock()
    report = lib.add(*files, settings=settings)
    clock.stop(
        frames=report.frames,
        alike=report.alike,
        failed=[str(f) for f in report.failed],
        stage_s=report.stage_s,
    )


def again(folder: str, encoder: str, library: str) -> None:
    """An index run over files that were indexed before and have not changed."""
    _load_everything()
    lib = open_library(library, encoder)
    clock = Clock()
    report = lib.add(folder, settings=IndexSettings(passes=("keyframes", "frames")))
    clock.stop(unchanged=report.unchanged, frames=report.frames)


def opencv(files: list[str], encoder: str) -> None:
    """The plain script: every frame grabbed, one a second encoded, vectors kept in a list."""
    import cv2

    opened = _opened(encoder)
    clock = Clock()
    kept: list[Any] = []
    for path in files:
        capture = cv2.VideoCapture(path)
        step = max(1, round(capture.get(cv2.CAP_PROP_FPS) / opened.sampling.rate_hz))
        number, held = 0, []
        while capture.grab():
            if number % step == 0:
                _, pixels = capture.retrieve()
                held.append(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB))
            number += 1
            if len(held) == BATCH:
                kept.append(opened.encode_frames(np.stack(held)).vectors)
                held = []
        if held:
            kept.append(opened.encode_frames(np.stack(held)).vectors)
    clock.stop(frames=sum(map(len, kept)))


def recall_frames(files: list[str], encoder: str, library: str, probes: int) -> None:
    """Frames at random times as queries: is the right video first, and the time within 2 s?"""
    _load_everything()
    lib = open_library(library, encoder)
    videos = [_video(path) for path in files]
    rng = np.random.default_rng(4)
    clock = Clock()
    first = near = 0
    for number in range(probes):
        video = videos[number % len(videos)]
        time_s = float(rng.uniform(0, max(0.1, video.duration_s - 0.2)))
        frame = next(iter(read_frames(video, times_s=[time_s])))
        found = lib.like(frame.pixels[0], limit=10, settings=SearchSettings(floor=0.0))
        first += bool(found) and found[0].video.id == video.id
        near += any(
            hit.video.id == video.id and hit.span.start_s - 2 <= time_s <= hit.span.end_s + 2
            for hit in found
        )
    clock.stop(queries=probes, video_first=first / probes, moment_in_ten=near / probes)


def recall_words(truth: str, encoder: str, library: str) -> None:
    """Descriptions with known answers as queries, answered from the pictures alone."""
    _load_everything()
    lib = open_library(library, encoder)
    settings = SearchSettings(floor=0.0, channels=("visual",))
    lines = [json.loads(line) for line in Path(truth).read_text(encoding="utf-8").splitlines()]
    asked = [line for line in lines if line["answers"]]
    clock = Clock()
    first = ten = moment = moments = 0
    for line in asked:
        found = lib.search(line["text"], limit=10, settings=settings)
        names = [hit.video.path.name for hit in found]
        first += bool(names) and names[0] in line["answers"]
        ten += any(name in line["answers"] for name in names)
        if line["kind"] == "moment":
            moments += 1
            spans = line["answers"].get(names[0], []) if names else []
            moment += any(found[0].span.iou(Span(*span)) >= 0.5 for span in spans)
    clock.stop(
        queries=len(asked),
        video_first=first / len(asked),
        video_in_ten=ten / len(asked),
        moment_first=moment / max(1, moments),
    )


def _load_everything() -> None:
    """Imports that a run makes on first use: they are start-up, told apart from the run."""
    for name in ("lancedb", "whenabouts.library.index", "whenabouts.library.search"):
        import_module(name)


def _opened(encoder: str) -> Encoder:
    """The encoder with its network loaded and warm."""
    opened = open_encoder(encoder)
    opened.encode_frames(np.zeros((1, opened.input_px, opened.input_px, 3), np.uint8))
    return opened


def _video(path: str) -> Video:
    return probe(Path(path)).video(Path(path), content_id(Path(path)))


def _frames(video: Video, encoder: Encoder) -> Iterator[Frames]:
    return read_frames(
        video, rate_hz=encoder.sampling.rate_hz, short_side_px=encoder.input_px, chunk=BATCH
    )


JOBS = {f.__name__: f for f in (decode, encode, index, again, opencv, recall_frames, recall_words)}

if __name__ == "__main__":
    main()
