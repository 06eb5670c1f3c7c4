import multiprocessing
from itertools import islice

import numpy as np
import pytest

from whenabouts.models.pixels import PixelSettings
from whenabouts.shapeworld.axes import held_out_pair
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.say import describe_frame
from whenabouts.shapeworld.scene import draw_script
from whenabouts.train.augment import relight
from whenabouts.train.feed import (
    Feed,
    FeedSettings,
    Source,
    batches,
    hand_over,
    pick_times,
    twist,
)
from whenabouts.train.sentences import sentences
from whenabouts.train.tokenizer import settings, train_tokenizer


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("tokens") / "tokenizer.json"
    train_tokenizer(sentences(20), 600, 96).save(path)
    feed = FeedSettings(videos=8, frames=3, shows=2, texts=24, workers=0)
    return Source(feed, PixelSettings(size_px=56, fit="squash"), 14, settings(96), path)


def same(one, other):
    return (
        (one.pixels == other.pixels).all()
        and (one.texts.ids == other.texts.ids).all()
        and (one.truth == other.truth).all()
        and (one.captions.ids == other.captions.ids).all()
        and (one.facts.things == other.facts.things).all()
    )


def test_a_batch_depends_on_its_step_alone(source):
    first = list(islice(batches(source, 0), 3))
    later = next(batches(source, 2))
    assert same(first[2], later)
    assert not (first[0].pixels == first[1].pixels).all()


def test_workers_draw_the_same_batches(source):
    feed = source.feed.model_copy(update={"workers": 2})
    other = Source(feed, source.pixels, source.patch_px, source.tokens, source.tokenizer)
    drawn = batches(other, 5)
    assert same(next(drawn), Feed(source).batch(5))
    assert same(next(drawn), Feed(source).batch(6))
    drawn.close()


def test_a_worker_whose_run_was_killed_stops(monkeypatch):
    full = multiprocessing.get_context("spawn").Queue(maxsize=1)
    full.put("a batch")
    run = multiprocessing.get_context("spawn").Process(target=int)
    run.start()
    run.kill()
    run.join()
    monkeypatch.setattr(multiprocessing, "parent_process", lambda: run)
    assert not hand_over("another", full)


def test_a_batch_has_what_was_asked_for(source):
    batch = Feed(source).batch(0)
    assert batch.pixels.shape == (24, 56, 56, 3) and batch.pixels.dtype == np.uint8
    assert batch.truth.shape == (24, 24)
    assert len(batch.captions.ids) == 2 * batch.videos == 16
    assert batch.facts.patches.shape == (24, 2, 16)
    assert 0.4 < (batch.truth == 1).any(axis=1).mean() < 1, "some texts must be true, some false"


def test_times_visit_each_event_before_any_twice():
    script = next(s for s in map(draw_script, range(50)) if len(s.events) >= 4)
    times = pick_times(script, len(script.events) + 1, np.random.default_rng(0))
    assert (np.diff(times) >= 0).all() and times[-1] < script.duration_s
    unseen = [
        e for e in script.events if not any(e.span.start_s <= t <= e.span.end_s for t in times)
    ]
    assert not unseen


def test_twisted_texts_never_name_a_pair_kept_for_testing():
    changed = 0
    for seed in range(150):
        script = draw_script(seed)
        event = script.main_events[0]
        middle_s = (event.span.start_s + event.span.end_s) / 2
        true = describe_frame(script, middle_s, Dice(seed))
        wrong = twist(true, Dice(seed, 1))
        changed += wrong != true
        for claim in wrong.claims:
            shape, colour = claim.actor.shape, claim.actor.colour
            assert not (shape and colour and held_out_pair(shape, colour))
    assert changed > 75


def test_other_light_keeps_the_picture_recognisable():
    random = np.random.default_rng(0)
    pixels = np.zeros((40, 8, 8, 3), np.uint8)
    pixels[:, :, 4:] = 200
    out = relight(pixels, random)
    assert (out[:, :, 4:].mean((1, 2, 3)) > out[:, :, :4].mean((1, 2, 3)) + 90).all()
    assert (out != pixels).any((1, 2, 3)).mean() > 0.5
