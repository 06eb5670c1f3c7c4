"""What every dataset of the catalog must do, on the folder that shape world writes in its form."""

import numpy as np
import pytest

from whenabouts import catalog
from whenabouts.data.retrieval import SPLITS, RetrievalSplit
from whenabouts.data.settings import DataSettings
from whenabouts.errors import DataError, InputError
from whenabouts.metrics.turns import video_retrieval
from whenabouts.protocols import Dataset
from whenabouts.shapeworld.make import make

NAMES = sorted(catalog.PARTS["dataset"])


@pytest.fixture(scope="module", params=NAMES)
def opened(request, tmp_path_factory):
    """Opens a split of a small folder of one dataset."""
    folder = tmp_path_factory.mktemp("sets") / request.param
    make(folder, request.param, videos=5, seed=4, duration_s=(5.0, 5.2))
    reader = catalog.part("dataset", request.param)

    def open_split(split: str, settings: DataSettings | None = None) -> RetrievalSplit:
        return reader(folder, split, settings)

    return open_split


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_a_split_pairs_captions_with_video_files(opened, split):
    found = opened(split)
    assert found.split == split
    assert len(found.videos) == len(found.video_ids) == len(set(found.video_ids)) > 0
    assert all(path.is_file() for path in found.videos)
    assert found.owner.shape == (len(found.captions),)
    assert found.counts.min() > 0, "a video without captions is in no split"
    assert all(text.strip() for text in found.captions)
    assert not found.missing
    if found.spans is not None:
        assert found.spans.shape == (len(found.videos), 2)
        assert (found.spans[:, 0] < found.spans[:, 1]).all()


def test_training_shares_no_video_with_the_other_splits(opened):
    train = set(opened("train").videos)
    assert not train & {*opened("val").videos, *opened("test").videos}


def test_it_meets_its_protocol_and_a_metric_reads_it(opened):
    found = opened("test")
    assert isinstance(found, Dataset)
    examples = list(found)
    assert len(examples) == len(found)
    assert len({example.id for example in examples}) == len(examples)
    for example, text, owner in zip(examples, found.captions, found.owner, strict=True):
        (moment,) = example.target.moments
        assert example.turns[-1].role == "user"
        assert example.turns[-1].text == text
        assert moment.video.path == found.videos[owner]
        assert 0 < moment.span.end_s <= moment.video.duration_s
    right = {example.id: example.target for example in examples}
    assert video_retrieval()(right, examples)["R@1"] == 100


def test_held_out_videos_leave_training(opened):
    whole = opened("train")
    asked = DataSettings(held_out=1)
    rest, kept = opened("train", asked), opened("held-out", asked)
    assert {*rest.videos, *kept.videos} == set(whole.videos)
    assert len(kept.videos) == 1
    assert sorted([*rest.captions, *kept.captions]) == sorted(whole.captions)
    assert any("held out" in note for note in rest.notes)
    with pytest.raises(InputError, match="held_out"):
        opened("held-out")
    with pytest.raises(InputError, match="held_out is 1000"):
        opened("train", DataSettings(held_out=1000))


def test_mistakes_are_told(opened, tmp_path):
    with pytest.raises(InputError, match=f"known: {SPLITS[0]}"):
        opened("exam")
    empty = DataSettings(annotations=tmp_path)
    with pytest.raises(DataError, match="whenabouts data check"):
        opened("test", empty)
    with pytest.raises(DataError, match="no folder"):
        opened("test", DataSettings(videos=tmp_path / "nowhere"))


def test_a_listed_video_without_a_file_is_refused_or_told(opened):
    path = opened("train").videos[0]
    away = path.with_suffix(".away")
    path.rename(away)
    try:
        with pytest.raises(DataError, match=rf"1 of \d+ videos .* first .*{path.stem[-6:]}"):
            opened("train")
        found = opened("train", DataSettings(missing="drop"))
        assert len(found.missing) == 1
        assert path not in found.videos
        assert any("left out" in note for note in found.notes)
        assert np.array_equal(np.unique(found.owner), np.arange(len(found.videos)))
    finally:
        away.rename(path)
