"""Readers of published datasets pair captions and videos as the published code does."""

from pathlib import Path

import pytest

from whenabouts.data.retrieval import RetrievalSplit, retrieval_split
from whenabouts.data.settings import DataSettings

pytestmark = pytest.mark.golden("tvr/datasets*")


@pytest.fixture
def opened(case, tmp_path):
    """Opens a split; the videos the case names exist as empty files."""

    def open_split(name: str, split: str, **more) -> RetrievalSplit:
        told = case.facts["video_files"].get(name)
        if told is None:  # MSR-VTT: the published code looks for no files
            expected = case.facts["expected"][name]
            told = [Path(p).name for key in ("train", "test") for p in expected[f"{key}_videos"]]
        for file in told:
            at = tmp_path / name / file
            at.parent.mkdir(parents=True, exist_ok=True)
            at.touch()
        videos = tmp_path / name
        settings = DataSettings(videos=videos, missing="drop", **more)
        return retrieval_split(name, case.folder / name, split, settings)

    return open_split


def pairs(split: RetrievalSplit) -> list[list[str]]:
    owners = [split.video_ids[video] for video in split.owner]
    return [list(pair) for pair in zip(owners, split.captions, strict=True)]


def test_msrvtt(case, opened, tmp_path):
    expected = case.facts["expected"]["msrvtt"]
    for split, key in (("train", "train"), ("test", "test"), ("val", "test")):
        mine = opened("msrvtt", split)
        assert pairs(mine) == expected[f"{key}_pairs"]
        assert [
            f"VIDEOS/{path.relative_to(tmp_path / 'msrvtt')}" for path in mine.videos
        ] == expected[f"{key}_videos"]
    assert expected["val_equals_test"]


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_msvd(case, opened, split):
    expected = case.facts["expected"]["msvd"][split]
    mine = opened("msvd", split)
    assert pairs(mine) == expected["pairs"]
    assert mine.counts.cumsum().tolist() == expected["cut_off_points"]
    assert not mine.missing


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_lsmdc(case, opened, split):
    expected = case.facts["expected"]["lsmdc"][split]
    mine = opened("lsmdc", split)
    assert pairs(mine) == expected["pairs"]
    assert len(mine.missing) == 1, "one clip of each split has no file"
    assert pairs(opened("lsmdc", split, leave_out=())) == expected["pairs_clip4clip"]


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_didemo(case, opened, split):
    mine = opened("didemo", split)
    rows = [
        [name, text, *span]
        for (name, text), span in zip(pairs(mine), mine.spans.tolist(), strict=True)
    ]
    assert rows == case.facts["expected"]["didemo"][split]["items"]


@pytest.mark.parametrize("split", ["train", "val"])
def test_activitynet(case, opened, split):
    mine = opened("activitynet", split)
    stems = [path.stem for path in mine.videos]
    rows = [
        [name, stem, text, *span]
        for (name, text), stem, span in zip(pairs(mine), stems, mine.spans.tolist(), strict=True)
    ]
    assert rows == case.facts["expected"]["activitynet"][split]["items"]
