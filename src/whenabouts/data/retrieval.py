"""Captions and the videos they belong to: one split of a dataset for text-video retrieval."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from whenabouts.catalog import part
from whenabouts.data.settings import DataSettings
from whenabouts.data.source import MissingVideosError, Source
from whenabouts.errors import DataError, InputError
from whenabouts.types import Example, Moment, Span, Turn, Video

SplitName = Literal["train", "val", "test", "held-out"]
SPLITS: tuple[SplitName, ...] = get_args(SplitName)


@dataclass(frozen=True, slots=True)
class Listing:
    """What the annotation files of a split say, before anybody looks for videos."""

    pairs: Sequence[tuple[str, str]]
    """Name of the video and caption, in the order of the file."""
    spans: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Seconds of the video that the captions tell of; empty: the whole of each."""
    notes: tuple[str, ...] = ()


Read = Callable[[Source, str], Listing]
"""Reads the annotation files of `train`, `val` or `test`."""
Find = Callable[[Source, str], Path | None]
"""The file of a video, by the name it has in the annotation files."""


@dataclass(frozen=True, slots=True, eq=False)
class RetrievalSplit:
    """V videos and N captions; iterating gives one `Example` a caption."""

    name: str
    """The dataset."""
    split: str
    videos: tuple[Path, ...]
    video_ids: tuple[str, ...]
    """As the annotation files call them, in the order of their first captions."""
    captions: tuple[str, ...]
    owner: NDArray[np.int64]
    """[N]: the index of each caption's video."""
    spans: NDArray[np.float64] | None = None
    """[V,2] seconds, where only a part of each video counts."""
    missing: tuple[str, ...] = ()
    """Ids of listed videos that have no file and were dropped."""
    lost: int = 0
    """How many captions went with them."""
    notes: tuple[str, ...] = ()
    """What a person should know about this split: to be told by whoever uses it."""

    def __len__(self) -> int:
        """How many captions."""
        return len(self.captions)

    @property
    def one_caption_each(self) -> bool:
        """Whether the i-th caption belongs to the i-th video, and there are no others."""
        return np.array_equal(self.owner, np.arange(len(self.videos)))

    @property
    def counts(self) -> NDArray[np.int64]:
        """[V]: how many captions each video has."""
        return np.bincount(self.owner, minlength=len(self.videos))

    def span(self, video: int) -> tuple[float, float] | None:
        """Seconds of a video that count; None: all of it."""
        return (
            None
            if self.spans is None
            else (float(self.spans[video, 0]), float(self.spans[video, 1]))
        )

    def keep(self, videos: Iterable[int], note: str = "") -> RetrievalSplit:
        """The split of these videos alone, in their present order; `note` says why."""
        wanted = np.zeros(len(self.videos), bool)
        wanted[np.fromiter(videos, np.int64)] = True
        places = np.cumsum(wanted) - 1
        kept = wanted[self.owner]
        return replace(
            self,
            videos=tuple(path for path, stays in zip(self.videos, wanted, strict=True) if stays),
            video_ids=tuple(i for i, stays in zip(self.video_ids, wanted, strict=True) if stays),
            captions=tuple(text for text, stays in zip(self.captions, kept, strict=True) if stays),
            owner=places[self.owner[kept]],
            spans=None if self.spans is None else self.spans[wanted],
            notes=(*self.notes, note) if note else self.notes,
        )

    def __iter__(self) -> Iterator[Example]:
        """One example a caption; the video is to be found among all of the split."""
        known: dict[int, Moment] = {}
        for number, text in enumerate(self.captions):
            video = int(self.owner[number])
            if video not in known:
                known[video] = self._moment(video)
            target = Turn("assistant", "", "videos", (known[video],))
            name = f"{self.name}-{self.split}-{number}"
            yield Example(name, None, (Turn("user", text),), target)

    def _moment(self, index: int) -> Moment:
        """The part of a video that counts; looks into the file for its length."""
        from whenabouts.media.probe import probe

        path = self.videos[index]
        info = probe(path)
        video: Video = info.video(path, self.video_ids[index])
        told = self.span(index)
        return Moment(video, video.span if told is None else Span(*told).clamp(video.span), 1.0)


