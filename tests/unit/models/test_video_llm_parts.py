"""Parts of video LLMs on their own: shapes, edges, and what is refused."""

import pytest
import torch

from whenabouts.errors import InputError, MissingPartError, WeightsError
from whenabouts.models.compress import build_compression
from whenabouts.models.eva_vit import EvaVit, resize_positions
from whenabouts.models.llama_tokens import IMAGE, LlamaTokens
from whenabouts.models.qformer import QFormer
from whenabouts.models.quantised import QuantisedLinear
from whenabouts.models.splice import pad_left, pad_right, splice
from whenabouts.models.time_tables import fill_zero_rows, resize_rows
from whenabouts.models.token_loss import next_token_loss
from whenabouts.models.video_llm_sizes import LlamaSizes, QFormerSizes, VideoLlmSizes, VitSizes
from whenabouts.models.video_qformer import windows
from whenabouts.train.llama_tokenizer import train_llama_tokens

DICE = torch.Generator().manual_seed(0)
QUERIES = QFormerSizes(queries=3, width=16, layers=2, heads=2, feed_width=24, memory_width=8)


def sizes(compression: str) -> VideoLlmSizes:
    return VideoLlmSizes(
        vit=VitSizes(image_px=28, patch_px=14, width=8, layers=1, heads=2, feed_width=8),
        frame_qformer=QUERIES,
        compression=compression,
        video_tokens=5,
        window_frames=4,
        stride_frames=4,
        language=LlamaSizes(width=8, feed_width=8, layers=1, heads=2, vocab_tokens=10),
    )


@pytest.mark.parametrize(
    "compression", ["window", "slots", "cross", "codebook", "diverse", "entropy", "none"]
)
@pytest.mark.parametrize("frames", [2, 4, 9])
def test_each_compression_gives_the_tokens_that_sizes_promise(compression, frames):
    given = sizes(compression)
    part = build_compression(given).eval()
    if start := getattr(part, "initialise", None):
        start(DICE)
    tokens, loss = part(torch.randn(2, frames, 3, 16, generator=DICE))
    assert tokens.shape == (2, given.tokens_of(frames), 16)
    assert loss.ndim == 0
    assert tokens.isfinite().all()


