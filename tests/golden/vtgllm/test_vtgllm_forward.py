"""VTG-LLM's training step and its chat, against the published code."""

import pytest
import torch
from published_video_llm import load_network, our_names, vtgllm_sizes

from whenabouts.models.chat_text import chat_prompt, chat_segments, training_text
from whenabouts.models.frame_times import printed_times, video_sentence
from whenabouts.models.generate import generate
from whenabouts.models.generate_settings import GenerateSettings
from whenabouts.models.llama_tokens import IMAGE, LlamaTokens
from whenabouts.models.time_tokens import TIME_TOKENS, second_row, spell_frame_message
from whenabouts.models.video_llm import PUBLISHED_PARTS

pytestmark = pytest.mark.golden("vtgllm/full_forward*")


@pytest.fixture
def model(case):
    model = load_network(vtgllm_sizes(case.facts["config"]), case.tensors("weights"))
    model.set_trained((*PUBLISHED_PARTS, "vocabulary"))
    return model


def test_forward_and_gradients(case, model):
    config, io, expected = case.facts["config"], case.tensors(), case.facts["expected"]
    seen = {}

    def watch(module, name):
        module.register_forward_hook(
            lambda _module, _given, out: seen.update({name: out[0] if type(out) is tuple else out})
        )

    watch(model.vision, "vit_out")
    watch(model.vision_norm, "ln_out")
    watch(model.frame_qformer, "qformer_out")
    watch(model.time, "sampler_in")
    watch(model.compress, "sampler_out")
    watch(model.project, "proj_out")
    pixels = io["video"].transpose(1, 2)
    tokens, extra = model.see(pixels, seconds=io["absolute_timestamps"])
    seen["sampler_in"] = seen["sampler_in"].flatten(1, 2)
    assert len(seen) == 6
    for name, value in seen.items():
        case.close(value, io[name], name)
    embedded = model.embed_with(io["input_ids"], list(tokens), config["image_patch_id"])
    case.close(embedded, io["inputs_embeds"], "inputs_embeds")
    case.close(model.logits(embedded, io["attention_mask"]), io["logits"], "logits")
    loss = model.loss(embedded, io["attention_mask"], io["labels"]) + extra
    case.close(loss, torch.tensor(expected["loss"]), "loss")
    loss.backward()
    named = dict(model.named_parameters())
    trained = {name for name, weight in named.items() if weight.requires_grad}
    names = our_names(list(expected["grad_norms"]))
    assert set(names.values()) == trained
    for name, norm in expected["grad_norms"].items():
        case.close(named[names[name]].grad.norm(), torch.tensor(norm), f"norm of {name}")
    language = model.language.model
    for key, weight in {
        "grad_embed_tokens": language.embed_tokens.weight,
        "grad_frame": model.time.frames,
        "grad_time": model.time.seconds,
        "grad_slots": model.compress.slots,
        "grad_proj": model.project.weight,
        "grad_query_tokens": model.frame_qformer.queries,
        "grad_loraB_q0": language.layers[0].self_attn.q_proj.lora_B["default"].weight,
    }.items():
        case.close(weight.grad, io[key], key)


@torch.no_grad()
def test_clips_of_several_lengths(case, model):
    config, io = case.facts["config"], case.tensors()
    pixels, short = io["video"].transpose(1, 2), int(io["ragged_frames1"])
    first, _ = model.see(pixels[:1], seconds=io["absolute_timestamps"][:1])
    second, _ = model.see(pixels[1:, :short], seconds=io["ragged_ts1"][None])
    ids, mask = io["ragged_input_ids"], io["ragged_attention_mask"]
    embedded = model.embed_with(ids, [first[0], second[0]], config["image_patch_id"])
    logits = model.logits(embedded, mask)
    case.close(logits[1], io["ragged_logits_clip1"], "logits of the short clip")
    loss = model.loss(embedded, mask, io["ragged_labels"])
    case.close(loss, torch.tensor(case.facts["expected"]["ragged_loss"]), "ragged loss")


@torch.no_grad()
def test_chat(case, model):
    io = case.tensors()
    seen, _ = model.see(io["video"][:1].transpose(1, 2), seconds=io["absolute_timestamps"][:1])
    case.close(seen, io["gen_video_embeds"], "gen_video_embeds")
    before, after = (model.embed(io[f"gen_seg{place}_ids"]) for place in (0, 1))
    embedded = torch.cat([before, seen[0], after])[None]
    case.close(embedded, io["gen_inputs_embeds"], "gen_inputs_embeds")
    mask = torch.ones(embedded.shape[:2], dtype=torch.long)
    last = model.logits(embedded)[:, -1]
    case.close(last, io["gen_prefill_last_logits"], "scores of the first new token")
    greedy = GenerateSettings(new_tokens=io["gen_ids"].shape[1], sample=False)
    assert torch.equal(generate(model.language, embedded, mask, greedy), io["gen_ids"])
    beam = GenerateSettings(new_tokens=io["gen_ids_beam3"].shape[1], sample=False, beams=3)
    assert torch.equal(generate(model.language, embedded, mask, beam), io["gen_ids_beam3"])


def test_texts(case):
    texts, io, config = case.facts["texts"], case.tensors(), case.facts["config"]
    messages = []
    for clip, (places, fps) in enumerate(zip(texts["frame_indices"], texts["fps"], strict=True)):
        times_s = [place / fps for place in places]
        rows = [second_row(time_s, config["max_time"]) for time_s in times_s]
        assert rows == io["absolute_timestamps"][clip].tolist()
        messages.append(video_sentence(printed_times(times_s)))
    assert messages == texts["messages"]
    spelled = [spell_frame_message(message) for message in messages]
    assert spelled == texts["messages_with_time_tokens"]
    question = texts["qa"][0][0]
    assert chat_prompt((), question, spelled[0]) == texts["chat_prompt"]
    for turn, message, user in zip(texts["qa"], spelled, texts["training_user_text"], strict=True):
        text = training_text([turn], message, config["slots"])
        assert text == f"[INST] <<SYS>>\n \n<</SYS>>\n\n{user} [/INST] {turn[1]} </s>"


def test_ids(case):
    """The case names no tokenizer: the one beside it is its own, with one of both behaviours."""
    path = case.folder.parent / "tokenizer" / "tokenizer.model"
    both = [
        LlamaTokens.read(path, (IMAGE, *TIME_TOKENS), legacy=legacy) for legacy in (True, False)
    ]
    if both[0].vocab_tokens != case.facts["config"]["vocab_total"]:
        pytest.skip("another tokenizer than the one beside the case")
    io = case.tensors()
    expected = [io["gen_seg0_ids"].tolist(), io["gen_seg1_ids"].tolist()]
    prompt = case.facts["texts"]["chat_prompt"]
    assert expected in [chat_segments(prompt, tokens) for tokens in both]
