"""SeViLA's forward chain, stage by stage and in every way to answer, against the published code."""

import pytest
import torch
from published_sevila import given, load_sevila

from whenabouts.models.sevila import best_frames, picked
from whenabouts.models.t5 import END_ID, PAD_ID, START_ID

pytestmark = [
    pytest.mark.golden("sevila/model*"),
    pytest.mark.usefixtures("no_gradients"),
]


@pytest.fixture
def no_gradients():
    with torch.no_grad():
        yield


@pytest.fixture
def model(case):
    return load_sevila(case)


def letters(case) -> list[int]:
    return case.facts["answer_id"]


def options_of(case, model, read):
    return model.second(read)[:, letters(case)]


def same_words(model, read, sequences, what):
    """The greedy words are those of the case, of which only as many are made as are needed."""
    wanted = sequences[:, 1:]
    found, _ = model.language.greedy(read, wanted.shape[1])
    assert bool((sequences[:, 0] == START_ID).all())
    ended = wanted.eq(END_ID).cumsum(dim=1) - wanted.eq(END_ID).long()
    kept = ended[:, : found.shape[1]] == 0
    assert torch.equal(found[kept], wanted[:, : found.shape[1]][kept]), what
    assert bool((found[~kept] == PAD_ID).all())


def test_localizer_then_answerer(case, model):
    facts, io = case.facts, case.tensors("io_generate_loc_qa_vid")
    video = case.tensors("io_inputs")["video"]
    said = facts["modes"]["generate_loc_qa_vid"]
    B, T = video.shape[:2]
    memory = model.look(video.flatten(0, 1))
    case.close(memory, io["image_embeds"], "vision")
    case.close(model.answerer.norm(memory), io["image_embeds_ln"], "answerer norm")
    case.close(model.localizer.norm(memory), io["image_embeds_loc_ln"], "localizer norm")
    seen = model.localizer.qformer(model.localizer.norm(memory))
    case.close(seen, io["qformer_loc_out"], "localizer Q-Former")
    tokens = model.localizer(memory)
    case.close(tokens, io["t5_proj_loc_out"], "localizer tokens")
    names, text = given(case, "frame_prefix"), given(case, "loc").repeated(T)
    embedded, mask = model.prompt(tokens[:, None], names, text)
    case.close(embedded, io["loc_encoder_inputs_embeds"], "localizer prompt")
    assert torch.equal(mask, io["loc_encoder_attention_mask"])
    read = model.language.read(embedded, mask)
    first = model.language.first(read)
    case.close(first, io["loc_first_step_logits"], "first step")
    same_words(model, read, io["loc_sequences"], "localizer words")
    yes = first[:, facts["yes_id"]].unflatten(0, (B, T))
    case.close(yes, io["loc_yes"], "yes")
    case.close(yes, torch.tensor(said["loc_yes"]), "yes in the facts")
    case.close(first[:, facts["no_id"]].unflatten(0, (B, T)), io["loc_no"], "no")
    count = facts["config"]["frame_num"]
    assert torch.equal(yes.topk(count).indices, io["topk_unsorted"])
    chosen = best_frames(yes, count)
    assert torch.equal(chosen, io["frame_idx"])
    assert chosen.tolist() == said["frame_idx"]
    keys = picked(memory.unflatten(0, (B, T)), chosen).flatten(0, 1)
    case.close(model.answerer.qformer(model.answerer.norm(keys)), io["qformer_out"], "Q-Former")
    shown = model.answerer(keys)
    case.close(shown, io["t5_proj_out"], "answerer tokens")
    embedded, mask = model.prompt(
        shown.unflatten(0, (B, count)), given(case, "vid_prefix"), given(case, "qa")
    )
    case.close(embedded, io["qa_encoder_inputs_embeds"], "answerer prompt")
    assert torch.equal(mask, io["qa_encoder_attention_mask"])
    read = model.language.read(embedded, mask)
    case.close(model.language.first(read), io["qa_step0_logits"], "answer, first step")
    second = model.second(read)
    case.close(second, io["qa_step1_logits"], "answer, second step")
    same_words(model, read, io["qa_sequences"], "answerer words")
    chances = second[:, letters(case)]
    case.close(chances, io["qa_option_logits"], "options")
    case.close(chances, torch.tensor(said["option_logits"]), "options in the facts")
    assert torch.equal(chances.argmax(dim=1), io["output_text"])
    assert chances.argmax(dim=1).tolist() == said["output_text"]


