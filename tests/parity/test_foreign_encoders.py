"""Tiny random checkpoints saved by the libraries themselves, converted, against those libraries."""

import importlib
import json
import shutil
import warnings
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

from whenabouts.models.clip import end_token
from whenabouts.models.onnx import Network
from whenabouts.models.pixels import prepare
from whenabouts.models.retrieval import RetrievalModel
from whenabouts.protocols import FrameVectors
from whenabouts.systems.clip_tokens import TokenEncoder
from whenabouts.types import Encoding
from whenabouts.weights.convert import convert, read
from whenabouts.weights.export import write_onnx
from whenabouts.weights.rename import load_strictly
from whenabouts.weights.source import Published

ATOL = 1e-4
SIDE_PX = 32
LIMIT = 12
QUERIES = ("A dog, on a skateboard!", "one two three four five six seven eight nine ten eleven")


@pytest.fixture(autouse=True)
def one_thread():
    torch.manual_seed(7)
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def open_clip(torchvision_of_another_torch):
    return importlib.import_module("open_clip")


def pictures() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (3, 40, 56, 3), dtype=np.uint8)


def shake(model: torch.nn.Module) -> torch.nn.Module:
    """Random norms, biases and scales too, so that a tensor in the wrong place is seen."""
    with torch.no_grad():
        for value in model.parameters():
            value.add_(0.1 * torch.randn_like(value))
    return model.eval()


