"""Packed rows learn exactly what their samples would learn one by one."""

from random import Random

import pytest
import tiny_video_llm as tiny
import torch

from whenabouts.data.instruct.drawn import DrawnSamples, DrawnSettings
from whenabouts.data.instruct.samples import InstructionSample
from whenabouts.data.instruct.video_clip import FrameSettings
from whenabouts.models.chat_text import IGNORED
from whenabouts.train.instruction_collate import Collate
from whenabouts.train.instruction_loss import InstructionObjective

STYLES = {"timechat": "timeit", "vtgllm": "vtg-it"}


def collate(system: str, pack: str, limit: int = 2048) -> Collate:
    given = tiny.settings(system)
    no_stamps = given.sizes.frame_qformer.model_copy(update={"words": 0})
    sizes = given.sizes.model_copy(update={"frame_qformer": no_stamps})
    timed = given.time_tokens
    tokens = tiny.tokenizer(system)
    return Collate(sizes, given.pixels, tokens, lambda _times: None, limit, timed, pack)


def drawn(style: str, turns: int = 3, videos: int = 2) -> list[InstructionSample]:
    settings = DrawnSettings(
        duration_s=(20.0, 25.0), scenes=(2, 2), style=style, langs=("en",), turns=turns
    )
    found = DrawnSamples(settings, FrameSettings(frames=6, size_px=28))
    return [found.sample(place, Random(place)) for place in range(videos)]


def alone(samples: list[InstructionSample]) -> list[InstructionSample]:
    """One sample a turn."""
    return [
        InstructionSample(one.clip, (turn,), one.source, one.video)
        for one in samples
        for turn in one.turns
    ]


def learn(system: str, put: Collate, samples: list[InstructionSample]):
    """The loss, and the gradient of the projection."""
    given = tiny.settings(system).model_copy(update={"sizes": put.sizes})
    model = tiny.network(given)
    loss, _ = InstructionObjective(put.tokens).loss(model, put(samples))
    loss.backward()
    return loss, model.project.weight.grad


@pytest.mark.parametrize("pack", ["questions", "rows"])
@pytest.mark.parametrize("system", STYLES)
def test_a_packed_batch_is_its_samples(system, pack):
    samples = drawn(STYLES[system])
    limit = 20_000 if pack == "rows" else 2048
    packed = collate(system, pack, limit)(samples)
    assert len(packed.ids) == (1 if pack == "rows" else 2)
    single = collate(system, "off")
    one_by_one = single(alone(samples))
    assert packed.ids.numel() < 0.8 * one_by_one.ids.numel()
    assert packed.labels.ne(IGNORED).sum() == one_by_one.labels.ne(IGNORED).sum()
    loss, gradient = learn(system, collate(system, pack, limit), samples)
    wanted, wanted_gradient = learn(system, single, alone(samples))
    torch.testing.assert_close(loss, wanted, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(gradient, wanted_gradient, rtol=1e-3, atol=1e-6)


def test_questions_do_not_read_each_other():
    put = collate("timechat", "questions")
    sample = drawn("timeit", videos=1)[0]
    other = (sample.turns[0], ("Is there a dog?", "No."), sample.turns[2])
    changed = InstructionSample(sample.clip, other, sample.source, sample.video)
    given = tiny.settings("timechat").model_copy(update={"sizes": put.sizes})
    model = tiny.network(given)

    def last(one: InstructionSample) -> torch.Tensor:
        batch = put([one])
        look = batch.looks[0]
        seen, _ = model.see(look.pixels)
        embedded = model.embed_with(batch.ids, list(seen), put.tokens.image_id)
        return model.hidden(embedded, batch.mask, batch.positions)[0, -1]

    torch.testing.assert_close(last(sample), last(changed), rtol=1e-5, atol=1e-5)


def test_the_same_question_twice_keeps_both_answers():
    put = collate("timechat", "questions")
    sample = drawn("timeit", videos=1)[0]
    twice = InstructionSample(sample.clip, (("Who?", "A dog."), ("Who?", "A dog and a cat.")))
    assert learn("timechat", put, [twice])[0].isfinite()
    batch = put([twice])
    single = collate("timechat", "off")(alone([twice]))
    assert batch.labels.ne(IGNORED).sum() == single.labels.ne(IGNORED).sum()


def test_rows_stay_within_the_limit():
    samples = drawn("vtg-it", turns=1, videos=4)
    lengths = [
        int(put_one.mask.sum()) for put_one in map(collate("vtgllm", "off"), [[s] for s in samples])
    ]
    limit = max(lengths) + min(lengths)
    batch = collate("vtgllm", "rows", limit)(samples)
    assert batch.ids.shape[1] <= limit
    assert len(batch.ids) < 4
    assert sorted(batch.order) == [0, 1, 2, 3]
