"""MSR-VTT: 10,000 clips with twenty captions each; the 9k, 7k and full splits."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, TypeAdapter

from whenabouts.data.retrieval import Listing, RetrievalSplit, open_listing
from whenabouts.data.settings import DataSettings
from whenabouts.data.source import Source
from whenabouts.data.tables import read_columns, read_json
from whenabouts.errors import DataError

DATA = "msrvtt_data/MSRVTT_data.json"
TEST = "msrvtt_data/MSRVTT_JSFUSION_test.csv"
FULL_SPLITS = {"train": "train", "val": "validate", "test": "test"}
"""What the data file calls the splits."""


class _Clip(BaseModel):
    video_id: str
    split: str = ""


class _Sentence(BaseModel):
    video_id: str
    caption: str


class _Data(BaseModel):
    videos: list[_Clip]
    sentences: list[_Sentence]


_SHAPE = TypeAdapter(_Data)


def open_split(folder: Path, split: str, settings: DataSettings | None = None) -> RetrievalSplit:
    """A split of MSR-VTT.

    With the variants `9k` and `7k`, training takes every sentence about a video of the list, in
    the order of the data file, and both `val` and `test` are the 1,000 pairs of 1k-A.
    """
    source = Source("msrvtt", folder, settings or DataSettings())
    return open_listing(source, split, _read, _find, "videos/all/VIDEO_ID.mp4")


def _find(source: Source, video: str) -> Path | None:
    return source.video([video])


def _read(source: Source, split: str) -> Listing:
    variant = source.settings.variant
    if variant == "full":
        (data,) = source.files(DATA)
        table = read_json(data, _SHAPE)
        wanted = {clip.video_id for clip in table.videos if clip.split == FULL_SPLITS[split]}
        return Listing(_sentences(table, wanted, data))
    if split == "train":
        data, chosen = source.files(DATA, f"msrvtt_data/MSRVTT_train.{variant}.csv")
        wanted = {row[0] for row in read_columns(chosen, ["video_id"])}
        return Listing(_sentences(read_json(data, _SHAPE), wanted, data))
    (tests,) = source.files(TEST)
    pairs = [(row[0], row[1]) for row in read_columns(tests, ["video_id", "sentence"])]
    if split == "test":
        return Listing(pairs)
    return Listing(pairs, notes=("val is the test split; held_out gives one to choose models by",))


def _sentences(table: _Data, wanted: set[str], path: Path) -> list[tuple[str, str]]:
    pairs = [(s.video_id, s.caption) for s in table.sentences if s.video_id in wanted]
    silent = wanted - {video for video, _ in pairs}
    if silent:
        raise DataError(
            f"{path} has no caption for {len(silent)} listed videos, first {min(silent)}; list and "
            "data file are of different releases: fetch both again"
        )
    return pairs
