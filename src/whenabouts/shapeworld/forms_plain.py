"""Our own form: videos in one folder, `videos.jsonl` with what happens, `truth.jsonl` with queries.

A line of `truth.jsonl`: `{"kind", "lang", "text", "answers": {video: [[start_s, end_s], ...]}}`.
`answers` holds every video of the folder that answers the query, with all its spans; it is empty
for queries that nothing answers. Kinds: `moment` (an event), `video` (a fine caption; the span is
the whole video), `coarse` (fits several videos), `speech` (a spoken line), `screen` (a drawn word)
and `absent`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from whenabouts.shapeworld.axes import Lang
from whenabouts.shapeworld.collection import Item
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.library_truth import LibraryTruth
from whenabouts.shapeworld.say import Saying, caption, coarse_caption, moment_query, say
from whenabouts.shapeworld.script import Event, Script
from whenabouts.types import Span

LANGS: tuple[Lang, ...] = ("en", "zh")
Line = dict[str, object]
_TRIES = 12


def place(number: int, _script: Script) -> Path:
    """`shapes_0007.mp4`."""
    return Path(f"shapes_{number:04d}.mp4")


def annotate(items: Sequence[Item], folder: Path, _lang: Lang, dice: Dice) -> None:
    """Write `videos.jsonl` and `truth.jsonl`, in both languages."""
    scripts = {item.path.name: item.script for item in items}
    write_lines(folder / "videos.jsonl", (_facts(item) for item in items))
    write_lines(folder / "truth.jsonl", queries(scripts, dice))


def queries(scripts: Mapping[str, Script], dice: Dice) -> Iterator[Line]:
    """Queries of every kind about a collection, with all their answers."""
    truth = LibraryTruth(scripts)
    for script in scripts.values():
        for lang in LANGS:
            yield from _moments(truth, script, lang, dice)
            yield _whole("video", caption(script, lang, dice), truth)
            yield _whole("coarse", coarse_caption(script, lang, dice), truth)
    yield from _words(scripts)
    for number in range(max(4, len(scripts) // 2)):
        lang = LANGS[number % 2]
        description = truth.describe_nowhere(dice)
        yield _line("absent", lang, say(description, lang, dice), {})


def write_lines(path: Path, lines: Iterable[Line]) -> None:
    """Write JSON lines in UTF-8."""
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")


def _moments(truth: LibraryTruth, script: Script, lang: Lang, dice: Dice) -> Iterator[Line]:
    """A query for up to two events of a video, preferably ones that no other video shows."""
    for event in dice.shuffled(script.main_events)[:2]:
        best: tuple[Saying, dict[str, tuple[Span, ...]]] | None = None
        for _ in range(_TRIES):
            query = moment_query(script, event, lang, dice)
            found = truth.answers(query.description.claims[0])
            if best is None or len(found) < len(best[1]):
                best = Saying(query.text, lang, query.description), found
            if len(found) == 1:
                break
        if best is not None:
            yield _line("moment", lang, best[0].text, best[1])


def _whole(kind: str, said: Saying, truth: LibraryTruth) -> Line:
    """A caption and all the videos that it fits."""
    names = truth.fitting(said.description)
    found = {name: (Span(0.0, truth.scripts[name].duration_s),) for name in names}
    return _line(kind, said.lang, said.text, found)


def _words(scripts: Mapping[str, Script]) -> Iterator[Line]:
    """A query for every spoken line and drawn word, word for word."""
    found: dict[tuple[str, Lang, str], dict[str, list[Span]]] = {}
    for name, script in scripts.items():
        for scene in script.scenes:
            pieces = [("speech", line) for line in scene.spoken]
            for kind, piece in [*pieces, *(("screen", drawn) for drawn in scene.drawn)]:
                spans = found.setdefault((kind, piece.lang, piece.text), {})
                spans.setdefault(name, []).append(piece.span)
    for (kind, lang, text), spans in found.items():
        yield _line(kind, lang, text, {name: tuple(sorted(s)) for name, s in spans.items()})


def _line(kind: str, lang: Lang, text: str, found: Mapping[str, Sequence[Span]]) -> Line:
    spans = {name: [_pair(span) for span in spans] for name, spans in found.items()}
    return {"kind": kind, "lang": lang, "text": text, "answers": spans}


def _pair(span: Span) -> list[float]:
    return [round(span.start_s, 3), round(span.end_s, 3)]


def _facts(item: Item) -> Line:
    """What happens in a video, for people and for tests."""
    script = item.script
    return {
        "video": item.path.name,
        "seed": script.seed,
        "split": script.split,
        "duration_s": round(script.duration_s, 3),
        "fps": script.fps,
        "width": script.width,
        "height": script.height,
        "scenes": [
            {
                "span": _pair(scene.span),
                "ground": scene.backdrop.ground,
                "colour": scene.backdrop.colour,
                "light": scene.backdrop.light,
                "events": [_event(event) for event in scene.events],
                "drawn": [{"text": d.text, "span": _pair(d.span)} for d in scene.drawn],
                "spoken": [{"text": s.text, "span": _pair(s.span)} for s in scene.spoken],
            }
            for scene in script.scenes
        ],
    }


def _event(event: Event) -> Line:
    facts: Line = {"span": _pair(event.span), "action": event.action, "main": event.main}
    for part in ("actor", "partner", "becomes"):
        actor = getattr(event, part)
        if actor is not None:
            facts[part] = {
                "shape": actor.shape,
                "colour": actor.colour,
                "size": actor.size,
                "count": actor.count,
            }
    return facts
