"""Scores of texts against clips: torch for training, numpy for the library, one meaning."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.models import scoring
from whenabouts.models.interaction import INTERACTIONS, Tokens, dp, ti, weight_net, wti
from whenabouts.models.retrieval import RetrievalModel
from whenabouts.models.sizes import ClipSizes, RetrievalSizes, infer_weight_net
from whenabouts.models.temporal import SeqLstm, SeqTransf
from whenabouts.types import Encoding


def draw(seed: int, lengths: list[int], longest: int, width: int = 8) -> Tokens:
    generator = torch.Generator().manual_seed(seed)
    vectors = torch.randn(len(lengths), longest, width, generator=generator)
    mask = (torch.arange(longest) < torch.tensor(lengths)[:, None]).long()
    return Tokens(vectors, mask, torch.randn(len(lengths), longest, generator=generator))


def flip(tokens: Tokens) -> Tokens:
    return Tokens(-tokens.vectors, tokens.mask, tokens.logits)


def encoding(tokens: Tokens, row: int) -> Encoding:
    length = int(tokens.mask[row].sum())
    unit = torch.nn.functional.normalize(tokens.vectors[row, :length], dim=-1).numpy()
    weights = scoring.softmax(tokens.logits[row, :length].numpy())
    return Encoding(unit, weights, words=tuple("abcdefgh"[:length]))


lengths = st.lists(st.integers(1, 5), min_size=1, max_size=4)


@given(lengths, lengths, st.integers(0, 99))
def test_numpy_score_is_wti_without_padding(words, frames, seed):
    text, video = draw(seed, words, 6), draw(seed + 1, frames, 7)
    expected = wti(text, video, "exclude").mean.numpy()
    for row in range(len(words)):
        for clip, count in enumerate(frames):
            seen = encoding(video, clip)
            mine = scoring.score(
                encoding(text, row), seen.vectors, video.logits[clip, :count].numpy()
            )
            assert mine == pytest.approx(float(expected[row, clip]), abs=1e-5)


@pytest.mark.parametrize("name", ["ti", "wti"])
@pytest.mark.parametrize("mode", ["zero", "exclude"])
def test_swapping_sides_swaps_halves(name, mode):
    text, video = draw(1, [3, 5], 6), draw(2, [2, 7, 4], 7)
    there = INTERACTIONS[name](text, video, mode)
    back = INTERACTIONS[name](video, text, mode)
    torch.testing.assert_close(there.text_to_video, back.video_to_text.T)
    torch.testing.assert_close(there.mean, back.mean.T)


def test_one_vector_each_is_the_cosine():
    text, video = draw(3, [1, 1], 1), draw(4, [1, 1, 1], 1)
    cosine = text.unit[:, 0] @ video.unit[:, 0].T
    for score in (dp, ti, wti):
        torch.testing.assert_close(score(text, video, "exclude").mean, cosine)


def test_padding_counts_as_zero_or_not_at_all():
    """The published rule lifts negative maxima to 0; the other rule does not."""
    text, video = draw(5, [4], 4), draw(6, [3], 3)
    opposite = flip(Tokens(video.vectors, video.mask, video.logits))
    padded = Tokens(
        torch.nn.functional.pad(opposite.vectors, (0, 0, 0, 1)),
        torch.nn.functional.pad(opposite.mask, (0, 1)),
        torch.nn.functional.pad(opposite.logits, (0, 1)),
    )
    exact = wti(text, opposite, "zero")
    torch.testing.assert_close(wti(text, padded, "exclude").mean, exact.mean)
    lifted = wti(text, padded, "zero")
    assert bool((lifted.text_to_video >= exact.text_to_video).all())
    torch.testing.assert_close(lifted.video_to_text, exact.video_to_text)


def test_nothing_to_see_scores_zero():
    text, video = draw(7, [3], 4), draw(8, [0, 2], 4)
    for name in ("dp", "ti", "wti"):
        for mode in ("zero", "exclude"):
            scores = INTERACTIONS[name](text, video, mode).mean
            assert bool(scores.isfinite().all())
            assert float(scores[0, 0]) == 0


@pytest.mark.parametrize(("layers", "hidden"), [(1, None), (2, None), (2, 20), (3, 5)])
def test_weight_networks_tell_their_sizes(layers, hidden):
    net = weight_net(8, layers, hidden)
    shapes = {f"fc.{name}": tuple(value.shape) for name, value in net.state_dict().items()}
    again = weight_net(8, *infer_weight_net(shapes, "fc"))
    assert again.state_dict().keys() == net.state_dict().keys()
    assert net(torch.zeros(2, 3, 8)).shape == (2, 3, 1)


CLIP = ClipSizes(
    embed_width=64,
    vision_width=64,
    vision_layers=1,
    vision_heads=1,
    patch_px=4,
    image_px=8,
    text_width=64,
    text_layers=2,
    text_heads=1,
    context_tokens=6,
    vocab_tokens=20,
)


@pytest.mark.parametrize("temporal", ["none", "seq_transf", "seq_lstm"])
@torch.no_grad()
def test_padded_frames_never_matter(temporal):
    sizes = RetrievalSizes(clip=CLIP, temporal=temporal, temporal_layers=2)
    model = RetrievalModel(sizes).eval()
    model.initialise(torch.Generator().manual_seed(0))
    pixels = torch.randn(2, 4, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    mask = torch.tensor([[1, 1, 0, 0], [1, 1, 1, 1]])
    other = pixels.clone()
    other[0, 2:] = 9
    ids = torch.randint(0, 20, (2, 5), generator=torch.Generator().manual_seed(2))
    first, second = (model(ids, torch.ones_like(ids), given, mask) for given in (pixels, other))
    torch.testing.assert_close(first, second)
    alone = model(ids, torch.ones_like(ids), pixels[1:], mask[1:])
    torch.testing.assert_close(alone[:, 0], first[:, 1])


def test_frame_mixer_starts_from_the_text_tower():
    model = RetrievalModel(RetrievalSizes(clip=CLIP, temporal="seq_transf", temporal_layers=2))
    model.initialise(torch.Generator().manual_seed(0))
    mixer, clip = model.temporal, model.clip
    assert isinstance(mixer, SeqTransf)
    assert torch.equal(mixer.frame_position_embeddings.weight[:6], clip.positional_embedding)
    for mine, theirs in zip(
        mixer.transformerClip.resblocks, clip.transformer.resblocks, strict=True
    ):
        for name, value in mine.state_dict().items():
            assert torch.equal(value, theirs.state_dict()[name])


@pytest.mark.parametrize("interaction", ["dp", "ti", "wti"])
@pytest.mark.parametrize("temporal", ["none", "seq_transf", "seq_lstm"])
def test_sizes_come_back_from_shapes(interaction, temporal):
    sizes = RetrievalSizes(
        clip=CLIP, interaction=interaction, temporal=temporal, temporal_layers=2, weight_hidden=40
    )
    model = RetrievalModel(sizes)
    inferred = RetrievalSizes.infer(
        {name: tuple(value.shape) for name, value in model.state_dict().items()}
    )
    again = RetrievalModel(inferred)
    assert {n: v.shape for n, v in again.state_dict().items()} == {
        n: v.shape for n, v in model.state_dict().items()
    }


def test_lstm_passes_clips_without_frames():
    model = SeqLstm(4)
    video = torch.randn(2, 3, 4)
    out = model(video, torch.tensor([[0, 0, 0], [1, 1, 0]]))
    assert bool(out.isfinite().all())
    nothing = model(video, torch.zeros(2, 3))
    torch.testing.assert_close(nothing, 2 * video)
