"""What a conversation may do outside itself: write exports into one folder, open a player."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from whenabouts.app.exporting import write
from whenabouts.app.player import play
from whenabouts.app.preferences import preferences
from whenabouts.app.sheet import sheet_name, write_sheet
from whenabouts.errors import InputError
from whenabouts.types import Moment


class TerminalHands:
    """The hands of a terminal chat: files go into `folder` and never over one that is there."""

    def __init__(self, folder: Path, *, player: bool) -> None:
        self._folder, self._player = folder, player

    def export(self, moments: Sequence[Moment], to: str) -> list[Path]:
        """Write results; the files."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if to == "picture":
            files = [self._free(sheet_name(moment)) for moment in moments]
            for file, moment in zip(files, moments, strict=True):
                write_sheet(moment, file, moment.text)
            return files
        if to not in ("clip", "csv", "vtt", "otio"):
            raise InputError(f"{to!r} cannot be exported; clip, csv, vtt, otio or picture can")
        place = self._free("chat")
        place.mkdir()
        return write(moments, to, title="chat", out=place, exact=False)

    def _free(self, name: str) -> Path:
        """A name in the folder that is not taken."""
        file, number = self._folder / name, 2
        while file.exists():
            file = self._folder / f"{Path(name).stem}-{number}{Path(name).suffix}"
            number += 1
        return file

    def play(self, moment: Moment) -> str:
        """Open a player, where somebody sits in front of it; its name."""
        if not self._player:
            return ""
        return play(moment.video.path, moment.span.start_s, preferences().player)
