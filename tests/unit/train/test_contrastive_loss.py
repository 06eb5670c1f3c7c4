import pytest
import torch

from whenabouts.models.interaction import Tokens
from whenabouts.models.retrieval import RetrievalModel
from whenabouts.models.sizes import ClipSizes, RetrievalSizes
from whenabouts.train.contrastive import caption_loss, frame_scores, known_loss, mosaics

SIZES = RetrievalSizes(
    clip=ClipSizes(
        embed_width=16, vision_width=64, vision_layers=1, vision_heads=1, patch_px=14, image_px=28,
        text_width=64, text_layers=1, text_heads=1, context_tokens=12, vocab_tokens=300,
    ),
    mask_mode="exclude",
)  # fmt: skip


def model():
    net = RetrievalModel(SIZES)
    net.initialise(torch.Generator().manual_seed(3))
    return net.eval()


@torch.no_grad()
def test_a_frame_scores_as_a_clip_of_one_frame():
    net = model()
    ids = torch.randint(3, 300, (4, 9), generator=torch.Generator().manual_seed(1))
    mask = (torch.arange(9) < torch.tensor([[9], [5], [3], [9]])).long()
    pixels = torch.randn(5, 3, 28, 28, generator=torch.Generator().manual_seed(2))
    texts = net.text(ids, mask)
    frames = net.clip.image(pixels)
    clips = net.video(pixels[:, None], torch.ones(5, 1, dtype=torch.int64))
    expected = net.score(texts, clips).mean
    torch.testing.assert_close(frame_scores(texts, frames), expected)


def test_known_loss_is_small_when_true_entries_score_best_and_leaves_open_ones_out():
    truth = torch.tensor([[1, 0, -1], [1, 1, 0], [0, 0, 0]], dtype=torch.int8)
    scores = torch.tensor([[20.0, 0.0, 90.0], [20.0, 20.0, 0.0], [5.0, 1.0, 1.0]])
    # Row 0: nearly 0. Row 1: two true ones share, log 2 each. Row 2 has none and does not count.
    assert known_loss(scores, truth).item() == pytest.approx(0.6931 / 2, abs=1e-3)
    assert known_loss(-scores, truth).item() > 10
    assert known_loss(scores, torch.zeros_like(truth)).item() == 0


def test_known_loss_has_finite_gradients_with_open_entries():
    scores = torch.randn(3, 4, requires_grad=True)
    truth = torch.tensor([[1, -1, -1, -1], [0, 1, 1, 0], [-1, -1, 0, 0]], dtype=torch.int8)
    known_loss(scores, truth).backward()
    assert scores.grad is not None and torch.isfinite(scores.grad).all()
    assert (scores.grad[truth < 0] == 0).all()


def test_caption_loss_counts_both_languages():
    right = 30 * torch.eye(3).repeat(2, 1)
    loss, hits = caption_loss(right, 3)
    assert loss.item() < 1e-3 and hits == 1
    half = torch.cat([30 * torch.eye(3), 30 * torch.eye(3).roll(1, 0)])
    loss, hits = caption_loss(half, 3)
    assert loss.item() > 5 and hits == 0.5


def test_weights_of_padding_do_not_matter():
    texts = Tokens(
        torch.randn(2, 4, 8), torch.tensor([[1, 1, 0, 0], [1, 1, 1, 1]]), torch.ones(2, 4)
    )
    frames = torch.randn(3, 8)
    changed = texts.vectors.clone()
    changed[0, 2:] = 100
    other = Tokens(changed, texts.mask, texts.logits)
    torch.testing.assert_close(frame_scores(texts, frames), frame_scores(other, frames))


def test_mosaics_move_patches_with_what_covers_them():
    # Every patch is painted with its own number, so that its place in the mosaic tells its source.
    frames, grid, side = 5, 4, 3
    numbers = torch.arange(frames * grid * grid).view(frames, grid, grid).float()
    pixels = numbers.repeat_interleave(side, 1).repeat_interleave(side, 2)
    pixels = pixels[:, None].expand(-1, 3, -1, -1)
    patches = torch.stack([numbers.flatten(1).long() % 7, numbers.flatten(1).long()], 1)
    pictures, covers = mosaics(pixels, patches, 6)
    assert pictures.shape == (6, 3, 12, 12) and covers.shape == (6, 2, 16)
    seen = pictures[:, 0, ::side, ::side].flatten(1)
    assert (seen == covers[:, 1]).all()
    assert (pictures[:, :, ::side] == pictures[:, :, 1::side]).all()
    for window in covers[:, 0].view(6, 2, 2, 2, 2).transpose(2, 3).flatten(0, 2):
        assert (window > 0).any()


def test_mosaics_of_empty_frames_are_backdrops():
    _, covers = mosaics(torch.zeros(2, 3, 8, 8), torch.zeros(2, 2, 16, dtype=torch.int64), 2)
    assert (covers == 0).all()
