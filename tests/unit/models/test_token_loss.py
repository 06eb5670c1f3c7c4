"""How much each token of an answer counts."""

import pytest
import torch
from torch.nn import functional as F

from whenabouts.models.chat_text import IGNORED
from whenabouts.models.token_loss import answer_weights, next_token_loss

LABELS = torch.tensor([[IGNORED, 1, 2, IGNORED, 3], [0, 1, 2, IGNORED, IGNORED]])


def test_answers_count_by_their_length():
    assert answer_weights(LABELS, 0.0).tolist() == [1.0] * 6
    torch.testing.assert_close(
        answer_weights(LABELS, 1.0), torch.tensor([1 / 2, 1 / 2, 1, 1 / 3, 1 / 3, 1 / 3])
    )
    assert len(answer_weights(torch.full((2, 3), IGNORED), 0.5)) == 0


def test_with_power_one_the_loss_is_the_mean_over_answers():
    scores = torch.randn(2, 5, 4, generator=torch.Generator().manual_seed(0))
    learnt = LABELS.ne(IGNORED)
    each = F.cross_entropy(scores[learnt], LABELS[learnt], reduction="none")
    answers = (each[:2], each[2:3], each[3:])
    wanted = torch.stack([answer.mean() for answer in answers]).mean()
    found = next_token_loss(scores[learnt], LABELS[learnt], answer_weights(LABELS, 1.0))
    assert found.item() == pytest.approx(wanted.item(), rel=1e-6)
    alike = next_token_loss(scores[learnt], LABELS[learnt], answer_weights(LABELS, 0.0))
    assert alike.item() == pytest.approx(next_token_loss(scores[learnt], LABELS[learnt]).item())
