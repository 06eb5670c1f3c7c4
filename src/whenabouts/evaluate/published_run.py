"""Asks a video LLM every question of a published evaluation; goes on where it was cut off."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from pydantic import Field

from whenabouts.data.instruct.video_clip import FrameSettings, VideoClip, load_clip
from whenabouts.errors import DataError, MediaError
from whenabouts.evaluate.published_questions import Asked, result_name, write_results
from whenabouts.media.ahead import ahead
from whenabouts.models.phrases import Task
from whenabouts.models.prompts_published import System
from whenabouts.settings import Settings

S = TypeVar("S")
Tell = Callable[[int, int, str], None]
"""Told before each question: how many are done, how many there will be, and its video."""
_KEPT = 8
"""Seen videos that are kept: annotation files ask about one video several times in a row."""


class Chat(Protocol[S]):
    """A video LLM as an evaluation needs it."""

    def look(self, clip: VideoClip) -> S:
        """What the model keeps of a video."""
        ...

    def ask(self, questions: Sequence[tuple[S, str]]) -> Sequence[tuple[str, str]]:
        """For each question about a seen video: the whole prompt, and the raw answer."""
        ...


@dataclass(frozen=True, slots=True)
class Ran:
    """What an evaluation left behind."""

    raw: Path
    """Every question with its answer."""
    read: Path
    """The answers as read: what the metrics take."""
    asked: int
    notes: tuple[str, ...]
    """Videos that were left out, and damaged ones."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One question whose answer is still wanted."""

    place: int
    asked: Asked
    path: Path


class _Looker(Generic[S]):
    """Looks at each video once, as long as its questions stand near each other."""

    def __init__(self, chat: Chat[S]) -> None:
        self._chat = chat
        self._seen: OrderedDict[str, S] = OrderedDict()

    def seen(self, video: str, clip: VideoClip) -> S:
        if video not in self._seen:
            self._seen[video] = self._chat.look(clip)
            if len(self._seen) > _KEPT:
                self._seen.popitem(last=False)
        return self._seen[video]


class PublishedRun(Settings):
    """What is evaluated, and how."""

    dataset: str
    """As the names of the result files have it, such as `youcook`."""
    split: str = "val"
    task: Task
    system: System = "timechat"
    """Whose way of reading answers counts."""
    frames: FrameSettings = FrameSettings()
    """What is seen of each video."""
    batch: int = Field(default=1, gt=0)
    """Questions asked at once."""

    @property
    def name(self) -> str:
        """Of the result file."""
        return result_name(self.dataset, self.split, self.frames.frames)


def run_published(
    chat: Chat[S],
    asked: Sequence[Asked],
    run: PublishedRun,
    videos: Path,
    folder: Path,
    tell: Tell | None = None,
) -> Ran:
    """Ask everything about the videos below `videos`, and write both result files into `folder`.

    Answers are kept in `folder/NAME.answers.jsonl` as they come, so that a run that was cut off
    goes on. A video without a file, or one that cannot be read, is left out of the files and told,
    as the published drivers leave it out; the metrics decide whether it counts as a miss.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{Path(run.name).stem}.answers.jsonl"
    done = _read_kept(kept, asked)
    rows, notes = _rows(asked, videos, done)
    looker = _Looker(chat)
    clips = ahead(_clips(rows, run.frames), 2)
    with kept.open("a", encoding="utf-8") as file:
        waiting: list[tuple[_Row, S]] = []
        for number, (row, clip) in enumerate(clips):
            if tell is not None:
                tell(len(done) + len(waiting), len(asked), row.asked.video)
            if isinstance(clip, str):
                notes.append(clip)
            else:
                if clip.damage:
                    notes.append(f"{row.asked.video} is damaged: {clip.damage}")
                waiting.append((row, looker.seen(row.asked.video, clip)))
            if waiting and (len(waiting) == run.batch or number + 1 == len(rows)):
                answers = chat.ask([(seen, row.asked.text) for row, seen in waiting])
                for (answered, _), (prompt, answer) in zip(waiting, answers, strict=True):
                    done[answered.place] = prompt, answer
                    file.write(json.dumps([answered.place, prompt, answer]) + "\n")
                file.flush()
                waiting = []
    places = sorted(done)
    raw, read = write_results(
        folder,
        [asked[place] for place in places],
        [done[place][1] for place in places],
        run.task,
        name=run.name,
        prompts=[done[place][0] for place in places],
        system=run.system,
    )
    return Ran(raw, read, len(places), tuple(dict.fromkeys(notes)))


def _rows(
    asked: Sequence[Asked], videos: Path, done: dict[int, tuple[str, str]]
) -> tuple[list[_Row], list[str]]:
    """What is still to ask, and the videos that are not there."""
    if not videos.is_dir():
        raise DataError(f"{str(videos)!r} is no folder; name the folder of the videos")
    files = {path.name: path for path in sorted(videos.rglob("*")) if path.is_file()}
    stems = {path.stem: path for path in files.values()}
    rows: list[_Row] = []
    gone: dict[str, None] = {}
    for place, one in enumerate(asked):
        path = files.get(one.video) or stems.get(Path(one.video).stem)
        if path is None:
            gone[one.video] = None
        elif place not in done:
            rows.append(_Row(place, one, path))
    notes = []
    if gone:
        first = next(iter(gone))
        notes.append(f"{len(gone):,} videos have no file below {videos}, first {first}: left out")
    return rows, notes


def _clips(rows: Sequence[_Row], frames: FrameSettings) -> Iterator[tuple[_Row, VideoClip | str]]:
    """The frames of each row's video, or why there are none; a video asked about again is kept."""
    last: tuple[Path, VideoClip | str] | None = None
    for row in rows:
        if last is None or last[0] != row.path:
            try:
                last = row.path, load_clip(row.path, frames)
            except MediaError as error:
                last = row.path, f"{error}: left out"
        yield row, last[1]


def _read_kept(path: Path, asked: Sequence[Asked]) -> dict[int, tuple[str, str]]:
    """Answers of a run that was cut off; a last line that is not whole does not count."""
    found: dict[int, tuple[str, str]] = {}
    if not path.is_file():
        return found
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        try:
            place, prompt, answer = json.loads(line)
        except ValueError as error:
            if number + 1 == len(lines):
                # Later lines must not be written behind half a line.
                path.write_text("".join(f"{kept}\n" for kept in lines[:-1]), encoding="utf-8")
                break
            raise DataError(f"line {number + 1} of {path} is damaged; delete the file") from error
        if not 0 <= place < len(asked) or asked[place].text not in prompt:
            raise DataError(
                f"{path} has answers to other questions; delete it, or name another folder"
            )
        found[place] = prompt, answer
    return found
