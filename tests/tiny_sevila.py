"""Random SeViLAs of a few thousand weights, and the files of published ones."""

import json
from functools import cache
from pathlib import Path

import torch
from safetensors.torch import save_file

from whenabouts.models.pixels import PixelSettings
from whenabouts.models.sevila import Sevila
from whenabouts.models.sevila_prompts import answer_prompt, locate_prompt, query_prompt
from whenabouts.models.sevila_settings import SevilaSettings
from whenabouts.models.sevila_sizes import SevilaSizes, T5Sizes
from whenabouts.models.t5_tokens import T5Tokens
from whenabouts.models.video_llm_sizes import QFormerSizes, VitSizes
from whenabouts.train.t5_tokenizer import train_t5_tokens
from whenabouts.weights.published.sevila_names import whole_table
from whenabouts.weights.sevila_folder import save_sevila

TEXTS = (
    answer_prompt("what colour is the circle?", ("red", "blue", "绿色")),
    locate_prompt("红色的圆形 moves to the left?", ("red", "blue")),
    answer_prompt("", ("it grows.", "it shrinks.")),
    query_prompt("a circle grows"),
    answer_prompt("what happens?"),
    "Frame: Frame 1: 2 3 4",
)


@cache
def tokens() -> T5Tokens:
    return train_t5_tokens(TEXTS, 420)


def settings() -> SevilaSettings:
    """Pictures of 28 px, three queries, a T5 of two and one layers."""
    return SevilaSettings(
        name="tiny-sevila",
        frames=6,
        key_frames=2,
        text_tokens=160,
        pixels=PixelSettings(size_px=28, fit="squash"),
        sizes=SevilaSizes(
            vit=VitSizes(image_px=28, patch_px=14, width=16, layers=2, heads=2, feed_width=24),
            qformer=QFormerSizes(
                queries=3, width=16, layers=2, heads=2, feed_width=24, memory_width=16
            ),
            language=T5Sizes(
                width=64,
                feed_width=64,
                layers=2,
                decoder_layers=1,
                heads=2,
                head_width=16,
                vocab_tokens=tokens().vocab_tokens,
            ),
        ),
    )


def network(seed: int = 0) -> Sevila:
    """Random everywhere, so that no two weights could be taken for each other."""
    model = Sevila(settings().sizes)
    dice = torch.Generator().manual_seed(seed)
    model.initialise(dice)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn(weight.shape, generator=dice) * 0.05)
    return model.eval()


def write_folder(folder: Path, seed: int = 0) -> Sevila:
    """A folder of ours."""
    model = network(seed)
    save_sevila(folder, settings(), model.state_dict(), tokens())
    return model


def write_files(folder: Path, seed: int = 0) -> Sevila:
    """The published files of a model: tower, T5's folder, BLIP-2's heads, SeViLA's heads."""
    model = network(seed)
    names = whole_table().to_theirs(model.state_dict())
    head, t5_head = "visual_encoder.", "t5_model."
    vit = {n.removeprefix(head): v for n, v in names.items() if n.startswith(head)}
    save_file({**vit, "blocks.2.norm1.bias": torch.zeros(1)}, folder / "eva_vit_g.safetensors")
    t5 = {n.removeprefix(t5_head): v for n, v in names.items() if n.startswith(t5_head)}
    t5["encoder.embed_tokens.weight"] = t5["shared.weight"].clone()
    write_t5(folder / "flan-t5-xl", t5)
    blip2 = {n: v + 1 for n, v in names.items() if is_head(n) and "_loc." not in f"{n}."}
    torch.save({"model": blip2}, folder / "blip2_pretrained_flant5xl.pth")
    heads = {n: v for n, v in names.items() if is_head(n)}
    torch.save({"model": heads}, folder / "sevila_pretrained.pth")
    return model


def is_head(name: str) -> bool:
    return name.startswith(("Qformer", "query_tokens", "t5_proj", "ln_vision"))


def write_t5(folder: Path, tensors: dict[str, torch.Tensor]) -> None:
    folder.mkdir()
    save_file(tensors, folder / "model.safetensors")
    tokens().save(folder / "tokenizer.json")
    sizes = settings().sizes.language
    config = {
        "d_model": sizes.width,
        "d_ff": sizes.feed_width,
        "num_layers": sizes.layers,
        "num_decoder_layers": sizes.decoder_layers,
        "num_heads": sizes.heads,
        "d_kv": sizes.head_width,
        "vocab_size": sizes.vocab_tokens,
    }
    (folder / "config.json").write_text(json.dumps(config))
