"""The stage in which words and pictures of a new SeViLA find each other."""

import pytest
import tiny_sevila as tiny
import torch
from test_sevila_training import DRAWN, _model_toml, losses, recipe

from whenabouts.errors import DataError, SettingsError
from whenabouts.models.sevila import Sevila
from whenabouts.models.t5 import Ids
from whenabouts.train.rooms import Rooms
from whenabouts.train.sevila import run
from whenabouts.train.sevila_settle import Signs, blocks, projections, rank_by_yes, settle
from whenabouts.train.sevila_sight import name_scores, prepare_sight
from whenabouts.weights.sevila_folder import open_sevila

ROOMY = {"width": 64, "heads": 3, "head_width": 16, "layers": 3, "decoder_layers": 2}


def wide():
    """Sizes with room for the three rooms."""
    sizes = tiny.settings().sizes
    language = sizes.language.model_copy(update=ROOMY)
    return sizes.model_copy(update={"language": language})


def prepared() -> Sevila:
    model = Sevila(wide())
    model.initialise(torch.Generator().manual_seed(0))
    prepare_sight(model, torch.Generator().manual_seed(1))
    return model.eval()


def test_rooms_are_orthogonal():
    seen = torch.linalg.qr(torch.randn(30, 8, generator=torch.Generator().manual_seed(0))).Q.T
    rooms = Rooms.beside(seen.contiguous(), torch.Generator().manual_seed(1))
    whole = torch.cat([rooms.seen, rooms.read, rooms.found])
    torch.testing.assert_close(whole @ whole.T, torch.eye(24), atol=1e-5, rtol=0)


def test_signs_are_outside_the_rooms_whatever_the_seed():
    seen = torch.linalg.qr(torch.randn(30, 8, generator=torch.Generator().manual_seed(0))).Q.T
    rooms = Rooms.beside(seen.contiguous(), torch.Generator().manual_seed(1))
    signs = Signs.beside(rooms, torch.Generator().manual_seed(1))
    ours = (signs.word, signs.picture, signs.match, signs.true, signs.told_match, signs.told_true)
    said = torch.stack(ours)
    whole = torch.cat([rooms.seen, rooms.read, rooms.found, said])
    torch.testing.assert_close(whole @ whole.T, torch.eye(30), atol=1e-5, rtol=0)


def test_words_offer_nothing_to_the_head_that_looks_for_pictures():
    model = prepared()
    attention = model.language.encoder.block[0].layer[0].SelfAttention
    own = slice(16, 32)
    offered = attention.k.weight[own] @ model.language.words.weight.T
    asked = attention.q.weight[own] @ model.language.words.weight.T
    assert offered.abs().max() < 1e-4 < 0.01 < asked.abs().max()


def test_a_name_fits_by_its_best_visual_token_and_padding_says_nothing():
    model = prepared()
    tokens = torch.randn(2, 3, 64, generator=torch.Generator().manual_seed(2))
    rows = [[5, 6], [7], [8, 9, 10], [5, 6]]
    scores = name_scores(model, tokens, Ids.of(rows))
    assert scores.shape == (2, 2)
    padded = Ids.of([*rows[:3], [5, 6], [2] * 9])
    padded = Ids(padded.ids[:4], padded.mask[:4])
    torch.testing.assert_close(name_scores(model, tokens, padded), scores)
    # One more token can only fit better; the same ones in another order fit the same.
    more = torch.cat([tokens.flip(1), tokens[:, :1] * -1], dim=1)
    assert (name_scores(model, more, Ids.of(rows)) >= scores - 1e-5).all()


@torch.no_grad()
def test_a_word_that_finds_its_like_matches_it():
    """What the gated net of the first layer writes, once a model has settled."""
    model = prepared()
    settle(model, tiny.tokens(), torch.Generator().manual_seed(2))
    block = blocks(model.language.encoder)[0]
    first = projections(block, 0)
    own = slice(16, 32)
    read, found = first.query[own], first.out[:, own].T
    net = block.layer[-1].DenseReluDense
    meant = torch.randn(16, generator=torch.Generator().manual_seed(3))
    like, unlike = (meant @ read + sign * meant @ found for sign in (1.0, -1.0))
    sign = torch.nn.functional.normalize(net.wo.weight[:, 0], dim=0)
    up, down = (float(net(state) @ sign) for state in (like, unlike))
    assert up > 0.5
    assert up == pytest.approx(-down, rel=0.2)


@torch.no_grad()
def test_the_score_of_yes_becomes_that_above_no_and_chances_stay():
    model, tokens = tiny.network(4), tiny.tokens()
    read = model.language.read(torch.randn(2, 5, 64), torch.ones(2, 5, dtype=torch.long))
    before = model.language.first(read)
    rank_by_yes(model, tokens)
    after = model.language.first(read)
    torch.testing.assert_close(before.softmax(dim=1), after.softmax(dim=1))
    torch.testing.assert_close(
        after[:, tokens.yes_id], before[:, tokens.yes_id] - before[:, tokens.no_id]
    )


def test_too_few_layers_are_refused():
    model = tiny.network(1)
    with pytest.raises(SettingsError, match="layers of encoder"):
        settle(model, tiny.tokens(), torch.Generator())


def test_too_wide_heads_are_refused():
    sizes = wide()
    language = sizes.language.model_copy(update={"head_width": 32})
    with pytest.raises(SettingsError, match="a third as wide"):
        prepare_sight(Sevila(sizes.model_copy(update={"language": language})), torch.Generator())


def test_a_width_without_room_for_signs_is_refused():
    sizes = wide()
    language = sizes.language.model_copy(update={"head_width": 21})
    model = Sevila(sizes.model_copy(update={"language": language}))
    with pytest.raises(SettingsError, match="6 directions beside 3 heads of 21; the width is 64"):
        settle(model, tiny.tokens(), torch.Generator())


def sight(folder, steps: int, drawn: str):
    model = tiny.settings().model_dump(mode="json", exclude={"format", "kind"})
    model["sizes"]["language"] |= {**ROOMY, "vocab_tokens": 600}
    return recipe(folder, "sight", "", steps, 'learns = "sight"', drawn + _model_toml(model))


def test_names_are_learnt(tmp_path):
    drawn = DRAWN + "named = 4\ntaken = 2\n"
    made = run(sight(tmp_path, 90, drawn), runs=tmp_path / "runs")
    found = losses(tmp_path / "runs" / "sight")
    assert sum(found[-20:]) < 0.9 * sum(found[:20])
    heads = open_sevila(made).model
    one, other = heads.answerer.state_dict(), heads.localizer.state_dict()
    assert all(torch.equal(value, other[name]) for name, value in one.items())


def test_names_must_be_given(tmp_path):
    with pytest.raises(DataError, match=r"data\.drawn\.named"):
        run(sight(tmp_path, 1, DRAWN), runs=tmp_path / "runs")


def test_what_rests_stays_as_it_is(tmp_path):
    model = tiny.network(3)
    from whenabouts.weights.sevila_folder import save_sevila

    save_sevila(tmp_path / "start", tiny.settings(), model.state_dict(), tiny.tokens())
    extra = 'learns = "start"\nrests = ["answerer"]\nreads = "true"\n'
    made = run(recipe(tmp_path, "s", tmp_path / "start", 2, extra), runs=tmp_path / "runs")
    before, after = (open_sevila(one).model for one in (tmp_path / "start", made))
    for name, value in before.answerer.state_dict().items():
        assert torch.equal(value, after.answerer.state_dict()[name])
    assert not torch.equal(before.language.head.weight, after.language.head.weight)
