"""IVCR's model from messages and frames to loss, gradients and greedy answers."""

import pytest
import torch
from published_video_llm import ivcr_sizes, load_network, our_names

from whenabouts.models.chat_text import IGNORED
from whenabouts.models.dialogue_text import (
    DIALOGUE_TOKENS,
    Round,
    answer_labels,
    candidates_round,
    current_round,
    dialogue_ids,
    dialogue_text,
    widen,
)
from whenabouts.models.frame_texts import FrameTextMaker
from whenabouts.models.frame_times import times_in
from whenabouts.models.generate import generate_on
from whenabouts.models.generate_settings import GenerateSettings
from whenabouts.models.llama_tokens import VIDEO_PLACE, LlamaTokens
from whenabouts.models.pixels import PixelSettings
from whenabouts.models.retrieval_heads import before_answer
from whenabouts.models.torch_pixels import normalised
from whenabouts.models.video_llm import PUBLISHED_PARTS, FrameTexts
from whenabouts.weights.convert_video_llm import published_settings

FORWARD = pytest.mark.golden("ivcr/full_forward*")
HEADS = pytest.mark.golden("ivcr/heads_xqy")


def head_width(weights) -> int:
    found = weights.get("temporal_head.0.bias")
    return 0 if found is None else len(found)


@pytest.fixture
def model(case):
    weights = case.tensors("weights")
    model = load_network(ivcr_sizes(case.facts["config"], head_width(weights)), weights)
    model.set_trained((*PUBLISHED_PARTS, "heads"))
    return model


@pytest.fixture
def tokens(case, golden_folder) -> LlamaTokens:
    """The case's own, or that of the case beside it with the same special tokens."""
    own = case.folder / "tokenizer.model"
    path = own if own.is_file() else golden_folder / "ivcr" / "full_forward" / own.name
    if not path.is_file():
        pytest.skip(f"no tokenizer at {path}")
    tokens = LlamaTokens.read(path, DIALOGUE_TOKENS)
    named = case.facts["special_tokens"]
    assert {token: tokens.id_of(token) for token in named} == named
    return tokens


def rounds_of(sample) -> list[Round]:
    """The messages of a sample, taken apart."""
    said = [message["content"] for message in sample["messages"][1:]]
    found = []
    for question, answer in zip(said[::2], said[1::2], strict=True):
        count = question.count(VIDEO_PLACE)
        asked = question.rpartition("</VIDEO>.")[2]
        if count > 1:
            found.append(candidates_round(asked, answer, count))
            continue
        number = int(question.partition("<VID> ")[2].partition(" ")[0])
        message, mark, asked = asked.partition("seconds.")
        found.append(current_round(asked, answer, number, times_in(message + mark)))
    return found


def open_rounds(sample) -> list[Round]:
    *before, last = rounds_of(sample)
    return [*before, Round(last.question, None, last.numbers, last.times, last.current)]


def see(case, model, name: str) -> list[torch.Tensor]:
    """Visual tokens of every video of a dialogue, each looked at on its own."""
    io, facts = case.tensors(), case.facts["normalisation"]
    pixels = PixelSettings(
        size_px=case.facts["config"]["img"],
        fit="squash",
        mean=tuple(facts["mean"]),
        std=tuple(facts["std"]),
    )
    found = []
    while f"{name}.video{len(found)}.frames_u8" in io:
        key = f"{name}.video{len(found)}"
        frames = normalised(io[f"{key}.frames_u8"], pixels)[None]
        texts = FrameTexts(io[f"{key}.ts_ids"], io[f"{key}.ts_mask"])
        if f"{key}.ln_vision" in io:
            eye = model.eye(frames[0])
            case.close(eye, io[f"{key}.ln_vision"], f"{key} ln_vision")
            looked = model.look_at(eye[None], texts)
            case.close(looked[0], io[f"{key}.qformer_all"], f"{key} frame Q-Former")
            pooled, _ = model.compress(model.time(looked))
            case.close(pooled, io[f"{key}.video_qformer"], f"{key} video Q-Former")
        seen, _ = model.see(frames, texts)
        case.close(seen[0], io[f"{key}.llm_tokens"], f"{key} tokens")
        found.append(seen[0])
    return found


