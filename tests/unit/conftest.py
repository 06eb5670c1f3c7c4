"""What tests of several rooms use."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def small_encoder(tmp_path_factory) -> Path:
    """A checkpoint folder with a random network of the smallest size; opening it needs no torch."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from tokenizers.processors import TemplateProcessing

    from whenabouts.models.pixels import PixelSettings
    from whenabouts.models.retrieval import RetrievalModel
    from whenabouts.models.sizes import ClipSizes, RetrievalSizes
    from whenabouts.models.tokens import TextTokens, TokenSettings
    from whenabouts.weights.export import export
    from whenabouts.weights.folder import EncoderSettings, save

    words = [
        "<pad>",
        "<start>",
        "<unk>",
        "a",
        "red",
        "blue",
        "green",
        "circle",
        "square",
        "moves",
        "jumps",
        "left",
        "<end>",
    ]
    inner = Tokenizer(WordLevel({word: index for index, word in enumerate(words)}, "<unk>"))
    inner.pre_tokenizer = Whitespace()
    inner.add_special_tokens(["<pad>", "<start>", "<end>"])
    inner.post_processor = TemplateProcessing(
        single="<start> $A <end>", special_tokens=[("<start>", 1), ("<end>", len(words) - 1)]
    )
    tokens = TextTokens(inner, TokenSettings(limit=10, start_id=1, end_id=len(words) - 1))
    sizes = RetrievalSizes(
        clip=ClipSizes(
            embed_width=16,
            vision_width=32,
            vision_layers=2,
            vision_heads=2,
            patch_px=8,
            image_px=24,
            text_width=32,
            text_layers=2,
            text_heads=2,
            context_tokens=10,
            vocab_tokens=len(words),
        )
    )
    model = RetrievalModel(sizes)
    generator = torch.Generator().manual_seed(5)
    model.initialise(generator)
    with torch.no_grad():
        for value in model.parameters():
            value.add_(0.2 * torch.randn(value.shape, generator=generator))
    settings = EncoderSettings(
        name="small", pixels=PixelSettings(size_px=24), tokens=tokens.settings, sizes=sizes
    )
    folder = tmp_path_factory.mktemp("encoders") / "small"
    save(folder, settings, tokens, tensors=model.state_dict(), more=lambda at: export(model, at))
    return folder
