from dataclasses import replace

import pytest

from whenabouts.shapeworld.axes import (
    ACTIONS,
    COLOURS,
    HSV,
    MOTIONS,
    SHAPES,
    SPLITS,
    apart,
    held_out,
    held_out_pair,
    shade,
)
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.scene import SHORTEST_S, Plan, draw_script
from whenabouts.shapeworld.style import TEST_EDGES, TEST_FILLS, TEST_FINISHES
from whenabouts.shapeworld.truth import appearances, frame_truth, patch_truth

MANY = 600


def looks(script):
    return [(a.look, event) for event in script.events for a, _, _ in appearances(event)]


def test_same_seed_same_script_other_seed_another():
    assert draw_script(5, "val") == draw_script(5, "val")
    assert draw_script(5, "val") != draw_script(6, "val")
    assert len({draw_script(5, split).duration_s for split in SPLITS}) == 3


def test_dice_do_not_depend_on_numpys_generator_methods():
    # The first numbers of the raw PCG64 stream, which numpy keeps fixed (NEP 19).
    dice = Dice(1, 2, 3)
    assert [dice.below(1000) for _ in range(5)] == [854, 984, 148, 714, 136]
    assert Dice(4).grid(3, 5).shape == (3, 5)
    assert 0 <= float(Dice(4).grid(100).min()) <= float(Dice(4).grid(100).max()) < 1


@pytest.mark.parametrize("split", SPLITS)
def test_events_lie_in_their_scene_and_last_long_enough(split):
    for seed in range(MANY // 3):
        script = draw_script(seed, split)
        assert script.scenes[0].span.start_s == 0
        assert script.scenes[-1].span.end_s == script.duration_s
        for before, after in zip(script.scenes, script.scenes[1:], strict=False):
            assert before.span.end_s == after.span.start_s
        for scene in script.scenes:
            assert any(event.main for event in scene.events)
            for event in scene.events:
                assert scene.span.start_s <= event.span.start_s
                assert event.span.end_s <= scene.span.end_s
                assert event.span.length_s >= SHORTEST_S - 0.02
                if event.becomes:
                    assert event.span.start_s < event.change_s < event.span.end_s


@pytest.mark.parametrize("split", ["train", "val"])
def test_training_never_shows_what_is_held_out(split):
    for seed in range(MANY):
        for (shape, colour), event in looks(draw_script(seed, split)):
            assert not held_out_pair(shape, colour)
            if event.action in MOTIONS:
                assert not held_out(shape, colour, event.action)


def test_the_held_out_share_is_what_the_rule_says():
    pairs = [(s, c) for s in SHAPES for c in COLOURS if held_out_pair(s, c)]
    assert len(pairs) == 17
    # Every shape and every colour is still learnt from many others.
    assert {s for s, _ in pairs} == set(SHAPES)
    assert max(sum(c == colour for _, c in pairs) for colour in COLOURS) <= 2
    found = [
        held_out_pair(*look) for seed in range(MANY) for look, _ in looks(draw_script(seed, "test"))
    ]
    assert 0.25 < sum(found) / len(found) < 0.55


def test_every_test_video_has_a_style_that_training_never_shows():
    unseen = {*TEST_FILLS, *TEST_EDGES, *TEST_FINISHES}
    for seed in range(MANY):
        test, train = (draw_script(seed, split).style for split in ("test", "train"))
        assert {test.fill, test.edge, test.finish} & unseen
        assert not {train.fill, train.edge, train.finish} & unseen


def test_no_two_events_of_a_scene_share_a_look():
    comebacks = 0
    for seed in range(MANY):
        script = draw_script(seed)
        for scene in script.scenes:
            here = [a.look for event in scene.events for a, _, _ in appearances(event)]
            assert len(here) == len(set(here))
        everywhere = [look for look, _ in looks(script)]
        comebacks += len(everywhere) != len(set(everywhere))
    assert 0 < comebacks < MANY / 4


def test_everything_in_the_world_is_drawn():
    scripts = [draw_script(seed, "test") for seed in range(MANY)]
    events = [event for script in scripts for event in script.events]
    scenes = [scene for script in scripts for scene in script.scenes]
    assert {event.action for event in events} == set(ACTIONS)
    assert {event.actor.shape for event in events} == set(SHAPES)
    assert {event.actor.colour for event in events} == set(COLOURS)
    assert {event.actor.count for event in events} == {1, 2, 3, 4}
    assert {scene.backdrop.light for scene in scenes} == {"day", "night"}
    assert {scene.camera for scene in scenes} == {"still", "pans", "zooms"}
    assert {scene.cut for scene in scenes} == {"cut", "cross-fade", "fade to black"}
    assert any(scene.drawn for scene in scenes)
    assert any(scene.spoken for scene in scenes)


def test_a_plan_is_kept():
    plan = Plan((40.0, 50.0), scenes=(8, 8), text_share=0.0, sizes_px=((64, 48),), rates=(10.0,))
    script = draw_script(1, plan=plan)
    assert 40 <= script.duration_s <= 50
    assert len(script.scenes) == 8
    assert (script.width, script.height, script.fps) == (64, 48, 10.0)
    assert not any(scene.drawn or scene.spoken for scene in script.scenes)


def test_actors_stay_in_the_picture_and_clear_of_its_colours():
    for seed in range(200):
        script = draw_script(seed)
        for scene in script.scenes:
            for event in scene.events:
                still = replace(scene, camera="still", events=(event,))
                one = replace(script, scenes=(still,), width=240, height=240)
                for share in (0.01, 0.3, 0.6, 0.99):
                    time_s = event.span.start_s + event.span.length_s * share
                    for sight in frame_truth(one, time_s):
                        low, high = min(sight.box), max(sight.box)
                        assert low > -0.03
                        assert high < 1.03
                assert apart(event.actor.rgb, scene.backdrop.rgb) > 60


def test_sights_and_patches_agree_with_the_events():
    script = draw_script(11, "test")
    for event in script.events:
        time_s = (event.span.start_s + event.span.end_s) / 2
        sights = frame_truth(script, time_s)
        number = script.events.index(event)
        mine = [sight for sight in sights if sight.event == number]
        assert len(mine) == event.actor.count + (1 if event.partner else 0)
        cells = patch_truth(script, time_s, 12)
        assert set(cells.ravel().tolist()) <= set(range(-1, len(sights)))
        for index, sight in enumerate(sights):
            x, y = sight.centre
            cell = cells[min(11, max(0, int(y * 12))), min(11, max(0, int(x * 12)))]
            assert cell >= index or sight not in mine
    assert frame_truth(script, script.duration_s + 5) == []


def test_shades_of_different_colours_stay_apart():
    dice = Dice(3)
    for colour in HSV:
        others = [other for other in HSV if other != colour]
        for _ in range(40):
            mine = shade(colour, dice)
            nearest = min(others, key=lambda other: apart(mine, shade(other, dice)))
            assert apart(mine, shade(nearest, dice)) > 25
