"""Dataset folders: real H.264 files with annotations in the forms of published datasets.

The forms are those of the files that people download, so that readers and recipes for the published
data run on drawn videos unchanged. `library` is our own form: videos with queries and their truth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from whenabouts.errors import InputError
from whenabouts.shapeworld import (
    forms_instruct,
    forms_ivcr,
    forms_plain,
    forms_questions,
    forms_time,
    forms_whole,
)
from whenabouts.shapeworld.axes import Lang
from whenabouts.shapeworld.collection import Item, draw_scripts, write_item
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.scene import Plan
from whenabouts.shapeworld.script import Script

Annotate = Callable[[Sequence[Item], Path, Lang, Dice], None]
Tell = Callable[[int, int, str], None]
"""Told before each video: how many are done, how many there will be, and its name."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a dataset looks on disk."""

    plan: Plan
    shares: tuple[float, float, float]
    """Shares of train, val and test."""
    place: Callable[[int, Script], Path]
    """Where the file of the n-th video lies, below the folder."""
    annotate: Annotate
    beside: bool = False
    """Whether subtitle files may lie beside the videos."""


FORMS: dict[str, Form] = {
    "library": Form(
        Plan(duration_s=(5.0, 60.0), scenes=(1, 8), text_share=0.25),
        (0.0, 0.0, 1.0),
        forms_plain.place,
        forms_plain.annotate,
        beside=True,
    ),
    "msrvtt": Form(
        Plan(duration_s=(10.0, 30.0), scenes=(1, 4)),
        (0.8, 0.0, 0.2),
        forms_whole.place_msrvtt,
        forms_whole.annotate_msrvtt,
    ),
    "msvd": Form(
        Plan(duration_s=(5.0, 20.0), scenes=(1, 2)),
        (0.6, 0.1, 0.3),
        forms_whole.place_msvd,
        forms_whole.annotate_msvd,
    ),
    "lsmdc": Form(
        Plan(duration_s=(5.0, 8.0), scenes=(1, 1)),
        (0.7, 0.1, 0.2),
        forms_whole.place_lsmdc,
        forms_whole.annotate_lsmdc,
    ),
    "charades-sta": Form(
        Plan(duration_s=(15.0, 40.0), scenes=(1, 3)),
        (0.7, 0.0, 0.3),
        forms_time.place_charades,
        forms_time.annotate_charades,
    ),
    "qvhighlights": Form(
        Plan(duration_s=(60.0, 150.0), scenes=(4, 8)),
        (0.6, 0.2, 0.2),
        forms_time.place_qvhighlights,
        forms_time.annotate_qvhighlights,
    ),
    "activitynet": Form(
        Plan(duration_s=(30.0, 120.0), scenes=(2, 6)),
        (0.6, 0.2, 0.2),
        forms_time.place_activitynet,
        forms_time.annotate_activitynet,
    ),
    "didemo": Form(
        Plan(duration_s=(25.0, 32.0), scenes=(2, 5)),
        (0.6, 0.2, 0.2),
        forms_time.place_didemo,
        forms_time.annotate_didemo,
    ),
    "timeit": Form(
        Plan(duration_s=(60.0, 120.0), scenes=(3, 6)),
        (0.7, 0.1, 0.2),
        forms_instruct.place,
        forms_instruct.annotate_timeit,
    ),
    "vtg-it": Form(
        Plan(duration_s=(60.0, 120.0), scenes=(3, 6)),
        (0.7, 0.1, 0.2),
        forms_instruct.place,
        forms_instruct.annotate_vtg_it,
    ),
    "ivcr": Form(
        Plan(duration_s=(10.0, 40.0), scenes=(1, 4)),
        (0.6, 0.0, 0.4),
        forms_ivcr.place,
        forms_ivcr.annotate,
    ),
    "nextqa": Form(
        Plan(duration_s=(20.0, 60.0), scenes=(2, 5)),
        (0.6, 0.2, 0.2),
        forms_questions.place_nextqa,
        forms_questions.annotate_nextqa,
    ),
    "star": Form(
        Plan(duration_s=(15.0, 40.0), scenes=(2, 4)),
        (0.6, 0.2, 0.2),
        forms_questions.place_star,
        forms_questions.annotate_star,
    ),
    "how2qa": Form(
        Plan(duration_s=(45.0, 60.0), scenes=(3, 5)),
        (0.6, 0.2, 0.2),
        forms_questions.place_how2qa,
        forms_questions.annotate_how2qa,
    ),
    "tvqa": Form(
        Plan(duration_s=(60.0, 90.0), scenes=(3, 6)),
        (0.6, 0.2, 0.2),
        forms_questions.place_tvqa,
        forms_questions.annotate_tvqa,
    ),
    "vlep": Form(
        Plan(duration_s=(30.0, 60.0), scenes=(2, 5)),
        (0.6, 0.2, 0.2),
        forms_questions.place_vlep,
        forms_questions.annotate_vlep,
    ),
}


def make(
    folder: Path,
    form: str = "library",
    *,
    videos: int = 10,
    seed: int = 0,
    lang: str = "en",
    duration_s: tuple[float, float] | None = None,
    tell: Tell | None = None,
) -> list[Path]:
    """Write a dataset folder and return the paths of its videos.

    `form` is one of `FORMS`; `lang` is the language of captions where the form has only one;
    `duration_s` overrides how long the videos are. The same arguments give the same folder.

    >>> make(Path("shapes"), "charades-sta", videos=20, seed=1)             # doctest: +SKIP
    """
    if form not in FORMS:
        raise InputError(f"unknown dataset form {form!r}; known: {', '.join(sorted(FORMS))}")
    if videos < 1:
        raise InputError(f"videos must be at least 1, got {videos}")
    if lang not in get_args(Lang):
        raise InputError(f"unknown language {lang!r}; known: {', '.join(get_args(Lang))}")
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{str(folder)!r} is not empty; name a new folder")
    chosen = FORMS[form]
    plan = replace(chosen.plan, duration_s=duration_s) if duration_s else chosen.plan
    scripts = draw_scripts(videos, seed, plan, chosen.shares)
    items = [Item(script, chosen.place(n, script)) for n, script in enumerate(scripts)]
    paths: list[Path] = []
    for number, item in enumerate(items):
        if tell is not None:
            tell(number, len(items), item.path.name)
        paths.append(write_item(item, folder, beside=chosen.beside))
    chosen.annotate(items, folder, "zh" if lang == "zh" else "en", Dice(31, seed))
    return paths
