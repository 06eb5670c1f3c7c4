"""A model of ours, written under the names of transformers, is the same model there."""

import torch

from whenabouts.models.pixels import PixelSettings
from whenabouts.models.retrieval import RetrievalModel
from whenabouts.models.sizes import ClipSizes, RetrievalSizes
from whenabouts.train.tokenizer import train_tokenizer
from whenabouts.weights.convert import read
from whenabouts.weights.folder import EncoderSettings, save
from whenabouts.weights.publish import HEAD, to_transformers

CLIP = ClipSizes(
    embed_width=32,
    vision_width=64,
    vision_layers=2,
    vision_heads=2,
    patch_px=8,
    image_px=16,
    text_width=64,
    text_layers=2,
    text_heads=4,
    context_tokens=16,
    vocab_tokens=300,
)


@torch.no_grad()
def test_transformers_reads_what_we_publish(tmp_path):
    from transformers import CLIPModel

    sizes = RetrievalSizes(clip=CLIP)
    mine = RetrievalModel(sizes).eval()
    mine.initialise(torch.Generator().manual_seed(1))
    tokens = train_tokenizer(["a red circle", "two blue squares"], CLIP.vocab_tokens, 16)
    settings = EncoderSettings(
        name="ours", pixels=PixelSettings(size_px=16), tokens=tokens.settings, sizes=sizes
    )
    save(tmp_path / "ours", settings, tokens, tensors=mine.state_dict())
    assert HEAD in to_transformers(tmp_path / "ours", tmp_path / "theirs")
    theirs, notes = CLIPModel.from_pretrained(tmp_path / "theirs", output_loading_info=True)
    assert not notes["missing_keys"] and not notes["unexpected_keys"]
    pixels = torch.randn(3, 3, 16, 16, generator=torch.Generator().manual_seed(2))
    texts = ["a blue square", "two"]
    ours, published = tokens.encode(texts), read(tmp_path / "theirs").tokens.encode(texts)
    ids, mask = torch.from_numpy(ours.ids), torch.from_numpy(ours.mask)
    seen = theirs.get_image_features(pixel_values=pixels).pooler_output
    told = theirs.get_text_features(torch.from_numpy(published.ids), mask).pooler_output
    torch.testing.assert_close(mine.clip.image(pixels), seen, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(mine.clip.text(ids, mask), told, atol=1e-5, rtol=1e-4)
