"""Phrases of both languages: complete, different, and filled as they should be."""

from dataclasses import fields
from string import Formatter

import pytest

from whenabouts.errors import InputError
from whenabouts.models.frame_times import frame_sentences, times_in, video_sentence
from whenabouts.models.instructions import (
    PHRASES,
    Event,
    Peak,
    events_answer,
    number,
    peak_lines_answer,
    peaks_answer,
    question,
    span_answer,
    speech_answer,
    with_format,
    with_speech,
)
from whenabouts.models.phrases import TASKS, Phrases
from whenabouts.models.prompts_published import PROMPTS, SLOT, filled, published_prompt, read_prompt

LANGS = sorted(PHRASES)
SEEKING = ("moment retrieval", "highlights")


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("lang", LANGS)
def test_every_task_can_be_asked_in_several_ways(lang):
    phrases = PHRASES[lang]
    for task in TASKS:
        ways = phrases.questions[task]
        assert len(set(ways)) >= 6
        assert all(("{query}" in way) == (task in SEEKING) for way in ways)
    single = [way for way in phrases.questions["moment retrieval"] if phrases.end_word not in way]
    assert len(single) >= 2, "some must not ask for an end"
    assert len(set(phrases.summaries)) >= 6


def test_languages_have_the_same_blanks_to_fill():
    english, chinese = PHRASES["en"], PHRASES["zh"]
    for field in fields(Phrases):
        one, other = getattr(english, field.name), getattr(chinese, field.name)
        if isinstance(one, str):
            assert names(one) == names(other), field.name
    assert set(english.formats) == set(chinese.formats)


@pytest.mark.parametrize("lang", LANGS)
def test_nothing_is_left_to_fill(lang):
    ways = [lambda ways, n=n: ways[n % len(ways)] for n in range(6)]
    for task in TASKS:
        for pick in ways:
            asked = with_format(question(task, pick, lang, query="a {b} c."), task, lang)
            assert "{query}" not in asked
            assert ("a {b} c" in asked) == (task in SEEKING)
    events = [Event(1, 2.26, "it {runs}."), Event(3, None, "it\nstops。")]
    peaks = [Peak(2, 3.333, "up"), Peak(4, 1, "down.")]
    for style in ("timeit", "vtg-it"):
        told = [
            events_answer(events, lang, style),
            speech_answer(events, lang, style),
            span_answer(1, 2, lang, style),
            span_answer(1, None, lang, style),
            peaks_answer(peaks, "highlights", lang, style),
            peaks_answer(peaks, "summarisation", lang, style),
            peak_lines_answer(peaks, lang, style),
        ]
        assert not any("{" in text.replace("{runs}", "") for text in told)
        assert "it {runs}" in told[0]
        assert "it stops" in told[0]
        assert "3.3" in told[4]
        assert all(("<TIME_" in text) == (style == "vtg-it") for text in told)


def test_english_answers_have_the_published_forms():
    events = [Event(0, 7.9, "A man stands."), Event(8.9, 20, "He has a grill")]
    assert events_answer(events) == (
        "0.0 - 7.9 seconds, A man stands.  8.9 - 20.0 seconds, He has a grill."
    )
    assert events_answer(events, style="vtg-it").count(". ") == 1
    assert span_answer(7, None) == "The given query happens in 7.0 seconds."
    assert peaks_answer([Peak(82, 1.25)], "highlights") == (
        "There are 1 highlight moments in the 82.0 second. Their saliency scores are 1.2."
    )
    assert speech_answer(events[:1]) == "Transcribed speech: 0.0 - 7.9 seconds, A man stands."
    assert number(2.25, "timeit") == "2.2"


@pytest.mark.parametrize("lang", LANGS)
def test_speech_stands_before_the_question(lang):
    asked = with_speech("what {question} happens?", "1.0 - 2.0 seconds, {speech}. ", lang)
    assert asked.endswith("what {question} happens?")
    assert "{speech}. " in asked
    assert PHRASES[lang].no_speech in with_speech("what?", "", lang)


def test_published_prompts_are_filled_in_their_places(tmp_path):
    for system, prompts in PROMPTS.items():
        for task, prompt in prompts.items():
            text = filled(prompt, query="..a {} b.", dataset="Sets")
            assert SLOT not in text.replace("a {} b", "")
            assert ("a {} b" in text) == (task in SEEKING)
            assert ("Sets" in text) == (prompt.count(SLOT) == 2)
            assert published_prompt(system, task) == prompt
    with pytest.raises(InputError, match="known: dense captioning, moment retrieval, highlights"):
        published_prompt("timechat", "speech")
    (tmp_path / "p.txt").write_text("  ask this \nnot this\n")
    assert read_prompt(tmp_path / "p.txt") == "ask this"
    (tmp_path / "p.txt").write_text("\n")
    with pytest.raises(InputError, match="is empty"):
        read_prompt(tmp_path / "p.txt")
    with pytest.raises(InputError, match="cannot read"):
        read_prompt(tmp_path / "q.txt")


def test_sentences_of_times():
    assert frame_sentences(("0.0", "1.5"))[1] == "This frame is sampled at 1.5 second."
    assert times_in(video_sentence(("0.0",))) == ("0.0",)
    with pytest.raises(InputError, match="names no times"):
        times_in("nothing here")
