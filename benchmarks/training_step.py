"""Training steps a second: ours against a plain loop over transformers' CLIPModel of the same size.

    python benchmarks/training_step.py                       # a small size, float32, one thread
    python benchmarks/training_step.py --size b32 --device cuda --precision bf16 --batch 256

Both get the same pictures and texts, one frame a video, and step with AdamW; ours does all that the
recipe does besides: weights of tokens, gathering, logs. They take turns, so that a busy machine
slows both.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from whenabouts.models.pixels import PixelSettings
from whenabouts.models.retrieval import RetrievalModel
from whenabouts.models.sizes import ClipSizes, RetrievalSizes
from whenabouts.train.retrieval_loss import PairBatch, RetrievalLossSettings, RetrievalObjective

SIZES = {
    "small": ClipSizes(
        embed_width=256, vision_width=256, vision_layers=6, vision_heads=4, patch_px=16,
        image_px=112, text_width=256, text_layers=4, text_heads=4, context_tokens=32,
        vocab_tokens=4096,
    ),
    "b32": ClipSizes(
        embed_width=512, vision_width=768, vision_layers=12, vision_heads=12, patch_px=32,
        image_px=224, text_width=512, text_layers=12, text_heads=8, context_tokens=77,
        vocab_tokens=49408,
    ),
}  # fmt: skip
END = 2


def ours(sizes: ClipSizes, batch: PairBatch, dtype: torch.dtype | None) -> Callable[[], None]:
    """A step of ours."""
    model = RetrievalModel(RetrievalSizes(clip=sizes, interaction="wti"))
    model.initialise(torch.Generator().manual_seed(0))
    objective = RetrievalObjective(RetrievalLossSettings(), PixelSettings(size_px=1))
    both = nn.ModuleList([model, objective]).to(batch.ids.device)
    optimiser = torch.optim.AdamW(both.parameters(), lr=1e-5, fused=True)

    def step() -> None:
        with torch.autocast(batch.ids.device.type, dtype, enabled=dtype is not None):
            loss, _ = objective.loss(model, batch)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(both.parameters(), 1.0)
        optimiser.step()

    return step


def theirs(sizes: ClipSizes, batch: PairBatch, dtype: torch.dtype | None) -> Callable[[], None]:
    """A step of a plain loop."""
    from whenabouts.models.llama import mend_torchvision

    mend_torchvision()
    from transformers import CLIPConfig, CLIPModel

    text = {
        "hidden_size": sizes.text_width, "intermediate_size": 4 * sizes.text_width,
        "num_hidden_layers": sizes.text_layers, "num_attention_heads": sizes.text_heads,
        "max_position_embeddings": sizes.context_tokens, "vocab_size": sizes.vocab_tokens,
        "eos_token_id": END, "bos_token_id": 1, "pad_token_id": 0,
    }  # fmt: skip
    vision = {
        "hidden_size": sizes.vision_width, "intermediate_size": 4 * sizes.vision_width,
        "num_hidden_layers": sizes.vision_layers, "num_attention_heads": sizes.vision_heads,
        "image_size": sizes.image_px, "patch_size": sizes.patch_px,
    }  # fmt: skip
    config = CLIPConfig(text_config=text, vision_config=vision, projection_dim=sizes.embed_width)
    model = CLIPModel(config).to(batch.ids.device).train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-5, fused=True)
    pixels = batch.pixels[:, 0]

    def step() -> None:
        with torch.autocast(batch.ids.device.type, dtype, enabled=dtype is not None):
            out = model(input_ids=batch.ids, attention_mask=batch.text_mask, pixel_values=pixels)
            rows = torch.arange(len(pixels), device=pixels.device)
            logits = out.logits_per_text.float()
            loss = (F.cross_entropy(logits, rows) + F.cross_entropy(logits.T, rows)) / 2
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()

    return step


def draw(sizes: ClipSizes, count: int, device: torch.device) -> PairBatch:
    """Random pairs."""
    random = torch.Generator().manual_seed(0)
    length = min(32, sizes.context_tokens)
    ids = torch.randint(3, sizes.vocab_tokens, (count, length), generator=random)
    ids[:, -1] = END
    side = sizes.image_px
    pixels = torch.randn(count, 1, 3, side, side, generator=random)
    ones = torch.ones_like(ids)
    parts = (ids, ones, pixels, ones[:, :1], torch.arange(count))
    return PairBatch(*(part.to(device) for part in parts))


def timed(step: Callable[[], None], device: torch.device) -> tuple[float, float]:
    """Wall and CPU seconds of one step."""
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    step()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - wall_s, time.process_time() - cpu_s


def main() -> None:
    """Print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=sorted(SIZES), default="small")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    device = torch.device(given.device)
    dtype = torch.bfloat16 if given.precision == "bf16" else None
    sizes = SIZES[given.size]
    batch = draw(sizes, given.batch, device)
    makers = {"ours": ours, "transformers": theirs}
    steps = {name: make(sizes, batch, dtype) for name, make in makers.items()}
    rows: dict[str, list[tuple[float, float]]] = {name: [] for name in steps}
    for number in range(given.steps + 2):
        for name, step in steps.items():
            took = timed(step, device)
            if number >= 2:  # the first ones warm up
                rows[name].append(took)
    found = {
        name: dict(zip(("wall_s", "cpu_s"), np.median(some, axis=0).round(4).tolist(), strict=True))
        for name, some in rows.items()
    }
    kind = "wall_s" if device.type == "cuda" else "cpu_s"
    ratio = found["ours"][kind] / found["transformers"][kind]
    print(json.dumps({**vars(given), **found, "ours_per_theirs": round(ratio, 3)}))


if __name__ == "__main__":
    main()
