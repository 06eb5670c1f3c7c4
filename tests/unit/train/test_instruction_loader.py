"""Batches of instructions: which rows, from which set, and what happens to broken ones."""

from collections import Counter
from itertools import islice
from random import Random

import numpy as np
import pytest

from whenabouts.data.instruct.drawn import DrawnSamples, DrawnSettings
from whenabouts.data.instruct.records import Record, write_records
from whenabouts.data.instruct.samples import FileSamples, InstructionSample, SetSettings
from whenabouts.data.instruct.video_clip import FrameSettings, VideoClip, load_clip
from whenabouts.errors import DataError, InputError, MediaError
from whenabouts.media.write import write_video
from whenabouts.metrics.answers.strict import ABSENT, Reading, read_span
from whenabouts.models.time_tokens import plain_times
from whenabouts.train.instruction_loader import (
    InstructionLoader,
    InstructionLoaderSettings,
    Mixture,
)

FRAMES = FrameSettings(frames=6, size_px=16)


def clip() -> VideoClip:
    return VideoClip(np.zeros((1, 2, 2, 3), np.uint8), ("0.0",), np.zeros(1))


class Numbers:
    """A set whose samples tell their place; some cannot be read."""

    def __init__(self, count: int, broken=()):
        self.name, self.count, self.broken = f"set of {count}", count, broken

    def __len__(self):
        return self.count

    def sample(self, place: int, random: Random) -> InstructionSample:
        if place in self.broken:
            raise MediaError(f"{place} is broken")
        return InstructionSample(clip(), (("q", str(place)),), self.name)


def rows(mixture: Mixture, steps: range) -> list[tuple[int, int]]:
    return [
        (which, row) for step in steps for which, found in [mixture.rows(step)] for row in found
    ]


def test_a_set_is_shown_once_before_it_is_shown_again():
    mixture = Mixture([37], [1.0], InstructionLoaderSettings(batch=1))
    for epoch in range(3):
        seen = rows(mixture, range(37 * epoch, 37 * (epoch + 1)))
        assert sorted(row for _, row in seen) == list(range(37))
    assert rows(mixture, range(37)) != rows(mixture, range(37, 74)), "in another order"


def test_processes_share_the_rows_of_a_pass():
    settings = InstructionLoaderSettings(batch=2)
    seen = Counter(
        row
        for rank in range(3)
        for _, row in rows(Mixture([30], [1.0], settings, (rank, 3)), range(5))
    )
    assert seen == Counter(range(30))


def test_steps_choose_their_sets_by_weight_and_are_found_again():
    settings = InstructionLoaderSettings(batch=1, seed=3)
    mixture = Mixture([100, 10_000], [1.0, 1.0], settings)
    straight = rows(mixture, range(3000))
    share = sum(which == 0 for which, _ in straight) / 3000
    assert share == pytest.approx(0.5, abs=0.03), "equally often, whatever the size"
    later = Mixture([100, 10_000], [1.0, 1.0], settings)
    assert rows(later, range(2500, 3000)) == straight[2500:], "a resumed run goes on"
    heavy = rows(Mixture([100, 100], [3.0, 1.0], settings), range(3000))
    assert sum(which == 0 for which, _ in heavy) / 3000 == pytest.approx(0.75, abs=0.03)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_stream_is_the_batches_in_order(workers):
    settings = InstructionLoaderSettings(batch=3, workers=workers)
    loader = InstructionLoader([Numbers(10), Numbers(7)], settings)
    made = list(islice(loader.stream(4), 5))
    assert [batch.step for batch in made] == [4, 5, 6, 7, 8]
    for batch in made:
        told = [sample.turns for sample in batch.samples]
        assert told == [sample.turns for sample in loader.batch(batch.step).samples]
        assert len({sample.source for sample in batch.samples}) == 1


def test_another_sample_stands_in_and_is_told():
    broken = Numbers(8, broken=range(4))
    loader = InstructionLoader([broken], InstructionLoaderSettings(batch=8))
    batch = loader.batch(0)
    assert len(batch.samples) == 8
    assert len(batch.notes) >= 4
    assert all("another sample stands in" in note for note in batch.notes)
    refusing = InstructionLoaderSettings(batch=8, broken="refuse")
    with pytest.raises(MediaError, match="is broken"):
        InstructionLoader([broken], refusing).batch(0)
    with pytest.raises(MediaError, match="is broken"):
        InstructionLoader([Numbers(8, range(8))], InstructionLoaderSettings()).batch(0)
    with pytest.raises(InputError, match="cannot be shared"):
        InstructionLoader([Numbers(1)], InstructionLoaderSettings(), part=(0, 2))


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "videos" / "a.mp4"
    path.parent.mkdir()
    frames = (np.full((48, 64, 3), 8 * i, np.uint8) for i in range(25))
    write_video(path, frames, 12.5, crf=10)
    return path


