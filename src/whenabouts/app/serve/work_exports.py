"""Jobs that write files for other programs; they can be fetched for a day."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whenabouts.app.cutting import clip_name
from whenabouts.app.exporting import EARLY_S, texts
from whenabouts.app.serve.files import readable_file
from whenabouts.app.serve.lanes import Told
from whenabouts.app.serve.names import find_moment
from whenabouts.media.cut import cut_clip
from whenabouts.types import Moment

if TYPE_CHECKING:
    from whenabouts.app.serve.shelf import Shelf

KEPT_S = 24 * 3600.0
"""Exports are kept for so long."""
PLACE = "exports"


class ExportWork:
    """Writes moments to files of ours."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def export(self, request: dict[str, Any], told: Told) -> dict[str, Any]:
        """All moments of a request in one format."""
        forget_old(self._shelf.place(PLACE))
        folder = self._shelf.place(PLACE, told.id)
        moments = [find_moment(self._shelf.library, name) for name in request["moments"]]
        moments = [_worded(one, request["title"]) for one in moments]
        notes: list[str] = []
        if request["to"] == "clip":
            files = self._clips(moments, folder, request["exact"], told, notes)
        else:
            files: list[Path] = []
            for name, text in texts(moments, request["to"], request["title"]).items():
                file = folder / name
                file.write_text(text, encoding="utf-8", errors="surrogateescape", newline="\n")
                files.append(file)
        return {
            "to": request["to"],
            "files": [
                {
                    "name": file.name,
                    "url": f"/api/v1/exports/{told.id}/{file.name}",
                    "size": file.stat().st_size,
                }
                for file in files
            ],
            "notes": notes,
        }

    def _clips(
        self, moments: list[Moment], folder: Path, exact: bool, told: Told, notes: list[str]
    ) -> list[Path]:
        files: list[Path] = []
        for done, moment in enumerate(moments):
            name = _plain_name(clip_name(moment))
            told.progress("clips", done, len(moments), name)
            source, _ = readable_file(self._shelf.library, moment.video.id)
            file = folder / name
            span = cut_clip(source, moment.span, file, exact=exact)
            early_s = moment.span.start_s - span.start_s
            if early_s > EARLY_S:
                notes.append(f"{name} begins {early_s:.1f} s early, at a key frame")
            files.append(file)
        return list(dict.fromkeys(files))


def _worded(moment: Moment, title: str) -> Moment:
    return Moment(moment.video, moment.span, moment.score, title)


def _plain_name(name: str) -> str:
    """A file name that any system and any address takes."""
    kept = "".join(c if c.isalnum() or c in "-_.@ " else "_" for c in name)
    return kept.lstrip(".")[-120:] or "clip.mp4"


def forget_old(folder: Path) -> None:
    """Remove what is older than a day."""
    for one in folder.iterdir():
        try:
            if time.time() - one.stat().st_mtime > KEPT_S:
                shutil.rmtree(one, ignore_errors=True)
        except OSError:
            continue  # somebody else was quicker
