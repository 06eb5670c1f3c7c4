"""Packets gathered into groups that can be decoded or skipped as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.packet import Packet

MAX_PACKETS, MAX_BYTES = 1024, 2**25
"""Most that is gathered: longer groups come in pieces, so that memory stays bounded."""


@dataclass(slots=True)
class Group:
    """Packets from one key frame up to the next, in decoding order, or a piece of such."""

    packets: list[Packet] = field(default_factory=list)
    piece: bool = False
    """True when it goes on where the group before was cut, so that it needs that one decoded."""
    next: Group | None = None
    """The group that follows; None for the last one."""

    @property
    def begin(self) -> int | None:
        """Tick of its first shown frame."""
        return min(self.shown(), default=None)

    @property
    def key(self) -> int | None:
        """Tick of its key frame, its first packet."""
        return self.packets[0].pts

    @property
    def leans_back(self) -> bool:
        """Whether frames shown before its key frame refer to the group before (open GOP)."""
        begin = self.begin
        return self.piece or (begin is not None and self.key is not None and begin < self.key)

    @property
    def end(self) -> int | None:
        """Tick of the first frame shown after it; None when that is not known."""
        if self.next is None or self.next.piece:
            return None
        return self.next.begin

    def shown(self) -> list[int]:
        """Ticks of its shown frames, in decoding order."""
        return [p.pts for p in self.packets if p.pts is not None and not p.is_discard]


def groups(packets: Iterable[Packet]) -> Iterator[Group]:
    """Groups in order, each with the one that follows it."""
    previous: Group | None = None
    for group in _groups(packets):
        if previous is not None:
            previous.next = group
            yield previous
            previous.next = None
        previous = group
    if previous is not None:
        yield previous


def _groups(packets: Iterable[Packet]) -> Iterator[Group]:
    group, size = Group(), 0
    for packet in packets:
        full = len(group.packets) >= MAX_PACKETS or size >= MAX_BYTES
        if group.packets and (packet.is_keyframe or full):
            yield group
            group, size = Group(piece=not packet.is_keyframe), 0
        group.packets.append(packet)
        size += packet.size
    if group.packets:
        yield group
