"""The passes that read text out of pictures and sound: on-screen text, speech."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from whenabouts.errors import MissingPartError
from whenabouts.library.commits import Commits
from whenabouts.library.events import Failure, Report
from whenabouts.library.facts import language_of, languages
from whenabouts.library.outcome import failed_pass, finished, why
from whenabouts.library.settings import IndexSettings
from whenabouts.library.stage import Stage
from whenabouts.media.ahead import ahead
from whenabouts.media.decode import read_frames
from whenabouts.protocols import TextReader
from whenabouts.store.rows import Indexed, TextRow, VideoRow
from whenabouts.types import Frames, Video

SLOWEST = 4.0
"""Seconds that reading a second of video may take, on top of the limit of a file."""


class ReadingPass:
    """Runs one text reader over videos."""

    def __init__(
        self, reader: TextReader, commits: Commits, settings: IndexSettings, report: Report
    ) -> None:
        self._reader, self._commits = reader, commits
        self._settings, self._report = settings, report

    def run(self, stage: Stage, jobs: Iterable[tuple[Video, Sequence[VideoRow]]]) -> None:
        """Read each video and commit what was found; failures are reported."""
        try:
            for video, rows in jobs:
                stage.started(rows[0].path)
                self._one(stage, video, rows)
                if self._commits.due:
                    self._commits.flush(stage)
        except MissingPartError as error:
            # No fault of the files: the pass stays due until the part is there.
            self._report.notes.append(str(error))
        except KeyboardInterrupt:
            self._commits.flush(stage)
            raise
        self._commits.flush(stage)

    def _one(self, stage: Stage, video: Video, rows: Sequence[VideoRow]) -> None:
        path, texts, reason = rows[0].path, list[TextRow](), ""
        try:
            texts.extend(self._read(stage, video, path))
        except MissingPartError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever one file does, the run goes on
            reason = why(error)
        if reason:
            rows = [failed_pass(row, stage.name, reason) for row in rows]
            self._report.partial += [Failure(Path(row.path), row.reason) for row in rows]
        done = [_told(finished(row, stage.name), texts) for row in rows]
        channels = (self._reader.channel,)
        self._commits.add(done, Indexed(done[0], texts=tuple(texts), channels=channels))
        if reason:
            stage.failed(path, video.duration_s, reason)
        else:
            stage.done(path, video.duration_s)

    def _read(self, stage: Stage, video: Video, path: str) -> Iterator[TextRow]:
        """Text by text, so that those before an error are kept."""
        channel = self._reader.channel
        until = time.monotonic() + self._settings.file_limit_s + SLOWEST * video.duration_s
        with closing(self._watched(stage, video, path, until)) as frames:
            for span, text, lang in self._reader.read(video, frames):
                if text.strip():
                    lang = lang or language_of(text)
                    yield TextRow(span.start_s, span.end_s, channel, lang, text)
                if self._reader.sampling is not None:
                    continue  # its time ended with its frames
                stage.progress(path, min(span.end_s, video.duration_s), 0)
                if time.monotonic() > until:
                    break
        if time.monotonic() > until:
            raise TimeoutError("took longer than the limit of one file")

    def _watched(self, stage: Stage, video: Video, path: str, until: float) -> Generator[Frames]:
        """Frames until the time is used up; a reader may say nothing before it saw the last."""
        with closing(ahead(self._frames(video))) as made:
            for frames in made:
                yield frames
                stage.progress(path, float(frames.times_s[-1]), 0)
                if time.monotonic() > until:
                    return

    def _frames(self, video: Video) -> Iterator[Frames]:
        sampling = self._reader.sampling
        if sampling is None:
            return
        yield from read_frames(
            video,
            rate_hz=sampling.rate_hz,
            short_side_px=self._reader.input_px or None,
            chunk=8,
            deadline_s=self._settings.file_limit_s + video.duration_s,
        )


def _told(row: VideoRow, texts: Sequence[TextRow]) -> VideoRow:
    """The row with the languages of new texts, and whether somebody speaks."""
    langs = tuple(dict.fromkeys((*row.langs, *languages(texts))))
    spoken = any(text.channel == "speech" for text in texts)
    return replace(row, langs=langs, has_speech=row.has_speech or spoken)
