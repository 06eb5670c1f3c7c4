"""How well conversations are followed: brains, with and without history, turn by turn.

    python benchmarks/dialogue.py --out docs/results/dialogue.md
    python benchmarks/dialogue.py --table-only --out docs/results/dialogue.md

Draws a library of videos that no training sees (once; it is kept), has conversations about it with
every brain, lets a simulated user look for videos, asks for what is not there, and writes the page.
A brain that is done is not asked again: a killed run goes on with the next one. Which utterances
are understood without a library is measured on the hand-made ones of `tests/dialogue`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measure import machine

from whenabouts.dialogue.desk import Desk
from whenabouts.dialogue.picking import PickingBrain
from whenabouts.dialogue.planner import Planner
from whenabouts.errors import MissingPartError
from whenabouts.evaluate.dialogue_settings import HISTORIES, DialogueSettings
from whenabouts.evaluate.drawn_library import Corpus, DrawnSettings, drawn_corpus
from whenabouts.evaluate.run_dialogue import evaluate
from whenabouts.evaluate.utterances import read_cases, shares
from whenabouts.library.dialogue_picker import DialoguePicker
from whenabouts.library.encoders import open_encoder
from whenabouts.library.kept_looks import KeptLooks
from whenabouts.library.watchers import VISUAL_TOKENS, open_watcher
from whenabouts.protocols import Brain
from whenabouts.weights.hub import shipped_folder

HERE = Path(__file__).resolve().parent
CASES = HERE.parent / "tests" / "dialogue"
LANGS = {"en": "English", "zh": "Chinese"}
TURNS = 4
"""Turns that have a row of their own."""


def planner(corpus: Corpus) -> Brain:
    """The built-in one."""
    return Planner(Desk(corpus.library))


def without_questions(corpus: Corpus) -> Brain:
    """It never asks back."""
    return Planner(Desk(corpus.library), asks=False)


def with_grounder(corpus: Corpus) -> Planner:
    """Its moments are sharpened by a trained Moment-DETR on the stored vectors."""
    return Planner(Desk(corpus.library, open_watcher("tiny-moment-detr", corpus.library)))


def tiny_ivcr(corpus: Corpus) -> Brain:
    """The planner chooses the act, the small IVCR picks among its candidates and names seconds."""
    return _picking(corpus, Planner(Desk(corpus.library)))


def tiny_ivcr_with_grounder(corpus: Corpus) -> Brain:
    """As that, its moments sharpened by a trained Moment-DETR on the stored vectors."""
    return _picking(corpus, with_grounder(corpus))


def _picking(corpus: Corpus, planner: Planner) -> Brain:
    from whenabouts.systems.video_llm import open_chat

    chat = open_chat(shipped_folder("tiny-ivcr") or Path(), "float32")
    looks = KeptLooks(chat, corpus.library.path / VISUAL_TOKENS, remembered=64, load=corpus.clip)
    return PickingBrain(planner, DialoguePicker(chat, looks=looks))


BRAINS: dict[str, Callable[[Corpus], Brain]] = {
    "planner": planner,
    "planner that never asks": without_questions,
    "planner + tiny-moment-detr": with_grounder,
    "tiny-ivcr": tiny_ivcr,
    "tiny-ivcr + tiny-moment-detr": tiny_ivcr_with_grounder,
}


def main() -> None:
    """Measure what is not measured yet, and write the page."""
    arguments = _arguments()
    settings = DialogueSettings(
        corpus=DrawnSettings(videos=arguments.videos, folder=arguments.runs),
        seeds=tuple(arguments.seeds),
        dialogues=arguments.dialogues,
        searches=arguments.searches,
        nowhere=arguments.nowhere,
        histories=tuple(arguments.histories),
    )
    done = {name: place_of(arguments.runs, name) for name in BRAINS}
    if not arguments.table_only:
        measure(settings, {name: done[name] for name in arguments.brains or BRAINS})
    found = {
        name: json.loads(place.read_text(encoding="utf-8"))
        for name, place in done.items()
        if place.exists()
    }
    if not found:
        sys.exit("nothing is measured yet; go without --table-only")
    text = page(found)
    print(text)
    if arguments.out:
        arguments.out.write_text(text, encoding="utf-8")


def place_of(runs: Path, name: str) -> Path:
    """Where the figures of a brain are."""
    return runs / "figures" / f"{name.replace(' ', '-')}.json"


def measure(settings: DialogueSettings, places: dict[str, Path]) -> None:
    """The figures of every brain that has none."""
    corpus = drawn_corpus(settings.corpus, open_encoder(None), _drawn)
    for name, place in places.items():
        if place.exists():
            print(f"{name}: done", flush=True)
            continue
        try:
            brain = BRAINS[name](corpus)
        except MissingPartError as error:
            print(f"{name}: left out, {error}", flush=True)
            continue
        asked = settings
        if name != "planner":
            few = ("own", "none") if name == "tiny-ivcr" else ("own",)
            asked = settings.model_copy(update={"histories": few})
        began, worked = time.perf_counter(), time.process_time()
        report = evaluate(brain, corpus, asked, _told)
        facts = {
            "settings": asked.model_dump(mode="json", exclude={"corpus": {"folder"}}),
            "machine": machine(),
            "minutes": round((time.perf_counter() - began) / 60, 1),
            "processor_minutes": round((time.process_time() - worked) / 60, 1),
            "figures": report.figures,
            "intervals": report.intervals,
        }
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_suffix(".part")
        draft.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
        draft.rename(place)
        rows = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in report.predictions)
        place.with_suffix(".jsonl").write_text(rows, encoding="utf-8")


def _told(at: int, of: int) -> None:
    print(f"{at} of {of} parts are measured", flush=True)


def _drawn(at: int, of: int) -> None:
    print(f"{at} of {of} videos are drawn", flush=True)


# The page


def page(found: dict[str, dict[str, Any]]) -> str:
    """All tables."""
    first = next(iter(found.values()))
    given = first["settings"]
    corpus, on = given["corpus"], first["machine"]
    counts = f"{given['dialogues']} conversations, {given['searches']} searches of either user"
    lines = [
        "# Conversations",
        "",
        f"`python benchmarks/dialogue.py --dialogues {given['dialogues']} --searches "
        f"{given['searches']} --nowhere {given['nowhere']} --out docs/results/dialogue.md` makes "
        "this page: "
        f"{corpus['videos']} drawn videos of {corpus['duration_s'][0]:g}-"
        f"{corpus['duration_s'][1]:g} s that no training sees (split `{corpus['split']}`, first "
        f"seed {corpus['first_seed']}), {counts} and {given['nowhere']} queries without a target "
        f"for each of the seeds {', '.join(map(str, given['seeds']))} and each language, "
        f"conversations of 1-{given['turns']} turns. Percent, with 95 % intervals over whole "
        f"conversations or searches. Encoder: tiny-clip. {on['cores']} cores of "
        f"{on['processor']}, Python {on['python']}, other work beside it (load "
        f"{on['load_before']:.0f}), so seconds say little.",
        "",
    ]
    lines += _goals(found["planner"]) if "planner" in found else []
    lines += ["## By turn", "", *_by_turn(found), "", "## Searches of a simulated user", ""]
    lines += [*_searches(found), "", "## What is understood", "", *_understood()]
    return "\n".join(lines) + "\n"


def _goals(one: dict[str, Any]) -> list[str]:
    """What was to be reached, and what is."""
    rows = ["## Goals", "", "| goal | English | Chinese |", "|---|---|---|"]
    goals = (
        ("video among the first ten at turn 1, at least 95", "own.{}.turn 1.video R@10"),
        ("first within three turns, user names facts, at least 90", "search.{}.R@1 within 3 turns"),
        ("first within three turns, user points, at least 90", "pointing.{}.R@1 within 3 turns"),
        ("moment end to end IoU 0.5, at least 60", "search.{}.moment end to end R@1 IoU=0.5"),
        ("false finds, at most 5", "own.{}.false finds"),
        ("videos there are, not claimed to be found", "own.{}.turn 1.not answered"),
    )
    for told, key in goals:
        rows.append(f"| {told} | " + " | ".join(_cell(one, key.format(x)) for x in LANGS) + " |")
    return [*rows, ""]


def _by_turn(found: dict[str, dict[str, Any]]) -> list[str]:
    rows = [
        "| brain | history | language | turn | R@1 | R@5 | R@10 | moment IoU 0.3 | 0.5 | 0.7 |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, one in found.items():
        for history in one["settings"]["histories"]:
            for lang, told in LANGS.items():
                for turn in (*range(1, TURNS + 1), 0):
                    part = f"{history}.{lang}." + (f"turn {turn}." if turn else "")
                    keys = [f"video R@{k}" for k in (1, 5, 10)]
                    keys += [f"moment R@1 IoU={limit}" for limit in (0.3, 0.5, 0.7)]
                    cells = " | ".join(_cell(one, part + key) for key in keys)
                    rows.append(f"| {name} | {history} | {told} | {turn or 'all'} | {cells} |")
    return rows


def _searches(found: dict[str, dict[str, Any]]) -> list[str]:
    rows = [
        "| brain | user | language | R@1 within 3 | within 5 | BRI | turns | seconds "
        "| moment end to end IoU 0.5 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    keys = ("R@1 within 3 turns", "R@1 within 5 turns", "BRI", "turns to success",
            "seconds to success", "moment end to end R@1 IoU=0.5")  # fmt: skip
    for name, one in found.items():
        for way, told in (("search", "names facts"), ("pointing", "points")):
            for lang, language in LANGS.items():
                cells = " | ".join(_cell(one, f"{way}.{lang}.{key}") for key in keys)
                rows.append(f"| {name} | {told} | {language} | {cells} |")
    return rows


def _understood() -> list[str]:
    rows = [
        "Hand-made utterances ([tests/dialogue](../../tests/dialogue/README.md)), percent. "
        "*Everything*: act, video, words, conditions are all as meant; *references*: act and video "
        "of those that speak of a shown one.",
        "",
        "| file | language | utterances | everything | references |",
        "|---|---|---|---|---|",
    ]
    for name, told in (
        ("development", "seen by whoever wrote the rules"),
        ("held_out", "seen since its first measure"),
        ("fresh", "not seen"),
    ):
        cases = read_cases(CASES / f"{name}.jsonl")
        part, _ = shares(cases)
        for lang, language in LANGS.items():
            count = sum(case.lang == lang for case in cases)
            cells = f"{part[lang]:.1f} | {part[f'references.{lang}']:.1f}"
            rows.append(f"| {told} | {language} | {count} | {cells} |")
    return rows


def _cell(one: dict[str, Any], key: str) -> str:
    value = one["figures"].get(key)
    if value is None:
        return "-"
    edges = one["intervals"].get(key)
    shown = f"{value:.2f}" if value < 10 and not edges else f"{value:.1f}"
    return shown if edges is None else f"{shown} ({edges[0]:.0f}-{edges[1]:.0f})"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, default=Path("runs/dialogue"))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--videos", type=int, default=1000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--dialogues", type=int, default=20)
    parser.add_argument("--searches", type=int, default=20)
    parser.add_argument("--nowhere", type=int, default=30)
    parser.add_argument("--histories", nargs="+", default=HISTORIES, choices=HISTORIES)
    parser.add_argument("--brains", nargs="+", choices=list(BRAINS))
    parser.add_argument("--table-only", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