def located(case, model, video, rows=slice(None)):
    """What each frame shows, and the localizer's scores: of videos [B,T,3,S,S]."""
    B, T = video.shape[:2]
    memory = model.look(video.flatten(0, 1))
    text = given(case, "loc")
    text = type(text)(text.ids[rows], text.mask[rows]).repeated(T)
    read = model.read(model.localizer(memory)[:, None], given(case, "frame_prefix"), text)
    yes = model.language.first(read)[:, case.facts["yes_id"]]
    return memory.unflatten(0, (B, T)), yes.unflatten(0, (B, T))


def test_one_video_alone_as_the_demo_asks(case, model):
    """A text is padded for another one of its batch, or not: the answer is the same."""
    said = case.facts["modes"]["generate_demo"]
    io = case.tensors("io_generate_demo")
    video = case.tensors("io_inputs")["video"][:1]
    memory, yes = located(case, model, video, slice(1))
    chosen = best_frames(yes, case.facts["config"]["frame_num"])
    assert torch.equal(chosen, io["frame_idx"])
    assert chosen.tolist() == said["frame_idx"]
    keys = model.answerer(memory[0, chosen[0]])[None]
    text = given(case, "qa")
    read = model.read(keys, given(case, "vid_prefix"), type(text)(text.ids[:1], text.mask[:1]))
    assert options_of(case, model, read).argmax(dim=1).tolist() == said["output_text"]


def test_the_single_best_frame(case, model):
    io = case.tensors("io_generate_loc_single_frame")
    video = case.tensors("io_inputs")["video"]
    memory, yes = located(case, model, video)
    case.close(yes, io["loc_yes"], "yes")
    best = yes.argmax(dim=1)
    assert torch.equal(best, io["best_frame"])
    keys = model.answerer(memory[torch.arange(len(best)), best])[:, None]
    embedded, mask = model.prompt(keys, given(case, "frame_prefix"), given(case, "qa"))
    case.close(embedded, io["qa_encoder_inputs_embeds"], "prompt")
    assert torch.equal(mask, io["qa_encoder_attention_mask"])
    read = model.language.read(embedded, mask)
    same_words(model, read, io["qa_sequences"], "words")
    chances = options_of(case, model, read)
    case.close(chances, io["qa_option_logits"], "options")
    assert torch.equal(chances.argmax(dim=1), io["output_text"])


def test_frames_evenly_spread(case, model):
    io = case.tensors("io_generate_uniform_vid")
    video = io["video"]
    tokens = model.answerer(model.look(video.flatten(0, 1))).unflatten(0, video.shape[:2])
    names = given(case, "vid_prefix")
    assert len(names.ids) == video.shape[1]
    embedded, mask = model.prompt(tokens, names, given(case, "qa"))
    case.close(embedded, io["qa_encoder_inputs_embeds"], "prompt")
    assert torch.equal(mask, io["qa_encoder_attention_mask"])
    read = model.language.read(embedded, mask)
    case.close(model.second(read), io["qa_step1_logits"], "second step")
    same_words(model, read, io["qa_sequences"], "words")
    chances = options_of(case, model, read)
    case.close(chances, io["qa_option_logits"], "options")
    assert torch.equal(chances.argmax(dim=1), io["output_text"])


def test_an_answer_of_each_frame(case, model):
    said = case.facts["modes"]["generate_per_frame"]
    io = case.tensors("io_generate_per_frame")
    video = case.tensors("io_inputs")["video"]
    tokens = model.answerer(model.look(video.flatten(0, 1)))[:, None]
    text = given(case, "qa").repeated(video.shape[1])
    embedded, mask = model.prompt(tokens, given(case, "frame_prefix"), text)
    case.close(embedded, io["qa_encoder_inputs_embeds"], "prompt")
    read = model.language.read(embedded, mask)
    same_words(model, read, io["qa_sequences"], "words")
    chances = options_of(case, model, read)
    case.close(chances, io["qa_option_logits"], "options")
    assert torch.equal(chances.argmax(dim=1), io["output_text"])
    assert chances.argmax(dim=1).tolist() == said["output_text"]


def test_localizer_alone(case, model):
    said = case.facts["modes"]["fmr_generate"]
    io = case.tensors("io_fmr_generate")
    video = case.tensors("io_inputs")["video"]
    text = given(case, "loc").repeated(video.shape[1])
    tokens = model.localizer(model.look(video.flatten(0, 1)))[:, None]
    first = model.language.first(model.read(tokens, given(case, "frame_prefix"), text))
    yes, no = first[:, case.facts["yes_id"]], first[:, case.facts["no_id"]]
    case.close(yes, io["yes_score"], "yes")
    case.close(no, io["no_score"], "no")
    case.close(yes, torch.tensor(said["yes_score"]), "yes in the facts")
    assert (yes > no).long().tolist() == said["pred_ans"] == io["pred_ans"].tolist()
