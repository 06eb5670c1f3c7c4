import numpy as np
import pytest

from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.say import describe_event, describe_frame
from whenabouts.shapeworld.scene import draw_script
from whenabouts.shapeworld.truth import Claim, Description, Mention, Setting, claim_spans
from whenabouts.train.truth import FALSE, OPEN, TRUE, Facts, judge, observe

SIZE = (160, 112)
SCRIPTS = [draw_script(seed) for seed in range(12)]


def frames(script, count=8):
    times_s = np.linspace(0.1, script.duration_s - 0.1, count)
    return times_s, observe(script, times_s, SIZE, 8)


@pytest.mark.parametrize("script", SCRIPTS[:6])
def test_what_is_said_of_a_frame_is_true_of_it(script):
    times_s, facts = frames(script)
    described = [describe_frame(script, float(t), Dice(i)) for i, t in enumerate(times_s)]
    verdicts = judge(described, facts)
    assert (np.diag(verdicts) != FALSE).all()


@pytest.mark.parametrize("script", SCRIPTS)
def test_an_event_is_never_false_in_its_span_and_never_true_outside(script):
    times_s, facts = frames(script, 24)
    for number, event in enumerate(script.main_events):
        claim = describe_event(event, script.scene_of(event), Dice(number))
        spans = claim_spans(script, claim)
        verdicts = judge([Description((claim,))], facts)[0]
        for time_s, verdict in zip(times_s, verdicts, strict=True):
            if any(span.start_s <= time_s < span.end_s for span in spans):
                assert verdict != FALSE, (claim, time_s)
            else:
                assert verdict != TRUE, (claim, time_s)


def test_a_wrong_colour_is_false_and_an_unseen_action_open():
    script = next(s for s in SCRIPTS if s.main_events[0].partner is None)
    event = script.main_events[0]
    middle = np.array([(event.span.start_s + event.span.end_s) / 2])
    facts = observe(script, middle, SIZE, 8)
    colours = {thing.actor.colour for thing in script.events}
    wrong = next(c for c in ("red", "green", "blue", "pink", "white") if c not in colours)
    other = "spins" if event.action != "spins" else "bounces"
    actor = Mention(event.actor.shape, event.actor.colour)
    said = [
        Description((Claim(Mention(event.actor.shape, wrong)),)),
        Description((Claim(actor, action=other),)),
        Description((Claim(actor), Claim(Mention(event.actor.shape, wrong)))),
        Description((Claim(Mention(), setting=Setting(colour=wrong)),)),
    ]
    verdicts = judge(said, facts)[:, 0].tolist()
    ground = script.scene_of(event).backdrop.colour
    assert verdicts == [FALSE, OPEN, FALSE, TRUE if ground == wrong else FALSE]


def test_patches_show_the_look_of_something_in_view():
    script = SCRIPTS[1]
    _, facts = frames(script)
    for things, patches in zip(facts.things, facts.patches, strict=True):
        looks = {(int(t[0]), int(t[1])) for t in things if t[0] >= 0 and not t[-1]}
        assert {(int(s), int(c)) for s, c in patches.T if s >= 0} <= looks


def test_joined_facts_keep_events_of_videos_apart():
    parts = [frames(script, 6)[1] for script in SCRIPTS[:3]]
    before = [part.things.copy() for part in parts]
    joined = Facts.join(parts)
    assert len(joined.grounds) == 18
    events = [set(rows[rows >= 0]) for rows in joined.things[..., 4].reshape(3, -1)]
    assert not events[0] & events[1] and not events[1] & events[2]
    assert all((part.things == old).all() for part, old in zip(parts, before, strict=True))
