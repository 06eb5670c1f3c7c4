"""Places in a conversation: a moment of a turn, and which of them a reference means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from whenabouts.dialogue.plan import Ref
from whenabouts.types import Moment, Turn


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
        if ref.kind == "rank" or (
            ref.kind == "met" and ref.name and _of_one_list(met, listed, turns)
        ):
            found += _ranked(ref.number, listed, count)
        elif ref.kind == "met":
            found += met[ref.number - 1 : ref.number] if ref.number > 0 else met[ref.number :][:1]
            if ref.number > len(met):
                found += _ranked(ref.number, listed, count)
        elif ref.kind == "all":
            many = min(abs(ref.number) or count, count)
            first = count - many if ref.number < 0 else 0
            found += [Spot(listed, first + at) for at in range(many)]
        elif ref.kind == "most":
            found += _most(ref.name, listed, turns, newest)
        elif ref.kind != "name":
            found += _beside(ref, listed, focus, met, turns)
    return tuple(dict.fromkeys(found))


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
    moments = turns[listed].moments if listed >= 0 else ()
    at = _rank_of(focus, listed, turns)
    step = -1 if ref.kind == "previous" or (ref.kind == "other" and at == len(moments) - 1) else 1
    return [Spot(listed, at + step)] if 0 <= at + step < len(moments) else []


def _rank_of(focus: Spot | None, listed: int, turns: Sequence[Turn]) -> int:
    """Where what is talked about stands in the list on display; -1 where it does not."""
    if focus is None or listed < 0:
        return -1
    video = moment_at(focus, turns).video.id
    ids = [moment.video.id for moment in turns[listed].moments]
    return ids.index(video) if video in ids else -1