def embedded(case, model, tokens, sample, rounds):
    """Ids, labels and the embedded dialogue."""
    seen = see(case, model, sample["name"])
    ids = dialogue_ids(rounds, tokens)
    labels = answer_labels(ids, tokens)
    wide_ids, wide_labels = widen(ids, labels, tokens.image_id, [len(one) for one in seen])
    whole = model.embed_videos(torch.tensor([wide_ids]), seen, tokens.image_id)
    return ids, torch.tensor([wide_labels]), whole


def check_dialogue(case, model, tokens, sample):
    """Text, ids, labels, embedding, logits; gives the last hidden states with the labels."""
    io, name = case.tensors(), sample["name"]
    rounds = rounds_of(sample)
    assert dialogue_text(rounds, sample["messages"][0]["content"]) == sample["train_text"]
    assert dialogue_text(open_rounds(sample)) == sample["eval_text"]
    assert dialogue_ids(open_rounds(sample), tokens) == io[f"{name}.eval_input_ids"].tolist()
    ids, labels, whole = embedded(case, model, tokens, sample, rounds)
    assert ids == io[f"{name}.input_ids"][0].tolist()
    assert torch.equal(labels, io[f"{name}.labels"])
    case.close(whole, io[f"{name}.inputs_embeds"], f"{name} inputs_embeds")
    first = int(labels[0].ne(IGNORED).nonzero()[0])
    logits = model.logits(whole)
    case.close(logits[:, :4], io[f"{name}.logits_head4"], f"{name} first logits")
    case.close(logits[:, first - 1 :], io[f"{name}.logits_tail"], f"{name} last logits")
    return model.hidden(whole), labels


@FORWARD
def test_forward_and_gradients(case, model, tokens):
    io = case.tensors()
    names = our_names(case.facts["trained_parameters"])
    named = dict(model.named_parameters())
    assert set(names.values()) == {name for name, p in named.items() if p.requires_grad}
    for sample in case.facts["samples"]:
        name = sample["name"]
        hidden, labels = check_dialogue(case, model, tokens, sample)
        loss = model.answer_loss(hidden, labels)
        case.close(loss[None], io[f"{name}.loss"], f"{name} loss")
        model.zero_grad()
        loss.backward()
        for key, gradient in io.items():
            if key.startswith(f"{name}.grad."):
                ours = names[key.removeprefix(f"{name}.grad.")]
                case.close(named[ours].grad, gradient, key)


@FORWARD
def test_greedy_answers(case, model, tokens):
    io = case.tensors()
    for sample in case.facts["samples"]:
        name = sample["name"]
        wanted = io[f"{name}.greedy_ids"].tolist()
        rounds = open_rounds(sample)
        ids = dialogue_ids(rounds, tokens)
        with torch.no_grad():
            seen = see(case, model, name)
            wide, _ = widen(ids, ids, tokens.image_id, [len(one) for one in seen])
            prompt = model.embed_videos(torch.tensor([wide]), seen, tokens.image_id)[0]
        greedy = GenerateSettings(sample=False, new_tokens=len(wanted))
        made, _ = generate_on(model.language, prompt, greedy, None)
        assert made.tolist() == wanted, name


@FORWARD
def test_sentences_beside_frames(case, tokens):
    """As the published code makes them: padded before, the last one with its slip."""
    io = case.tensors()
    settings = published_settings("ivcr").model_copy(update={"timestamp_slip": True})
    make = FrameTextMaker(settings, tokens)
    for sample in case.facts["samples"]:
        place = 0
        for one in rounds_of(sample):
            if one.current:
                key, texts = f"{sample['name']}.video{place}", make(one.times)
                assert torch.equal(texts.ids, io[f"{key}.ts_ids"]), key
                assert torch.equal(texts.mask, io[f"{key}.ts_mask"]), key
            place += len(one.numbers)


@HEADS
def test_heads(case, model, tokens):
    io = case.tensors()
    for sample in case.facts["samples"]:
        name = sample["name"]
        hidden, labels = check_dialogue(case, model, tokens, sample)
        pooled = before_answer(hidden, labels)
        for head, short in ((model.heads.video, "vr"), (model.heads.moment, "t")):
            if f"{name}.head.{short}_in" in io:
                case.close(pooled, io[f"{name}.head.{short}_in"], f"{name} before the answer")
                case.close(head(pooled), io[f"{name}.head.{short}_out"], f"{name} {short}")
