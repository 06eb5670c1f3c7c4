"""Random video LLMs of a few thousand weights, and the files of published ones."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from whenabouts.models.dialogue_text import DIALOGUE_SYSTEM, DIALOGUE_TOKENS
from whenabouts.models.llama_tokens import IMAGE, LlamaTokens
from whenabouts.models.pixels import PixelSettings
from whenabouts.models.time_tokens import TIME_TOKENS
from whenabouts.models.video_llm import VideoLlm
from whenabouts.models.video_llm_settings import VideoLlmSettings
from whenabouts.models.video_llm_sizes import (
    LlamaSizes,
    LoraSizes,
    QFormerSizes,
    VideoLlmSizes,
    VitSizes,
)
from whenabouts.train.llama_tokenizer import train_llama_tokens
from whenabouts.weights.convert_video_llm import read_published, save_published
from whenabouts.weights.published.video_llm_names import model_rules
from whenabouts.weights.rename import Table
from whenabouts.weights.video_llm_files import find_stack

TEXTS = (
    "The video contains 3 frames sampled at 0.0, 1.5, 12.3 seconds. Find the red circle.",
    "红色的圆形 moves to the left [INST] [/INST] <<SYS>> <</SYS>> <Video> </Video>",
    "You are able to understand the visual content that the user provides.",
)
BERT_WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "this", "frame", "is", "sampled", "at", "second")
VOCABULARY = 360


ADDED = {"vtgllm": (IMAGE, *TIME_TOKENS), "timechat": (IMAGE,), "ivcr": DIALOGUE_TOKENS}


def tokenizer(system: str, *, legacy: bool = False) -> LlamaTokens:
    added = ADDED[system]
    return LlamaTokens(train_llama_tokens(TEXTS, VOCABULARY), added, legacy=legacy)


def settings(system: str) -> VideoLlmSettings:
    """A TimeChat or a VTG-LLM with everything that makes it one."""
    tokens = tokenizer(system)
    timechat = system == "timechat"
    sizes = VideoLlmSizes(
        vit=VitSizes(image_px=28, patch_px=14, width=16, layers=2, heads=2, feed_width=24),
        frame_qformer=QFormerSizes(
            queries=3,
            width=16,
            layers=2,
            heads=2,
            feed_width=24,
            memory_width=16,
            words=len(BERT_WORDS) + 13 if timechat else 0,
            positions=40,
        ),
        frame_positions=8,
        second_positions=0 if timechat else 32,
        compression="window" if timechat else "slots",
        video_tokens=4,
        window_frames=4,
        stride_frames=4,
        language=LlamaSizes(
            width=64,
            feed_width=128,
            layers=2,
            heads=2,
            vocab_tokens=tokens.image_id if timechat else tokens.vocab_tokens,
            context_tokens=512,
        ),
        lora=LoraSizes(),
    )
    return VideoLlmSettings(
        name=f"tiny-{system}",
        frames=8,
        pixels=PixelSettings(size_px=28, fit="squash"),
        sizes=sizes,
        added_tokens=tokens.added,
        time_tokens=not timechat,
        timestamps="bert" if timechat else "none",
    )


def dialogue_settings() -> VideoLlmSettings:
    """An IVCR whose Q-Former reads LLaMA's ids, as the published one does."""
    given, tokens = settings("timechat"), tokenizer("ivcr")
    language = given.sizes.language.model_copy(update={"vocab_tokens": tokens.vocab_tokens})
    frame = given.sizes.frame_qformer.model_copy(update={"words": tokens.vocab_tokens})
    sizes = given.sizes.model_copy(update={"language": language, "frame_qformer": frame})
    changes = {
        "name": "tiny-ivcr",
        "talk": "dialogue",
        "system": DIALOGUE_SYSTEM,
        "timestamps": "llama",
        "timestamp_pad": "before",
        "added_tokens": tokens.added,
        "sizes": sizes,
    }
    return given.model_copy(update=changes)


def network(given: VideoLlmSettings, seed: int = 0) -> VideoLlm:
    """Random everywhere, so that no two weights could be taken for each other."""
    model = VideoLlm(given.sizes)
    dice = torch.Generator().manual_seed(seed)
    model.initialise(dice)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn(weight.shape, generator=dice) * 0.05)
    return model.eval()


def vocabulary_lines() -> str:
    digits = [*"0123456789", ".", "##0"]
    return "\n".join([*BERT_WORDS, *digits]) + "\n"


def write_llama(folder: Path, system: str) -> None:
    """The folder of the language model without its weights."""
    folder.mkdir(parents=True)
    (folder / "tokenizer.model").write_bytes(tokenizer(system).model)
    (folder / "tokenizer_config.json").write_text(json.dumps({"legacy": False}))
    config = {"model_type": "llama", "rms_norm_eps": 1e-5, "max_position_embeddings": 512}
    (folder / "config.json").write_text(json.dumps(config))


def published(model: VideoLlm) -> dict[str, torch.Tensor]:
    """Weights under their published names, as the newer peft spells them."""
    table = Table("published", model_rules(model.sizes.lora))
    found = {}
    for name, value in table.to_theirs(model.state_dict()).items():
        spelled = name.replace("llama_model.", "llama_model.base_model.model.", 1)
        found[spelled.replace("q_proj.weight", "q_proj.base_layer.weight")] = value
    return found


def write_stack(
    folder: Path, system: str, *, whole: bool, seed: int = 0
) -> tuple[VideoLlmSettings, VideoLlm]:
    """The files of a stack; `whole` puts everything into the model's own checkpoint."""
    given = settings(system)
    model = network(given, seed)
    write_llama(folder / "llama-2-7b-chat-hf", system)
    names = published(model)
    vit = {n.removeprefix("visual_encoder."): v for n, v in names.items() if "visual_enc" in n}
    blip = {n: v for n, v in names.items() if n.startswith(("query_", "ln_vision", "Qformer"))}
    head = "llama_model.base_model.model."
    llama = {
        n.removeprefix(head).replace(".base_layer", ""): v
        for n, v in names.items()
        if n.startswith(head) and ".lora_" not in n
    }
    own = names
    if not whole:
        save_file({**vit, "blocks.2.norm1.bias": torch.zeros(1)}, folder / "eva_vit_g.safetensors")
        torch.save(
            {"model": {**blip, "llm_proj.bias": torch.zeros(1)}},
            folder / "instruct_blip_vicuna7b_trimmed.pth",
        )
        save_file(llama, folder / "llama-2-7b-chat-hf" / "model.safetensors")
        kept = (*(f"{part}_proj.lora" for part in "qkvo"), "video_", "llama_proj", "sampler")
        own = {n: v for n, v in names.items() if any(part in n for part in kept)}
    name = "timechat_7b.pth" if system == "timechat" else "vtgllm.pth"
    torch.save({"model": own, "optimizer": {"state": {}}, "config": {}, "epoch": 1}, folder / name)
    (folder / "vocab.txt").write_text(vocabulary_lines())
    return given, model


def convert(system: str, files: Path, target: Path, given: VideoLlmSettings, **how: Any):
    """What `whenabouts convert` does."""
    read = read_published(find_stack(system, files), given, **how)
    save_published(read, target)
    return read
