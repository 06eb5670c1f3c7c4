"""Guided attention: what the answers say to look at, and that heads are moved there."""

from dataclasses import replace

import numpy as np
import pytest
import tiny_video_llm as tiny
import torch
from test_packing import collate, drawn

from whenabouts.errors import SettingsError
from whenabouts.models.chat_text import training_ids, training_text
from whenabouts.models.time_tokens import spell_time
from whenabouts.train.guided_attention import (
    GuidedSettings,
    frame_shares,
    guided_loss,
    make_guide,
    two_heads,
    watching,
)
from whenabouts.train.guided_targets import Target, TargetFinder
from whenabouts.train.instruction_loss import InstructionObjective


def targets(system: str, answer: str, shown=()):
    tokens = tiny.tokenizer(system)
    find = TargetFinder(tokens, time_tokens=system == "vtgllm")
    ids, labels = training_ids(training_text([("Q", answer)], "", 4), tokens, 999)
    return tokens, ids, labels, find(ids, labels, [answer], shown)


def test_words_of_a_question_are_taught_where_its_answer_has_one_place():
    tokens = tiny.tokenizer("vtgllm")
    find = TargetFinder(tokens, time_tokens=True, questions=True)
    answers = ["red", f"{spell_time(1.0)} - {spell_time(2.0)} seconds, a. "
               f"{spell_time(3.0)} seconds, b."]  # fmt: skip
    text = training_text([("What colour?", answers[0]), ("What happens?", answers[1])], "", 4)
    ids, labels = training_ids(text, tokens, 999)
    found = find(ids, labels, answers, [(4.0, 5.0), None])
    first = next(place for place, label in enumerate(labels) if label != -100)
    last = max(place for place, one in enumerate(ids) if one == tokens.image_id)
    assert all(one.span_s is None for one in found[: last + 1])
    assert all(one.span_s == (4.0, 5.0) for one in found[last + 1 : first])
    behind = next(p for p in range(first, len(ids)) if labels[p] == -100)
    assert found[behind].span_s is None, "two events are not one place"


@pytest.mark.parametrize("system", ["timechat", "vtgllm"])
def test_a_span_is_looked_for_from_the_question_on(system):
    say = spell_time if system == "vtgllm" else str
    answer = f"The given query happens in {say(2.5)} - {say(10.0)} seconds."
    _, _, labels, found = targets(system, answer)
    first = next(place for place, label in enumerate(labels) if label != -100)
    assert {one.time_s for one in found} == {None, 2.5, 10.0}
    assert found[first - 1].span_s == found[-1].span_s == (2.5, 10.0)
    assert found[first - 2] == Target()


def test_scores_are_no_times_and_captions_are_about_the_time_before_them():
    answer = "1.0 - 2.0 seconds, a dog.  5.0 seconds, two cats."
    tokens, ids, _, found = targets("timechat", answer)
    words = {}
    for token, target in zip(ids, found, strict=True):
        words.setdefault(target.span_s, []).append(token)
    assert "dog" in tokens.decode(words[(1.0, 2.0)])
    assert "cats" in tokens.decode(words[(5.0, 5.0)])
    assert "1.0" not in tokens.decode(words[(5.0, 5.0)])
    peaks = "The highlight timestamps are in the 4.0, 6.0 seconds. Their saliency scores are 3.5."
    _, _, _, found = targets("timechat", peaks)
    assert {one.time_s for one in found} == {None, 4.0, 6.0}


def test_an_open_answer_looks_where_it_is_told():
    _, _, labels, found = targets("timechat", "Two.", ((3.0, 4.0),))
    first = next(place for place, label in enumerate(labels) if label != -100)
    assert found[first - 1].span_s == (3.0, 4.0)
    assert all(one.time_s is None for one in found)


def test_frames_of_a_guide_are_the_nearest_and_those_inside():
    times_s = np.array([0.0, 2.0, 4.0, 6.0])
    guide = make_guide(
        0, 1, [(7, Target(time_s=4.9)), (8, Target(span_s=(1.0, 4.0))),
               (9, Target(span_s=(4.6, 4.8)))], times_s,
    )  # fmt: skip
    assert guide.time_places.tolist() == [7]
    assert guide.time_frames.tolist() == [2]
    assert guide.span_frames.int().tolist() == [[0, 1, 1, 0], [0, 0, 1, 0]]


