"""Batches that a video LLM learns from: which part is learnt, what is cut, how frames go in."""

from random import Random

import pytest
import tiny_video_llm as tiny
import torch

from whenabouts.data.instruct.drawn import DrawnSamples, DrawnSettings
from whenabouts.data.instruct.samples import InstructionSample
from whenabouts.data.instruct.video_clip import FrameSettings
from whenabouts.errors import InputError
from whenabouts.models.chat_text import IGNORED
from whenabouts.train.instruction_collate import Collate


def collate(system: str, limit: int = 2048) -> Collate:
    given = tiny.settings(system)
    tokens = tiny.tokenizer(system)
    timed = given.time_tokens
    return Collate(given.sizes, given.pixels, tokens, lambda _times: None, limit, timed)


def drawn(style: str, frames: int = 6) -> list[InstructionSample]:
    settings = DrawnSettings(
        duration_s=(20.0, 25.0), scenes=(2, 2), style=style, tasks=("moment retrieval",)
    )
    found = DrawnSamples(settings, FrameSettings(frames=frames, size_px=28))
    return [found.sample(place, Random(place)) for place in range(2)]


@pytest.mark.parametrize(("system", "style"), [("timechat", "timeit"), ("vtgllm", "vtg-it")])
def test_answers_alone_are_learnt(system, style):
    put, samples = collate(system), drawn(style)
    made = put(samples)
    assert made.ids.shape == made.labels.shape == made.mask.shape
    for row, sample in enumerate(samples):
        learnt = made.labels[row][made.labels[row] != IGNORED].tolist()
        answer = sample.turns[0][1]
        assert put.tokens.decode(learnt).replace(" ", "").startswith(answer.replace(" ", ""))
        places = int((made.ids[row] == put.tokens.image_id).sum())
        assert places == put.sizes.tokens_of(6)
    (look,) = made.looks
    assert look.pixels.shape == (2, 6, 3, 28, 28)
    assert (look.seconds is None) == (system == "timechat")
    if look.seconds is not None:
        told = [[min(round(float(t)), 31) for t in sample.clip.times] for sample in samples]
        assert look.seconds.tolist() == told


def test_videos_of_other_lengths_are_looked_at_one_by_one():
    made = collate("timechat")([drawn("timeit")[0], drawn("timeit", frames=3)[0]])
    assert [look.pixels.shape[:2] for look in made.looks] == [(1, 6), (1, 3)]
    assert made.mask[0].sum() != made.mask[1].sum()


def test_a_model_learns_from_a_batch():
    given = tiny.settings("vtgllm")
    model, put = tiny.network(given), collate("vtgllm")
    made = put(drawn("vtg-it"))
    look = made.looks[0]
    seen, _ = model.see(look.pixels, look.texts, look.seconds)
    embedded = model.embed_with(made.ids, list(seen), put.tokens.image_id)
    loss = model.loss(embedded, made.mask, made.labels)
    assert torch.isfinite(loss)
    loss.backward()
    assert model.project.weight.grad.abs().max() > 0


def test_texts_that_do_not_fit_are_told_or_refused():
    sample = drawn("timeit")[0]
    whole = len(collate("timechat")([sample]).ids[0])
    cut = collate("timechat", whole - 3)([sample])
    assert "may be cut" in cut.notes[0]
    with pytest.raises(InputError, match="raise the limit"):
        collate("timechat", 30)([sample])