def test_samples_of_files(tmp_path, video):
    turns = (("when?", "0.5 - 1.0 seconds, it grows."), ("and then?", "Nothing."))
    records = [Record("a.mp4", turns, "shapes"), Record("b.mp4", turns, "shapes")]
    write_records(tmp_path / "instruct.json", records)
    settings = SetSettings(annotations=tmp_path / "instruct.json", videos=video.parent)
    with pytest.raises(DataError, match=r"1 of 2 videos .* first b\.mp4"):
        FileSamples(settings, FRAMES)
    dropping = settings.model_copy(update={"missing": "drop"})
    found = FileSamples(dropping, FRAMES, "tokens")
    assert len(found) == 1
    assert "1 records are left out" in found.notes[0]
    sample = found.sample(0, Random(1))
    assert sample.clip.pixels.shape == (6, 16, 16, 3)
    assert sample.clip.pixels.mean(axis=(1, 2, 3)).tolist() == pytest.approx(
        [8 * i for i in (0, 4, 8, 12, 16, 20)], abs=3
    )
    plain = "The video contains 6 frames sampled at 0.0, 0.3, 0.6, 1.0, 1.3, 1.6 seconds. "
    assert sample.message("plain") == plain
    told = plain_times(sample.message("tokens"))
    assert told.endswith("at 0000.0, 0000.3, 0000.6, 0001.0, 0001.3, 0001.6 seconds. ")
    assert sample.turns[1] == turns[1]
    assert plain_times(sample.turns[0][1]).startswith("0000.5 - 0001.0 seconds")


def test_random_frames_and_crops_need_a_source_of_chance(video):
    drawn = FRAMES.model_copy(update={"way": "rand", "crop": "random"})
    one, same, other = (load_clip(video, drawn, Random(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one.pixels, same.pixels)
    assert one.times != other.times
    assert one.pixels.shape == (6, 16, 16, 3)
    with pytest.raises(InputError, match="at random"):
        load_clip(video, drawn)


def test_a_picture_is_one_frame_at_0_s(tmp_path):
    from PIL import Image

    Image.new("RGB", (40, 30), (200, 10, 10)).save(tmp_path / "p.png")
    found = load_clip(tmp_path / "p.png", FRAMES)
    assert found.times == ("0.0",)
    assert found.pixels.shape == (1, 16, 16, 3)
    tall = [Image.new("RGB", (20, 40), (60 * n, 0, 0)) for n in range(4)]
    tall[0].save(tmp_path / "a.gif", save_all=True, append_images=tall[1:], duration=500)
    moving = load_clip(tmp_path / "a.gif", FRAMES)
    assert moving.times == ("0.0", "0.5", "1.0", "1.5")
    assert moving.pixels[:, 8, 8, 0].tolist() == [0, 60, 120, 180]
    (tmp_path / "x.mp4").write_bytes(b"no video")
    with pytest.raises(MediaError):
        load_clip(tmp_path / "x.mp4", FRAMES)


def test_samples_of_shape_world():
    settings = DrawnSettings(duration_s=(20.0, 30.0), scenes=(2, 3), videos=50, turns=2)
    found = DrawnSamples(settings, FRAMES)
    for place in range(6):
        sample = found.sample(place, Random(place))
        assert sample.clip.pixels.shape == (6, 16, 16, 3)
        assert len(sample.turns) == 2
        assert sample.clip.times[0] == "0.0"
        same = found.sample(place, Random(place))
        assert same.turns == sample.turns
        assert np.array_equal(same.clip.pixels, sample.clip.pixels)
    one_task = settings.model_copy(update={"tasks": ("moment retrieval",), "langs": ("en",)})
    told = [DrawnSamples(one_task, FRAMES).sample(i, Random(i)).turns for i in range(5)]
    assert all(answer.startswith("The given query") for turns in told for _, answer in turns)


def test_what_never_happens_may_be_asked_and_the_answer_can_be_read():
    plain = DrawnSettings(
        duration_s=(30.0, 40.0), scenes=(2, 3), turns=3, tasks=("moment retrieval", "question")
    )
    often = plain.model_copy(update={"absent": 1.0})
    seen = set()
    for place in range(6):
        told, never = (
            DrawnSamples(one, FRAMES).sample(place, Random(place)).turns for one in (plain, often)
        )
        assert len(told) == len(never)
        for (_, before), (asked, after) in zip(told, never, strict=True):
            if read_span(before, 40.0).events:
                assert read_span(after, 40.0) == Reading((), (ABSENT,))
                seen.add(after)
                assert asked
    assert len(seen) == 2, "in both languages"
    assert seen <= set(DrawnSamples(often, FRAMES).texts(0))


def test_some_tasks_may_be_asked_more_often():
    alike = DrawnSettings(
        duration_s=(30.0, 40.0), scenes=(2, 3), langs=("en",), turns=4,
        tasks=("moment retrieval", "question"),
    )  # fmt: skip
    often = alike.model_copy(update={"rounds": {"question": 3}})
    shares = [
        [
            sum(
                answer.startswith("The given query")
                for _, answer in found.sample(i, Random(i)).turns
            )
            for i in range(4)
        ]
        for found in (DrawnSamples(alike, FRAMES), DrawnSamples(often, FRAMES))
    ]
    assert shares == [[2] * 4, [1] * 4]
