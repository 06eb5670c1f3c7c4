"""Places in a conversation: a moment of a turn, and which of them a reference means."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from whenabouts.dialogue.plan import Ref
from whenabouts.types import Moment, Turn

_LATIN = re.compile(r"[a-z]{3,}")
_CJK = re.compile(
    r"(?![的那这个看再回到刚才之前过了我们你视频段条打开放给一下里在有是把先最又重新头原来导出])[\u3400-\u9fff]"
)
"""Characters that may say what a video shows."""
_COMMON = frozenset(
    ("the", "and", "one", "was", "were", "that", "this", "video", "clip", "again", "open", "show",
     "back", "with", "from", "about", "you", "please", "reopen")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spot:
    """Moment number `rank` (from 0) of turn number `turn`."""

    turn: int
    rank: int


def moment_at(spot: Spot, turns: Sequence[Turn]) -> Moment:
    """The moment there."""
    return turns[spot.turn].moments[spot.rank]


def resolve(
    refs: Sequence[Ref],
    listed: int,
    focus: Spot | None,
    met: Sequence[Spot],
    turns: Sequence[Turn],
    newest: Callable[[Moment], float] | None = None,
) -> tuple[Spot, ...]:
    """The moments that references mean, in their order; names of files are left to the library.

    Args:
        refs: as they were read; none of them means none here.
        listed: the turn whose list is on display; -1 for none.
        focus: what is talked about.
        met: the videos of the conversation in order.
        turns: the conversation so far.
        newest: when a moment's video was recorded, seconds; None: unknown.
    """
    count = len(turns[listed].moments) if listed >= 0 else 0
    found: list[Spot] = []
    for ref in refs:
        if ref.name == "but":
            others = {Spot(listed, at) for at in range(count)} - set(found)
            return tuple(sorted(others, key=lambda spot: spot.rank))
        if ref.kind == "all":
            found += _some(ref, listed, count, met)
        elif ref.kind in ("rank", "met"):
            found += _counted(ref, listed, met, turns)
        elif ref.kind == "told":
            found += _told(ref.name, focus, met, turns)
        elif ref.kind == "most":
            found += _most(ref.name, listed, turns, newest)
        elif ref.kind != "name":
            found += _beside(ref, listed, focus, met, turns)
    return tuple(dict.fromkeys(found))


def _some(ref: Ref, listed: int, count: int, met: Sequence[Spot]) -> list[Spot]:
    """All, or so many: of `these two` all that is shown, else what was looked at last."""
    if ref.name == "few" and count > ref.number and len(met) >= ref.number:
        return list(met[-ref.number :])
    many = min(abs(ref.number) or count, count)
    first = count - many if ref.number < 0 else 0
    return [Spot(listed, first + at) for at in range(many)]


def _counted(ref: Ref, listed: int, met: Sequence[Spot], turns: Sequence[Turn]) -> list[Spot]:
    """A place in the list, or in the order in which videos were looked at."""
    count = len(turns[listed].moments) if listed >= 0 else 0
    if ref.kind == "rank" or (ref.name and _of_one_list(met, listed, turns)):
        return _ranked(ref.number, listed, count)
    if ref.number > len(met):
        return _ranked(ref.number, listed, count)
    return list(met[ref.number - 1 : ref.number] if ref.number > 0 else met[ref.number :][:1])


def _of_one_list(met: Sequence[Spot], listed: int, turns: Sequence[Turn]) -> bool:
    """Whether all that was looked at is in the list on display: its places are what is counted."""
    if listed < 0 or not met:
        return False
    shown = {moment.video.id for moment in turns[listed].moments}
    chosen = {moment_at(spot, turns).video.id for spot in met}
    return chosen <= shown and len(shown) > len(chosen)


def _ranked(number: int, listed: int, count: int) -> list[Spot]:
    at = number - 1 if number > 0 else count + number
    return [Spot(listed, at)] if 0 <= at < count else []


def _most(
    name: str, listed: int, turns: Sequence[Turn], newest: Callable[[Moment], float] | None
) -> list[Spot]:
    moments = turns[listed].moments if listed >= 0 else ()
    if not moments:
        return []
    if name == "middle":
        return [Spot(listed, (len(moments) - 1) // 2)]
    if name in ("longest", "shortest"):
        sizes = [moment.video.duration_s for moment in moments]
    elif newest is not None:
        sizes = [newest(moment) for moment in moments]
    else:
        return []
    best = max(sizes) if name in ("longest", "newest") else min(sizes)
    return [Spot(listed, sizes.index(best))]


def _beside(
    ref: Ref, listed: int, focus: Spot | None, met: Sequence[Spot], turns: Sequence[Turn]
) -> list[Spot]:
    """That one, the next one, the previous one, the other one."""
    if ref.kind == "focus":
        return [focus] if focus is not None else []
    if ref.kind == "previous" and len(met) > 1:
        return [met[-2]]
    if ref.kind == "other" and len(met) == 2 and focus in met:
        return [spot for spot in met if spot != focus]
    moments = turns[listed].moments if listed >= 0 else ()
    at = _rank_of(focus, listed, turns)
    if ref.kind == "next" and ref.number:
        return [Spot(listed, at + ref.number)] if 0 <= at + ref.number < len(moments) else []
    step = -1 if ref.kind == "previous" or (ref.kind == "other" and at == len(moments) - 1) else 1
    return [Spot(listed, at + step)] if 0 <= at + step < len(moments) else []


def _told(words: str, focus: Spot | None, met: Sequence[Spot], turns: Sequence[Turn]) -> list[Spot]:
    """The video that was looked for or asked about in most of these words; else the focus."""
    best, most = focus, 0
    for spot in reversed(met):
        said = _about(spot, turns).lower()
        shared = sum(word in said for word in _pieces(words))
        if shared > most:
            best, most = spot, shared
    return [best] if best is not None else []


def _about(spot: Spot, turns: Sequence[Turn]) -> str:
    """What the user said on the way to a video, back to the search that found it."""
    video = moment_at(spot, turns).video.id
    said: list[str] = []
    for at in range(spot.turn, -1, -1):
        shown = {moment.video.id for moment in turns[at].moments}
        if turns[at].role == "user":
            said.append(turns[at].text)
        elif len(shown) > 1 and video in shown:
            return " ".join((*said, turns[at - 1].text if at else ""))
    return " ".join(said)


def _pieces(words: str) -> list[str]:
    """Words that say something; of Chinese its characters."""
    return [word for word in _LATIN.findall(words) if word not in _COMMON] + _CJK.findall(words)


def _rank_of(focus: Spot | None, listed: int, turns: Sequence[Turn]) -> int:
    """Where what is talked about stands in the list on display; -1 where it does not."""
    if focus is None or listed < 0:
        return -1
    video = moment_at(focus, turns).video.id
    ids = [moment.video.id for moment in turns[listed].moments]
    return ids.index(video) if video in ids else -1
