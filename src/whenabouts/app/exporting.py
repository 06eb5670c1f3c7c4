"""Writes moments to files: which format, which name, one file or several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from whenabouts.app.cutting import as_csv, as_otio, as_vtt, by_video, clip_name
from whenabouts.app.editing import as_edl, as_fcpxml
from whenabouts.app.progress import Bar
from whenabouts.app.screen import note, plain, print_text
from whenabouts.errors import InputError
from whenabouts.types import Moment

EARLY_S = 0.1
"""A clip that begins earlier than this is told."""


def write(
    moments: Sequence[Moment], to: str, *, title: str, out: Path | None, exact: bool
) -> list[Path]:
    """Write `moments` as `to` (`clip`, `csv`, `edl`, ...); the files written, best rank first.

    `out` is a file, a folder for several files, or `-` for stdout; None is the current folder.
    """
    if not moments:
        raise InputError("there is nothing to export; name hits of the last search")
    if to == "clip":
        return _clips(moments, out, exact=exact)
    written = texts(moments, to, title)
    if str(out) == "-":
        for text in written.values():
            print_text(text)
        return []
    return _written(written, out)


WHOLE: dict[str, Callable[[Sequence[Moment], str], str]] = {
    "csv": lambda moments, _: as_csv(moments),
    "edl": as_edl,
    "fcpxml": as_fcpxml,
    "otio": as_otio,
}
"""Formats that hold the moments of all videos in one file."""


def texts(moments: Sequence[Moment], to: str, title: str) -> dict[str, str]:
    """File name -> content, for every format but clips."""
    if to in WHOLE:
        return {f"moments.{to}": WHOLE[to](moments, title)}
    named: dict[str, str] = {}
    for path, found in by_video(moments).items():
        name, number = f"{path.stem}.chapters.vtt", 2
        while name in named:  # two videos of one name in different folders
            name, number = f"{path.stem}.{number}.chapters.vtt", number + 1
        named[name] = as_vtt(found, title)
    return named


def _written(texts: dict[str, str], out: Path | None) -> list[Path]:
    folder = Path() if out is None else out.expanduser()
    if out is not None and len(texts) == 1 and not folder.is_dir():
        files = [folder]
    elif out is not None and not folder.is_dir():
        raise InputError(
            f"the hits are in {len(texts)} videos and chapters belong to one each; "
            f"give a folder that exists instead of {out}"
        )
    else:
        files = [folder / name for name in texts]
    for file, text in zip(files, texts.values(), strict=True):
        # A path may hold bytes that are no UTF-8; they go out as they came in.
        file.write_text(text, encoding="utf-8", errors="surrogateescape", newline="\n")
    return files


def _clips(moments: Sequence[Moment], out: Path | None, *, exact: bool) -> list[Path]:
    from whenabouts.media.cut import cut_clip

    target = Path() if out is None else out.expanduser()
    if out is not None and not target.is_dir() and len(moments) > 1:
        raise InputError(f"{len(moments)} clips need a folder that exists, and {out} is none")
    written: list[Path] = []
    with Bar("Cutting clips", len(moments), "clips") as bar:
        for done, moment in enumerate(moments):
            name = clip_name(moment)
            bar.to(done, detail=name)
            file = target / name if target.is_dir() else target
            if file.exists() and file.samefile(moment.video.path):
                raise InputError(f"{plain(file)} is the video itself; give another --out")
            span = cut_clip(moment.video.path, moment.span, file, exact=exact)
            written.append(file)
            early_s = moment.span.start_s - span.start_s
            if early_s > EARLY_S:
                note(f"{plain(name)} begins {early_s:.1f} s early, at a key frame; or use --exact")
    return written
