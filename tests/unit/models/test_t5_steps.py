"""A few steps of the decoder, taken the short way, are those that transformers takes."""

import pytest
import torch

from whenabouts.models.quantised import quantise
from whenabouts.models.sevila_sizes import T5Sizes
from whenabouts.models.t5 import T5, Read
from whenabouts.models.t5_steps import few_steps_fit

SIZES = T5Sizes(
    width=24, feed_width=32, layers=1, decoder_layers=2, heads=3, head_width=8, vocab_tokens=50
)


@pytest.fixture
def language():
    model = T5(SIZES).eval()
    model.initialise(torch.Generator().manual_seed(0))
    return model


@pytest.fixture
def read():
    drawn = torch.Generator().manual_seed(1)
    mask = torch.ones(3, 7, dtype=torch.long)
    mask[1, 4:] = 0
    return Read(torch.randn(3, 7, SIZES.width, generator=drawn), mask)


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_scores_are_those_of_the_whole_decoder(language, read, steps):
    ids = torch.tensor([[0, 7, 3, 9], [0, 1, 12, 4], [0, 40, 5, 6]])[:, :steps]
    with torch.no_grad():
        assert few_steps_fit(language.decoder, read.states, steps)
        scores = language.next(read, ids)
        torch.testing.assert_close(scores, language.write(read, ids)[:, -1], atol=1e-5, rtol=1e-5)
        some = language.next(read, ids, (4, 2))
    torch.testing.assert_close(some, scores[:, [4, 2]], atol=1e-5, rtol=1e-5)


def test_what_is_hidden_is_not_read(language, read):
    other = read.states.clone()
    other[1, 4:] = 99.0
    with torch.no_grad():
        torch.testing.assert_close(language.first(Read(other, read.mask)), language.first(read))


def test_the_decoder_itself_is_used_where_the_short_way_is_another(language, read):
    assert not few_steps_fit(language.decoder, read.states, 1), "gradients"
    with torch.no_grad():
        assert not few_steps_fit(language.decoder, read.states, SIZES.head_width)
        assert not few_steps_fit(language.decoder, read.states.half(), 1)
        assert not few_steps_fit(language.train().decoder, read.states, 1)
        quantise(language.eval().decoder, 8)
        assert not few_steps_fit(language.decoder, read.states, 1)
        whole = language.write(read, torch.zeros(3, 1, dtype=torch.long))[:, -1]
        assert torch.equal(language.first(read, (5,)), whole[:, [5]])
