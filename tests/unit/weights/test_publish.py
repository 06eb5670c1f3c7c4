import json

import pytest
import torch
from safetensors.torch import save_file

from whenabouts.errors import InputError, WeightsError
from whenabouts.models.retrieval import RetrievalModel
from whenabouts.models.sizes import ClipSizes, RetrievalSizes
from whenabouts.train.tokenizer import train_tokenizer
from whenabouts.weights.convert import read
from whenabouts.weights.folder import EncoderSettings, PixelSettings, load_model, save
from whenabouts.weights.publish import to_transformers
from whenabouts.weights.published.drl import DRL
from whenabouts.weights.start import fill, read_start

CLIP = ClipSizes(
    embed_width=32,
    vision_width=64,
    vision_layers=2,
    vision_heads=1,
    patch_px=8,
    image_px=16,
    text_width=64,
    text_layers=2,
    text_heads=1,
    context_tokens=16,
    vocab_tokens=300,
)
WTI = RetrievalSizes(clip=CLIP, interaction="wti", temporal="none")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A trained model of ours, as far as anyone can see."""
    path = tmp_path_factory.mktemp("models") / "ours"
    model = RetrievalModel(WTI)
    model.initialise(torch.Generator().manual_seed(1))
    tokens = train_tokenizer(["a red circle", "two blue squares"], CLIP.vocab_tokens, 16)
    settings = EncoderSettings(
        name="ours", pixels=PixelSettings(size_px=16), tokens=tokens.settings, sizes=WTI
    )
    save(path, settings, tokens, tensors=model.state_dict())
    return path


def say(tokens, model, texts):
    batch = tokens.encode(texts)
    return model.clip.text(torch.from_numpy(batch.ids), torch.from_numpy(batch.mask))


@torch.no_grad()
def test_what_we_publish_we_read_back(folder, tmp_path):
    to_transformers(folder, tmp_path / "hf")
    back, mine = read(tmp_path / "hf"), load_model(folder)
    assert back.settings.pixels == PixelSettings(size_px=16)
    again = RetrievalModel(back.settings.sizes)
    again.load_state_dict(back.tensors)
    pixels = torch.ones(1, 3, 16, 16)
    assert torch.equal(again.clip.image(pixels), mine.clip.image(pixels))
    told = [
        say(back.tokens, again, ["a red circle", "two squares"]),
        say(read_start(str(folder)).tokens, mine, ["a red circle", "two squares"]),
    ]
    assert torch.equal(*told)


def test_a_full_folder_is_not_overwritten(folder, tmp_path):
    (tmp_path / "there").write_text("mine")
    with pytest.raises(InputError, match="new folder"):
        to_transformers(folder, tmp_path)


def start_from(source, sizes):
    start = read_start(str(source))
    model = RetrievalModel(sizes)
    return start, model, fill(model, start, torch.Generator().manual_seed(5))


def test_our_own_folder_starts_whole(folder):
    start, model, account = start_from(folder, WTI)
    assert account.fresh == account.left_out == ()
    assert all(torch.equal(v, start.tensors[n]) for n, v in model.state_dict().items())


def test_heads_that_do_not_fit_are_named(folder):
    mixed = WTI.model_copy(update={"temporal": "seq_transf", "interaction": "dp"})
    _, _, account = start_from(folder, mixed)
    assert all(name.startswith("temporal.") for name in account.fresh) and account.fresh
    assert {name.split(".")[0] for name in account.left_out} == {
        "text_weight_fc",
        "video_weight_fc",
    }
    assert json.loads(json.dumps(account.to_json()))["loaded"]


def test_the_frame_mixer_starts_from_the_text_tower(folder):
    sizes = RetrievalSizes(
        clip=CLIP.model_copy(update={"embed_width": 64}), temporal="seq_transf", temporal_layers=2
    )
    model = RetrievalModel(sizes)
    model.initialise(torch.Generator().manual_seed(2))
    mixer, text = model.temporal, model.clip
    rows = text.positional_embedding
    assert torch.equal(mixer.frame_position_embeddings.weight[: len(rows)], rows)
    for mine, theirs in zip(
        mixer.transformerClip.resblocks, text.transformer.resblocks, strict=True
    ):
        assert torch.equal(mine.attn.in_proj_weight, theirs.attn.in_proj_weight)


def test_a_file_of_drl_starts_whole(folder, tmp_path):
    stored = DRL.to_theirs(load_model(folder).state_dict())
    save_file({n: v.contiguous() for n, v in stored.items()}, tmp_path / "best.safetensors")
    start = read_start(str(tmp_path / "best.safetensors"))
    model = RetrievalModel(WTI)
    assert fill(model, start, torch.Generator()).fresh == ()


def test_another_architecture_is_refused(folder):
    other = WTI.model_copy(update={"clip": CLIP.model_copy(update={"vision_width": 128})})
    with pytest.raises(WeightsError, match="of wrong shape"):
        start_from(folder, other)
