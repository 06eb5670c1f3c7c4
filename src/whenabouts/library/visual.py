"""The two passes over pictures: key frames of everything, then all frames at the encoder's rate.

Decoding runs ahead on a thread while the encoder works; frames of short videos share batches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from whenabouts.library.batches import Batcher
from whenabouts.library.commits import Commits
from whenabouts.library.events import Failure, Report
from whenabouts.library.facts import Facts
from whenabouts.library.job import Job
from whenabouts.library.outcome import failed_pass, failed_rows, finished, note_damage, why
from whenabouts.library.pictures import Pictures
from whenabouts.library.settings import IndexSettings
from whenabouts.library.stage import Stage
from whenabouts.library.strip import Strip
from whenabouts.media.ahead import ahead
from whenabouts.media.decode import read_frames
from whenabouts.protocols import Encoder
from whenabouts.store.rows import Indexed, VideoRow
from whenabouts.types import Frames, Video

AHEAD = 4
"""Chunks of decoded frames made in advance."""
OPEN_VIDEOS = 64
"""Videos that may wait for the rest of a batch."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """What comes from the decoding thread: the start of a job, some frames, or its end."""

    job: Job
    at: Literal["start", "frames", "end"]
    frames: Frames | None = None


@dataclass(slots=True, eq=False)
class _Open:
    """A video whose frames are on their way."""

    job: Job
    strip: Strip
    pictures: Pictures
    ended: bool = False


class VisualPass:
    """Runs one pass over the jobs it is given."""

    def __init__(
        self, encoder: Encoder, commits: Commits, settings: IndexSettings, report: Report
    ) -> None:
        self._encoder, self._commits = encoder, commits
        self._settings, self._report = settings, report
        self._batcher = Batcher(encoder, settings.batch, settings.waiting_mb << 20)
        self._open: dict[str, _Open] = {}

    def run(self, stage: Stage, jobs: Iterable[Job]) -> None:
        """Decode, encode and commit; a job that fails is reported and the next one goes on."""
        key_frames = stage.name == "keyframes"
        pieces = ahead(self._decode(jobs, key_frames), AHEAD)
        try:
            with closing(pieces):
                for piece in pieces:
                    self._take(stage, piece)
        except KeyboardInterrupt:
            self._commits.flush(stage)  # what is whole is kept
            raise
        self._settle(stage, everything=True)
        self._commits.flush(stage)
        self._report.frames += self._batcher.encoded

    def _decode(self, jobs: Iterable[Job], key_frames: bool) -> Iterator[Piece]:
        """On the thread: open, read, and turn whatever goes wrong into the job's reason."""
        for job in jobs:
            yield Piece(job, "start")
            try:
                if job.video is None:
                    facts = Facts(job.content, job.files)
                    job.video, job.rows, job.texts = facts.video, facts.rows, facts.texts
                    job.notes = facts.notes
                if job.rows[0].kind != "audio":
                    for frames in self._frames(job, job.video, key_frames):
                        yield Piece(job, "frames", frames)
            except Exception as error:  # noqa: BLE001 - whatever one file does, the run goes on
                job.reason = why(error)
            yield Piece(job, "end")

    def _frames(self, job: Job, video: Video, key_frames: bool) -> Iterator[Frames]:
        rate_hz = self._encoder.sampling.rate_hz
        return read_frames(
            video,
            rate_hz=min(rate_hz, self._settings.sparse_hz) if key_frames else rate_hz,
            keyframes_only=key_frames,
            short_side_px=self._encoder.input_px,
            chunk=self._settings.batch,
            deadline_s=self._settings.file_limit_s + video.duration_s,
            damage=job.damage,
        )

    def _take(self, stage: Stage, piece: Piece) -> None:
        job = piece.job
        if piece.at == "start":
            strip = Strip(self._encoder.width, self._settings.alike_grey)
            self._open[job.content] = _Open(job, strip, Pictures(self._settings.picture_px))
            stage.started(job.path)
            return
        entry = self._open[job.content]
        if piece.frames is not None:
            pixels, places = entry.strip.take(piece.frames)
            entry.pictures.take(piece.frames)
            self._batcher.add(entry.strip, pixels, places)
            stage.progress(job.path, float(piece.frames.times_s[-1]), self._batcher.encoded)
        else:
            entry.ended = True
        waiting = sum(one.ended for one in self._open.values())
        self._settle(stage, everything=waiting > OPEN_VIDEOS or self._commits.due)
        if self._commits.due:
            self._commits.flush(stage)

    def _settle(self, stage: Stage, everything: bool) -> None:
        """Hand over the videos that are whole; `everything` encodes half-full batches for that."""
        if everything:
            self._batcher.flush()
        for content, entry in list(self._open.items()):
            if entry.ended and not entry.strip.waiting:
                del self._open[content]
                self._finish(stage, entry)

    def _finish(self, stage: Stage, entry: _Open) -> None:
        job, strip = entry.job, entry.strip
        self._report.alike += strip.seen - len(strip.times_s)
        if not job.reason and not strip.seen and job.rows and job.rows[0].kind != "audio":
            job.reason = "no frame of it can be read"
        if job.reason and not strip.seen:
            self._fail(stage, job)
            return
        rows: Sequence[VideoRow] = [finished(row, stage.name) for row in job.rows]
        if job.damage or job.reason:
            rows = [note_damage(row, job.damage, job.reason) for row in rows]
            self._report.partial += [Failure(Path(row.path), row.reason) for row in rows]
        found = Indexed(
            rows[0],
            strip.rows(job.length_s) if job.rows[0].kind != "audio" else None,
            job.texts,
            entry.pictures.rows(job.length_s) if job.rows[0].kind != "audio" else None,
        )
        self._report.notes += [f"{Path(job.path).name}: {note}" for note in job.notes]
        self._report.new += len(job.files) - len(job.known)
        self._report.changed += len(job.known)
        self._commits.add(rows, found)
        stage.done(job.path, job.length_s)

    def _fail(self, stage: Stage, job: Job) -> None:
        """Nothing of it can be used: new files get a row that says so, known ones keep theirs."""
        rows: list[VideoRow] = []
        if not Path(job.path).exists():
            job.reason = "vanished while it was indexed"
            self._report.failed.append(Failure(Path(job.path), job.reason))
        elif job.files:
            rows = failed_rows(job.files, job.reason)
            self._report.failed += [Failure(Path(row.path), job.reason) for row in rows]
        else:
            rows = [failed_pass(row, stage.name, job.reason) for row in job.rows]
            self._report.partial += [Failure(Path(row.path), row.reason) for row in rows]
        for row in rows:
            self._commits.add([row], Indexed(row))
        stage.failed(job.path, job.length_s, job.reason)