def write_tokenizer(folder: Path, start: str | None, end: str) -> Tokenizer:
    """A small character tokenizer with specials; it puts them around a text by itself."""
    # transformers' CLIP takes an end id of 2 as a sign of an old configuration.
    specials = [token for token in ("<pad>", start, "<unk>", end) if token]
    signs = "abcdefghijklmnopqrstuvwxyz,!. "
    vocab = {token: index for index, token in enumerate([*specials, *signs])}
    tokenizer = Tokenizer(models.WordLevel(vocab, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in specials])
    around = f"{start} $A {end}" if start else f"$A {end}"
    tokenizer.post_processor = processors.TemplateProcessing(
        single=around, special_tokens=[(t, vocab[t]) for t in (start, end) if t]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    facts = {"eos_token": end, "pad_token": "<pad>", "tokenizer_class": "Whatever"}
    (folder / "tokenizer_config.json").write_text(json.dumps(facts))
    return tokenizer


class InTorch:
    """A read checkpoint run as weights, without the dear way over ONNX; for its second cases."""

    def __init__(self, published: Published):
        self.settings = published.settings
        self.tokens = published.tokens
        self.model = RetrievalModel(published.settings.sizes)
        load_strictly(self.model, published.tensors, "the case")

    @torch.no_grad()
    def encode_frames(self, pixels) -> FrameVectors:
        prepared = torch.from_numpy(prepare(pixels, self.settings.pixels))
        unit = self.model.images(prepared).unit[0].numpy()
        return FrameVectors(unit, np.zeros(len(unit), np.float32))

    @torch.no_grad()
    def encode_text(self, text) -> Encoding:
        batch = self.tokens.encode([text])
        ids, mask = torch.from_numpy(batch.ids), torch.from_numpy(batch.mask)
        pooled = end_token(self.model.text(ids, mask).unit, ids, mask)
        return Encoding(pooled.numpy(), np.ones(1, np.float32))


def check_pictures(encoder: TokenEncoder | InTorch, expected) -> None:
    """`expected` maps prepared pixels to raw vectors."""
    pixels = pictures()
    mine = encoder.encode_frames(pixels)
    with torch.no_grad():
        theirs = expected(torch.from_numpy(prepare(pixels, encoder.settings.pixels)))
    theirs = torch.nn.functional.normalize(theirs, dim=-1).numpy()
    np.testing.assert_allclose(mine.vectors, theirs, atol=ATOL)
    assert np.all(mine.logits == 0)


def check_texts(encoder: TokenEncoder | InTorch, ids_of, expected) -> None:
    """`ids_of` is the library's own tokenizer, `expected` maps its ids to raw vectors."""
    for query in QUERIES:
        mine = encoder.encode_text(query)
        with torch.no_grad():
            theirs = expected(torch.tensor([ids_of(query)]))
        theirs = torch.nn.functional.normalize(theirs, dim=-1).numpy()
        np.testing.assert_allclose(mine.vectors, theirs, atol=ATOL)
        assert mine.weights.tolist() == [1.0]


@pytest.mark.parametrize("activation", ["quick_gelu", "gelu"])
def test_transformers_clip(tmp_path, activation):
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel

    source = tmp_path / "published"
    source.mkdir()
    tokenizer = write_tokenizer(source, "<start>", "<end>")
    vocab, end_id = tokenizer.get_vocab_size(), tokenizer.token_to_id("<end>")
    tower = {
        "hidden_size": 32,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "hidden_act": activation,
    }
    config = CLIPConfig(
        text_config=tower
        | {"vocab_size": vocab, "max_position_embeddings": LIMIT, "eos_token_id": end_id},
        vision_config=tower | {"image_size": SIDE_PX, "patch_size": 8},
        projection_dim=24,
    )
    model = shake(CLIPModel(config))
    model.save_pretrained(source)
    size = {"shortest_edge": SIDE_PX}
    crop = {"height": SIDE_PX, "width": SIDE_PX}
    CLIPImageProcessor(size=size, crop_size=crop).save_pretrained(source)

    if activation == "gelu":
        encoder = InTorch(read(source))
    else:
        convert(source, tmp_path / "ours", name="tiny random CLIP")
        encoder = TokenEncoder(tmp_path / "ours", threads=1)
        assert encoder.width == 24
    check_pictures(encoder, lambda pixels: model.get_image_features(pixels).pooler_output)

    def cut(query: str) -> list[int]:
        ids = tokenizer.encode(query).ids
        return ids if len(ids) <= LIMIT else [*ids[: LIMIT - 1], end_id]

    check_texts(encoder, cut, lambda ids: model.get_text_features(ids).pooler_output)


@pytest.mark.parametrize("first", [False, True], ids=["siglip2", "siglip"])
def test_transformers_siglip(tmp_path, first):
    from transformers import SiglipConfig, SiglipImageProcessor, SiglipModel

    source = tmp_path / "published"
    source.mkdir()
    tokenizer = write_tokenizer(source, None, "<eos>")
    if first:
        facts = {"tokenizer_class": "SiglipTokenizer", "eos_token": "<eos>", "pad_token": "<eos>"}
        (source / "tokenizer_config.json").write_text(json.dumps(facts))
    end_id = tokenizer.token_to_id("<eos>")
    pad_id = end_id if first else tokenizer.token_to_id("<pad>")
    tower = {
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
    }
    config = SiglipConfig(
        text_config=tower
        | {
            "vocab_size": tokenizer.get_vocab_size(),
            "max_position_embeddings": LIMIT,
            "projection_size": 32,
        },
        vision_config=tower | {"image_size": SIDE_PX, "patch_size": 16},
    )
    model = shake(SiglipModel(config))
    model.save_pretrained(source)
    size = {"height": SIDE_PX, "width": SIDE_PX}
    SiglipImageProcessor(size=size).save_pretrained(source)

    def filled(query: str) -> list[int]:
        if first:
            query = query.replace(",", "").replace("!", "")
        ids = tokenizer.encode(query).ids
        ids = ids if len(ids) <= LIMIT else [*ids[: LIMIT - 1], end_id]
        return ids + [pad_id] * (LIMIT - len(ids))

    if first:
        assert read(source).tokens.encode(["A, b!"]).ids[0].tolist() == filled("A, b!")
        return
    settings = convert(source, tmp_path / "ours")
    assert settings.pixels.fit == "squash"
    encoder = TokenEncoder(tmp_path / "ours", threads=1)
    check_pictures(encoder, lambda pixels: model.get_image_features(pixels).pooler_output)

    check_texts(encoder, filled, lambda ids: model.get_text_features(ids).pooler_output)


@pytest.mark.parametrize(("quick", "custom_text"), [(True, False), (False, True)])
def test_open_clip(tmp_path, open_clip, quick, custom_text):
    from safetensors.torch import save_file

    source = tmp_path / "published"
    source.mkdir()
    shape = {
        "embed_dim": 24,
        "vision_cfg": {
            "image_size": SIDE_PX,
            "layers": 2,
            "width": 32,
            "patch_size": 8,
            "head_width": 16,
        },
        "text_cfg": {
            "context_length": 16,
            "vocab_size": 49408,
            "width": 32,
            "heads": 2,
            "layers": 2,
        },
        "quick_gelu": quick,
    }
    kind = open_clip.CustomTextCLIP if custom_text else open_clip.CLIP
    model = shake(kind(**shape))
    save_file(model.state_dict(), source / "open_clip_model.safetensors")
    mean, std = [0.5, 0.4, 0.3], [0.2, 0.3, 0.4]
    facts = {"model_cfg": shape, "preprocess_cfg": {"mean": mean, "std": std}}
    (source / "open_clip_config.json").write_text(json.dumps(facts))

    published = read(source)
    assert published.settings.pixels.mean == tuple(mean)
    encoder = InTorch(published)
    check_pictures(encoder, model.encode_image)
    tokenizer = open_clip.SimpleTokenizer(context_length=16)
    check_texts(encoder, lambda query: tokenizer([query])[0].tolist(), model.encode_text)


@pytest.mark.parametrize("kind", ["archive", "state_dict", "safetensors"])
def test_openai_file(tmp_path, open_clip, kind):
    """The layout of the OpenAI release: half precision, extra integers, a TorchScript archive."""
    from safetensors.torch import save_file

    model = shake(
        open_clip.CLIP(
            embed_dim=64,
            vision_cfg=open_clip.CLIPVisionCfg(
                image_size=SIDE_PX, layers=1, width=64, patch_size=16
            ),
            text_cfg=open_clip.CLIPTextCfg(
                context_length=16, vocab_size=49408, width=64, heads=1, layers=1
            ),
            quick_gelu=True,
        )
    )
    tensors = {
        key: value.half() if key.endswith(("proj", "conv1.weight", "in_proj_weight")) else value
        for key, value in model.state_dict().items()
    }
    model.load_state_dict({key: value.float() for key, value in tensors.items()})
    path = tmp_path / ("tiny.safetensors" if kind == "safetensors" else "tiny.pt")
    if kind == "safetensors":
        save_file(tensors, path)
    elif kind == "state_dict":
        torch.save(tensors | {"context_length": torch.tensor(16)}, path)
    else:
        write_archive(tensors, path)
    published = read(path)
    assert published.settings.name == "tiny"
    for key, value in tensors.items():
        torch.testing.assert_close(published.tensors[f"clip.{key}"], value.float())
    if kind != "archive":
        return
    encoder = InTorch(published)
    check_pictures(encoder, model.encode_image)
    tokenizer = open_clip.SimpleTokenizer(context_length=16)
    check_texts(encoder, lambda query: tokenizer([query])[0].tolist(), model.encode_text)


def write_archive(tensors: dict[str, torch.Tensor], path: Path) -> None:
    """A TorchScript archive whose attributes have these dotted names."""
    root = torch.nn.Module()
    for name, value in tensors.items():
        *parents, last = name.split(".")
        node = root
        for parent in parents:
            if not hasattr(node, parent):
                node.add_module(parent, torch.nn.Module())
            node = getattr(node, parent)
        node.register_buffer(last, value)
    root.register_buffer("input_resolution", torch.tensor(SIDE_PX))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.script(root).save(path)


def test_onnx_folder_needs_no_weights(tmp_path):
    """Towers that a hub folder brings as ONNX are used as they are."""
    from transformers import SiglipImageProcessor

    source = tmp_path / "published"
    (source / "onnx").mkdir(parents=True)
    write_tokenizer(source, None, "<eos>")
    size = {"height": SIDE_PX, "width": SIDE_PX}
    SiglipImageProcessor(size=size).save_pretrained(source)
    facts = {
        "model_type": "siglip",
        "vision_config": {"image_size": SIDE_PX},
        "text_config": {"max_position_embeddings": LIMIT},
    }
    (source / "config.json").write_text(json.dumps(facts))
    vision, text = Flat(3 * SIDE_PX * SIDE_PX, 8), Words(40, 8)
    for tower, given, name, example in (
        (vision, "pixel_values", "vision_model", torch.zeros(2, 3, SIDE_PX, SIDE_PX)),
        (text, "input_ids", "text_model", torch.zeros(2, LIMIT, dtype=torch.int64)),
    ):
        write_onnx(
            tower,
            (example,),
            source / "onnx" / f"{name}.onnx",
            names=([given], ["pooler_output"]),
            dynamic=({0: torch.export.Dim("batch")},),
        )
    apart = source / "onnx" / "vision_model.onnx"
    onnx.save_model(
        onnx.load(apart),
        apart,
        save_as_external_data=True,
        location="vision_model.onnx_data",
        size_threshold=1000,
    )
    convert(source, tmp_path / "ours")
    shutil.rmtree(source)
    encoder = TokenEncoder(tmp_path / "ours", threads=1)
    assert encoder.settings.sizes is None
    assert encoder.width == 8
    check_pictures(encoder, vision)
    given = encoder._tokens.encode([QUERIES[0]])
    check_texts(encoder, lambda query: encoder._tokens.encode([query]).ids[0].tolist(), text)
    assert given.ids.shape == (1, LIMIT)
    assert Network(tmp_path / "ours" / "vision.onnx", threads=1).inputs == ("pixel_values",)


class Flat(torch.nn.Module):
    """Pictures to vectors of any length, as ONNX files of the hub give them."""

    def __init__(self, values: int, width: int):
        super().__init__()
        self.net = torch.nn.Linear(values, width)

    def forward(self, pixels):
        return 3 * self.net(pixels.flatten(1))


class Words(torch.nn.Module):
    def __init__(self, vocab: int, width: int):
        super().__init__()
        self.net = torch.nn.Embedding(vocab, width)

    def forward(self, ids):
        return self.net(ids).cumsum(1)[:, -1]