def test_windows_cover_every_frame_once_and_are_never_empty():
    for frames in range(1, 20):
        found = windows(frames, 4, 4)
        assert [place for first, end in found for place in range(first, end)] == list(range(frames))
        assert len(found) == -(-frames // 4)
    assert windows(7, 0, 0) == [(0, 7)]


def test_padded_text_is_hidden_from_the_queries():
    """What stands at hidden positions changes nothing at the others."""
    text = QUERIES.model_copy(update={"words": 20, "positions": 8})
    model = QFormer(text).eval()
    model.initialise(DICE)
    memory = torch.randn(1, 4, 8, generator=DICE)
    mask = torch.tensor([[1, 1, 0, 0]])
    with torch.no_grad():
        one = model(memory, torch.tensor([[3, 4, 0, 0]]), mask)
        other = model(memory, torch.tensor([[3, 4, 7, 9]]), mask)
    torch.testing.assert_close(one[:, :5], other[:, :5])
    assert not torch.allclose(one[:, 5:], other[:, 5:])
    with pytest.raises(InputError, match="8 positions"):
        model(memory, torch.zeros(1, 9, dtype=torch.long))
    with pytest.raises(InputError, match="words = 0"):
        QFormer(QUERIES)(memory, torch.zeros(1, 2, dtype=torch.long))


def test_a_picture_of_another_size_is_refused():
    vit = EvaVit(VitSizes(image_px=28, patch_px=14, width=8, layers=1, heads=2, feed_width=8))
    with pytest.raises(InputError, match="28 x 28"):
        vit(torch.zeros(1, 3, 42, 28))
    with pytest.raises(InputError, match="no square grid"):
        resize_positions(torch.zeros(1, 4, 8), 2)
    with pytest.raises(ValueError, match="do not divide"):
        VitSizes(image_px=30, patch_px=14, width=8, layers=1, heads=2, feed_width=8)


def test_rows_of_tables():
    table = torch.arange(3.0)[:, None]
    assert resize_rows(table, 6)[:, 0].tolist() == [0, 0, 1, 1, 2, 2]
    assert fill_zero_rows(torch.zeros(4, 2), "reference").eq(0).all()
    held = fill_zero_rows(torch.tensor([[0.0], [2.0], [0.0], [6.0], [0.0]]), "linear")
    assert held[:, 0].tolist() == [2, 2, 4, 6, 6]


def test_splicing_wants_one_run_of_the_right_length():
    ids = torch.tensor([[1, 9, 9, 2]])
    embedded, seen = torch.zeros(1, 4, 2), [torch.ones(2, 2)]
    assert splice(ids, embedded, seen, 9)[0, :, 0].tolist() == [0, 1, 1, 0]
    with pytest.raises(InputError, match="2 places for 3"):
        splice(ids, embedded, [torch.ones(3, 2)], 9)
    with pytest.raises(InputError, match="one run"):
        splice(torch.tensor([[9, 1, 9, 2]]), embedded, seen, 9)
    half = splice(ids, embedded.bfloat16(), [torch.ones(2, 2, dtype=torch.float16)], 9)
    assert half.dtype == torch.float32


def test_padding_in_front_and_behind():
    rows, mask = pad_left([torch.ones(2, 3), torch.ones(4, 3)], torch.full((3,), 7.0))
    assert rows[0, :, 0].tolist() == [7, 7, 1, 1]
    assert mask.tolist() == [[0, 0, 1, 1], [1, 1, 1, 1]]
    assert pad_right([[1, 2, 3], [4]], 0).tolist() == [[1, 2, 3], [4, 0, 0]]


def test_nothing_to_learn_is_no_loss():
    logits = torch.zeros(3, 5, requires_grad=True)
    loss = next_token_loss(logits, torch.full((3,), -100))
    loss.backward()
    assert loss.item() == 0
    assert logits.grad.eq(0).all()


@pytest.mark.parametrize(("bits", "most"), [(8, 0.01), (4, 0.12)])
def test_few_bits_are_near(bits, most):
    layer = torch.nn.Linear(128, 24)
    x = torch.randn(5, 128, generator=DICE)
    exact = layer(x)
    few = QuantisedLinear(layer, bits)
    assert (few(x) - exact).std() < most * exact.std()
    stored = sum(value.numel() * value.element_size() for value in few.buffers())
    assert stored < layer.weight.numel() * (1.3 if bits == 8 else 0.8)
    if bits == 4:
        with pytest.raises(InputError, match="groups of 64"):
            QuantisedLinear(torch.nn.Linear(100, 4), 4)


@pytest.fixture(scope="module")
def model_file():
    return train_llama_tokens(["The video contains 12 frames. 红色的圆形"] * 2, 330)


@pytest.mark.parametrize("legacy", [True, False])
def test_texts_survive_the_tokenizer(model_file, legacy):
    tokens = LlamaTokens(model_file, (IMAGE,), legacy=legacy)
    for text in ("The video", "两个红色的圆形 and ü", "a  b\n\nc", "12.5 - 13.0 seconds"):
        ids = tokens.encode(text, start=False)
        assert max(ids) < tokens.vocab_tokens
        assert tokens.decode(ids).strip() == text
    assert tokens.encode("")[1:] == []
    assert tokens.decode([*tokens.encode("a", start=False), tokens.vocab_tokens + 7]) == "a"
    assert tokens.encode("a</s><s>")[-2:] == [tokens.end_id, tokens.start_id]
    assert tokens.encode(f"a{IMAGE}{IMAGE}")[-2:] == [tokens.image_id] * 2
    assert tokens.image_id not in tokens.encode_plain(f"a {IMAGE} b")
    with pytest.raises(InputError, match="no token"):
        tokens.id_of("<nothing>")


def test_a_damaged_tokenizer_is_refused(tmp_path):
    with pytest.raises(WeightsError, match="cannot read"):
        LlamaTokens.read(tmp_path / "tokenizer.model")
    (tmp_path / "tokenizer.model").write_bytes(b"junk")
    with pytest.raises(WeightsError, match="no SentencePiece model"):
        LlamaTokens.read(tmp_path / "tokenizer.model")


def test_what_is_not_installed_is_named(model_file, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "sentencepiece", None)
    with pytest.raises(MissingPartError, match=r"whenabouts\[torch\]"):
        LlamaTokens(model_file)