@pytest.mark.parametrize("compression", ["slots", "cross", "window", "none"])
def test_every_visual_token_has_its_frames(compression):
    given = tiny.settings("vtgllm")
    sizes = given.sizes.model_copy(update={"compression": compression})
    model = tiny.network(given.model_copy(update={"sizes": sizes}))
    framed = torch.randn(2, 6, 3, 16)
    shares = frame_shares(model, framed)
    assert shares.shape == (2, 6, model.pool(framed)[0].shape[1])
    if compression in ("slots", "cross"):
        torch.testing.assert_close(shares.sum(dim=1), torch.ones(2, 4))
    if compression == "window":  # of 4 frames each
        assert shares[0, :, 0].tolist() == [1, 1, 1, 1, 0, 0]
        assert shares[0, :, 4].tolist() == [0, 0, 0, 0, 1, 1]


def test_watched_heads_are_those_that_attend():
    model = tiny.network(tiny.settings("vtgllm"))
    model.language.set_attn_implementation("eager")
    embedded = torch.randn(1, 9, 64)
    with watching(model, 1) as watched:
        made = model.language.model(inputs_embeds=embedded, output_attentions=True)
    query, key = two_heads(model, watched, torch.arange(9)[None])
    scores = query @ key.transpose(2, 3) / query.shape[-1] ** 0.5
    scores = scores.masked_fill(~torch.ones(9, 9, dtype=torch.bool).tril(), -torch.inf)
    torch.testing.assert_close(
        scores.softmax(dim=-1), made.attentions[1][:, :2].float(), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("pack", ["off", "questions", "rows"])
def test_two_heads_learn_to_look_there(pack):
    put = collate("vtgllm", pack, 20_000)
    # Every frame keeps its tokens, so that there is something to find.
    sizes = put.sizes.model_copy(update={"compression": "none"})
    put = replace(put, sizes=sizes, find=TargetFinder(put.tokens, time_tokens=True))
    model = tiny.network(tiny.settings("vtgllm").model_copy(update={"sizes": sizes}))
    batch = put(drawn("vtg-it"))
    assert sorted(batch.order) == [0, 1]
    assert all(len(guide.time_places) for guide in batch.guides)
    for guide in batch.guides:
        assert batch.ids[guide.row, guide.first] == put.tokens.image_id
    objective = InstructionObjective(put.tokens, guided=GuidedSettings(layer=0))
    start = objective.loss(model, batch)[1]
    optimiser = torch.optim.Adam(model.parameters(), 3e-3)
    for _ in range(20):
        optimiser.zero_grad()
        loss, logs = objective.loss(model, batch)
        loss.backward()
        optimiser.step()
    assert logs["guided_times"] < 0.9 * start["guided_times"]
    assert logs["guided_spans"] < start["guided_spans"]


def test_layers_behind_learn_nothing_from_it():
    model = tiny.network(tiny.settings("vtgllm"))
    model.set_trained(["language"])
    with watching(model, 0) as watched:
        model.hidden(torch.randn(2, 40, 64))
    heads = two_heads(model, watched, torch.arange(40).expand(2, -1))
    shares = [torch.rand(6, 4)] * 2
    guides = [make_guide(row, 3, [(20, Target(1.0, (0.0, 1.0)))], np.arange(6.0)) for row in (0, 1)]
    sum(guided_loss(heads, guides, shares)).backward()
    first, second = (layer.self_attn.q_proj.base_layer for layer in model.language.model.layers)
    assert first.weight.grad.abs().max() > 0
    assert second.weight.grad is None


def test_no_times_cost_nothing():
    model = tiny.network(tiny.settings("vtgllm"))
    with watching(model, 0) as watched:
        model.hidden(torch.randn(1, 9, 64))
    heads = two_heads(model, watched, torch.arange(9)[None])
    guide = make_guide(0, 0, [], np.arange(6.0))
    assert [one.item() for one in guided_loss(heads, [guide], [torch.rand(6, 4)])] == [0.0, 0.0]


def test_networks_that_it_cannot_follow_are_refused():
    sizes = tiny.settings("vtgllm").sizes
    with pytest.raises(SettingsError, match="2 layers"):
        GuidedSettings(layer=2).fits(sizes)
    with pytest.raises(SettingsError, match="compression='codebook'"):
        GuidedSettings(layer=0).fits(sizes.model_copy(update={"compression": "codebook"}))


def test_places_in_long_answers_may_count_less():
    heads = (torch.randn(1, 2, 40, 4), torch.randn(1, 2, 40, 4))
    long = [(30 + place, Target(1.0, (0.0, 1.0), 9)) for place in range(9)]
    short = [(20, Target(3.0, (3.0, 3.0), 1))]
    share = torch.eye(6)
    both, one, other = (
        guided_loss(heads, [make_guide(0, 3, places, np.arange(6.0))], [share], power=1.0)
        for places in (long + short, long, short)
    )
    torch.testing.assert_close(both[0], (one[0] + other[0]) / 2)
    torch.testing.assert_close(both[1], (one[1] + other[1]) / 2)
