"""`data convert`, and `data check` of instructions: what video LLMs learn from."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from whenabouts.app.options import JsonOption
from whenabouts.app.progress import Bar
from whenabouts.app.screen import plain, print_json, say
from whenabouts.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whenabouts.data.instruct.check import RecordsState, ToldState
    from whenabouts.data.instruct.convert import Converted
    from whenabouts.data.instruct.raw_events import Kind
    from whenabouts.data.instruct.records import Record

RECORDS, RAW = "instructions", "vtg-it-raw"
"""What `data convert` and `data check` take besides datasets."""
_SHOWN = 5


def convert(
    source: Annotated[
        str,
        typer.Argument(
            help="charades-sta, didemo, queryd, hirest-grounding, hirest-step, activitynet, "
            "youcook2, vitt, coin, qvhighlights, tvsum or summe; instructions (files of TimeIT, "
            "VTG-IT or Valley); vtg-it-raw (lines that a language model wrote)."
        ),
    ],
    path: Annotated[Path, typer.Argument(help="The dataset's folder, or the file.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where to write.")],
    form: Annotated[
        Literal["timeit", "vtg-it", "valley"],
        typer.Option(
            "--as", help="timeit: times as numbers; vtg-it: as time tokens; valley: as turns."
        ),
    ] = "timeit",
    split: Annotated[str, typer.Option(help="train, val or test of a dataset.")] = "train",
    task: Annotated[
        Literal["dvc", "tvg", "vhd", "vs"],
        typer.Option(
            help="What to make of vtg-it-raw: dense captions, moments, highlights or summaries."
        ),
    ] = "dvc",
    lang: Annotated[
        Literal["en", "zh"],
        typer.Option(help="Language of the questions; captions stay as they are."),
    ] = "en",
    videos: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Keep only videos with a file below; paths begin there. For vtg-it-raw: what "
            '"end" means is looked up there.',
        ),
    ] = None,
    annotations: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Annotation files, when they are elsewhere."),
    ] = None,
    transcripts: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="What is said: NAME.tsv with start, end, text."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Chooses the wording of the questions.")] = 0,
    json: JsonOption = False,
) -> None:
    """Turn a published dataset into questions and answers that video LLMs learn from."""
    from whenabouts.data.instruct.records import write_records

    folders = [None if at is None else at.expanduser() for at in (videos, annotations, transcripts)]
    if source == RAW and folders[1:] == [None, None]:
        made = _from_raw(path.expanduser(), form, task, lang, seed, folders[0])
    elif source in (RECORDS, RAW):
        if any(folders):
            raise InputError(f"{source} takes no folder of videos, annotations or transcripts")
        made = _from_records(path.expanduser(), form)
    else:
        made = _from_dataset(source, path.expanduser(), form, split, lang, seed, folders)
    target = out.expanduser()
    count = write_records(target, made.records, form)
    body = {"source": source, "file": str(target), "form": form, "records": count}
    if json:
        print_json("data convert", {**body, "notes": list(made.notes)})
        return
    for told in made.notes:
        say(plain(told))
    say(f"{count:,} records of {source} in {plain(target)}")


def _from_dataset(
    source: str,
    folder: Path,
    form: str,
    split: str,
    lang: Literal["en", "zh"],
    seed: int,
    folders: Sequence[Path | None],
) -> Converted:
    """`folders` are those of videos, annotations and transcripts."""
    from whenabouts.data.instruct.convert import ConvertSettings, convert_dataset
    from whenabouts.data.settings import DataSettings

    videos, annotations, transcripts = folders
    places = DataSettings(videos=videos, annotations=annotations)
    style = "vtg-it" if form == "vtg-it" else "timeit"
    settings = ConvertSettings(style=style, lang=lang, seed=seed)
    return convert_dataset(source, folder, split, settings, places, transcripts)


def _from_records(path: Path, form: str) -> Converted:
    from whenabouts.data.instruct.convert import Converted
    from whenabouts.data.instruct.records import read_records

    return Converted(tuple(_numbered(read_records(path), form)), ())


def _from_raw(
    path: Path, form: str, task: Kind, lang: Literal["en", "zh"], seed: int, videos: Path | None
) -> Converted:
    from whenabouts.data.instruct.convert import Converted
    from whenabouts.data.instruct.raw_events import RawSettings, raw_record
    from whenabouts.data.tables import read_lines

    settings = RawSettings(lang=lang, seed=seed)
    lines = read_lines(path)
    made = [raw_record(line, task, _length_s(line, videos), settings) for line in lines]
    found = [record for record in made if record is not None]
    if not found:
        raise InputError(f"nothing in {path} becomes a record of {task!r}; try another --task")
    lost = len(lines) - len(found)
    notes = (f"{lost:,} of {len(lines):,} lines tell nothing that fits",) if lost else ()
    return Converted(tuple(_numbered(found, form)), notes)


def _length_s(line: str, videos: Path | None) -> float | None:
    """How long the video of a raw line is, where its text needs that."""
    from whenabouts.data.instruct.raw_events import needs_length, raw_video
    from whenabouts.media.probe import probe

    video = raw_video(line)
    if videos is None or video is None or not needs_length(line):
        return None
    path = videos / video
    return probe(path).duration_s if path.is_file() else None


def _numbered(records: Sequence[Record], form: str) -> list[Record]:
    return [record.numbered("tokens" if form == "vtg-it" else "plain") for record in records]


def check_instructions(path: Path, videos: Path | None, probe: int, *, json: bool) -> bool:
    """Tell what instructions hold; whether they can be learnt from."""
    from whenabouts.data.instruct.check import check_records

    with Bar("Opening videos", unit="videos") as bar:
        found = check_records(
            path,
            videos,
            probe_limit=probe,
            tell=lambda done, total, name: bar.to(done, total, detail=name),
        )
    if json:
        print_json("data check", _records_body(path, found))
    else:
        _tell_records(found)
    return found.sound


def check_source(name: str, path: Path, annotations: Path | None, *, json: bool) -> bool:
    """Tell what a dataset has to make instructions of; whether there is anything."""
    from whenabouts.data.instruct.check import check_telling
    from whenabouts.data.settings import DataSettings

    states = check_telling(name, path, DataSettings(annotations=annotations))
    sound = any(state.told for state in states) and not any(state.problem for state in states)
    if json:
        print_json("data check", {"dataset": name, "folder": str(path), "ok": sound,
                                  "splits": [_told_body(state) for state in states]})  # fmt: skip
        return sound
    for state in states:
        _tell_state(state)
    say(f"{name} {'can be converted' if sound else 'cannot be converted'}")
    return sound


def _records_body(path: Path, found: RecordsState) -> dict[str, Any]:
    return {
        "dataset": RECORDS,
        "folder": str(path),
        "ok": found.sound,
        "records": found.records,
        "questions": found.questions,
        "sources": found.sources,
        "videos": found.videos,
        "missing_videos": list(found.missing),
        "opened": found.opened,
        "unreadable": [{"path": str(at), "reason": why} for at, why in found.unreadable],
        "beyond": [
            {"video": name, "time_s": time_s, "duration_s": length_s}
            for name, time_s, length_s in found.beyond
        ],
    }


def _told_body(state: ToldState) -> dict[str, Any]:
    return {
        "split": state.split,
        "told": state.told,
        "videos": state.videos,
        "missing_files": [str(path) for path in state.files],
        "problem": state.problem,
        "notes": list(state.notes),
    }


def _tell_records(found: RecordsState) -> None:
    say(f"{found.records:,} records, {found.questions:,} questions, {found.videos:,} videos")
    for name, count in Counter(found.sources).most_common():
        say(f"{plain(name or 'without a source')}: {count:,} records")
    for name in found.missing[:_SHOWN]:
        say(f"no file of {plain(name)}")
    _more(len(found.missing), "videos without a file")
    for at, why in found.unreadable[:_SHOWN]:
        say(f"unreadable: {plain(at)}: {plain(why)}")
    _more(len(found.unreadable), "unreadable videos")
    for name, time_s, length_s in found.beyond[:_SHOWN]:
        say(f"{plain(name)} lasts {length_s:.1f} s, and an answer names {time_s:.1f} s")
    _more(len(found.beyond), "videos shorter than what is said of them")
    say(f"opened {found.opened:,} videos, {len(found.unreadable)} unreadable")


def _tell_state(state: ToldState) -> None:
    if state.files:
        say(f"{state.split}: missing {', '.join(plain(path) for path in state.files)}")
    elif state.problem:
        say(f"{state.split}: {plain(state.problem)}")
    else:
        say(f"{state.split}: {state.told:,} instructions about {state.videos:,} videos")
    for told in state.notes:
        say(f"{state.split}: {plain(told)}")


def _more(count: int, what: str) -> None:
    if count > _SHOWN:
        say(f"... {count - _SHOWN:,} more {what}; --json lists all")
