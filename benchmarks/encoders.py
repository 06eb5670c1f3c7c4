"""Encoders to measure with: the built-in one, or random weights of a known size (`base`: ViT-B/32).

What a network costs does not depend on what it knows, so random weights measure time as well as
trained ones; they say nothing about search.
"""

from __future__ import annotations

from pathlib import Path

WORDS = ("a red star moves left", "a dog on a skateboard", "两只猫在桥上", "zwei Hunde 0123456789")


def encoder_folder(kind: str, cache: Path) -> str:
    """What `open_library` takes as its encoder: `tiny-clip`, or a folder made in `cache`."""
    if kind == "tiny-clip":
        return kind
    folder = cache / f"random-{kind}"
    if not (folder / "settings.toml").exists():
        _make(kind, folder)
    return str(folder)


def _make(kind: str, folder: Path) -> None:
    import torch

    from whenabouts.models.pixels import PixelSettings
    from whenabouts.models.retrieval import RetrievalModel
    from whenabouts.models.sizes import ClipSizes, RetrievalSizes
    from whenabouts.train.tokenizer import train_tokenizer
    from whenabouts.weights.export import export
    from whenabouts.weights.folder import EncoderSettings, save

    tokens = train_tokenizer(WORDS, 320, 32)
    clip = {
        "base": ClipSizes(
            embed_width=512,
            vision_width=768,
            vision_layers=12,
            vision_heads=12,
            patch_px=32,
            image_px=224,
            text_width=64,
            text_layers=1,
            text_heads=1,
            context_tokens=32,
            vocab_tokens=512,
        ),
        "small": ClipSizes(
            embed_width=128,
            vision_width=192,
            vision_layers=6,
            vision_heads=3,
            patch_px=12,
            image_px=96,
            text_width=64,
            text_layers=1,
            text_heads=1,
            context_tokens=32,
            vocab_tokens=512,
        ),
    }[kind]
    model = RetrievalModel(RetrievalSizes(clip=clip))
    model.initialise(torch.Generator().manual_seed(0))
    settings = EncoderSettings(
        name=f"random-{kind}",
        pixels=PixelSettings(size_px=clip.image_px),
        tokens=tokens.settings,
        sizes=model.sizes,
    )
    save(folder, settings, tokens, more=lambda draft: export(model, draft))