def retrieval_split(
    name: str, folder: Path, split: str, settings: DataSettings | None = None
) -> RetrievalSplit:
    """A split of the dataset `name` that is unpacked in `folder`.

    Splits are `train`, `val`, `test` and `held-out`, the part of `train` that `settings.held_out`
    keeps for choosing a model.

    >>> retrieval_split("msvd", Path("msvd"), "test").one_caption_each    # doctest: +SKIP
    False
    """
    return part("dataset", name)(folder, split, settings)


def open_listing(
    source: Source, split: str, read: Read, find: Find, belongs: str
) -> RetrievalSplit:
    """The split that `read` lists, with the video files that `find` finds.

    `belongs` is where video files belong below the folder, for people.
    """
    if split not in SPLITS:
        raise InputError(f"unknown split {split!r}; known: {', '.join(SPLITS)}")
    listing = read(source, "train" if split == "held-out" else split)
    pairs, notes = _held_out(source, split, listing)
    ids = list(dict.fromkeys(video for video, _ in pairs))
    files = {video: find(source, video) for video in ids}
    missing = tuple(video for video in ids if files[video] is None)
    if missing:
        notes = (*notes, _missing(source, split, missing, pairs, belongs))
    found = {video: path for video, path in files.items() if path is not None}
    if not found:
        raise DataError(
            f"{source.dataset} has no {split} split in {source.folder}: it lists no video"
        )
    place = {video: index for index, video in enumerate(found)}
    kept = [(place[video], text) for video, text in pairs if video in place]
    empty = sum(not text.strip() for _, text in kept)
    if empty:
        notes = (*notes, f"{empty} captions of {source.dataset} {split} are empty")
    return RetrievalSplit(
        source.dataset,
        split,
        tuple(found.values()),
        tuple(found),
        tuple(text for _, text in kept),
        np.array([index for index, _ in kept], np.int64),
        np.array([listing.spans[video] for video in found]) if listing.spans else None,
        missing,
        len(pairs) - len(kept),
        notes,
    )


def _missing(
    source: Source,
    split: str,
    missing: Sequence[str],
    pairs: Sequence[tuple[str, str]],
    belongs: str,
) -> str:
    """What to tell about videos without a file, or the refusal to go on without them."""
    root = source.settings.videos or source.folder
    total = len({video for video, _ in pairs})
    what = (
        f"{len(missing):,} of {total:,} videos of {source.dataset} {split} have no file below "
        f"{root}, first {missing[0]}"
    )
    what = f"{what}: it belongs at {root / belongs}"
    some = len(missing) < total
    if source.settings.missing == "drop" and some:
        return f"{what}; they are left out, so figures compare badly with others'"
    advice = ", and data.settings.missing=drop in a recipe goes on with the others" if some else ""
    raise MissingVideosError(
        what,
        f"`whenabouts data check {source.dataset} {source.folder}` lists all{advice}",
        missing,
        (total, len(pairs)),
    )


def _held_out(
    source: Source, split: str, listing: Listing
) -> tuple[Sequence[tuple[str, str]], tuple[str, ...]]:
    """The pairs of the split once some training videos are kept out."""
    count = source.settings.held_out
    if split not in ("train", "held-out") or (split == "train" and not count):
        return listing.pairs, listing.notes
    ids = set(dict.fromkeys(video for video, _ in listing.pairs))
    if not 0 < count < len(ids):
        raise InputError(
            f"held_out is {count}, and {source.dataset} has {len(ids)} training videos; set "
            "data.settings.held_out of the recipe to how many are for choosing a model"
        )
    seed = source.settings.held_out_seed
    # By a hash of each name: the choice depends neither on order nor on which files are there.
    chosen = set(sorted(ids, key=lambda video: _hash(f"{seed} {video}"))[:count])
    pairs = [pair for pair in listing.pairs if (pair[0] in chosen) == (split == "held-out")]
    note = f"{count:,} of {len(ids):,} training videos are held out for choosing a model"
    return pairs, (*listing.notes, note)


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
