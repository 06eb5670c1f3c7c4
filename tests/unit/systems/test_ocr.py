"""On-screen text: when a frame is read, how readings merge, and the real models on drawn text."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from whenabouts.catalog import part
from whenabouts.protocols import TextReader
from whenabouts.systems.ocr import Reading, ScreenReader, reader
from whenabouts.types import Frames, Video

BOX = (0.2, 0.8, 0.8, 0.9)
OTHER_BOX = (0.2, 0.1, 0.8, 0.2)
# Strokes of a few Chinese characters in a unit square, so that no font is needed.
STROKES = {
    "出": [
        [(0.5, 0), (0.5, 0.95)],
        [(0.15, 0.1), (0.15, 0.45), (0.85, 0.45), (0.85, 0.1)],
        [(0.05, 0.55), (0.05, 0.95), (0.95, 0.95), (0.95, 0.55)],
    ],
    "口": [[(0.1, 0.15), (0.9, 0.15), (0.9, 0.9), (0.1, 0.9), (0.1, 0.15)]],
}


def video(duration_s: float) -> Video:
    return Video("v", Path("v.mp4"), duration_s, 25.0, 320, 180)


def flicker(count: int, seed: int = 0) -> Frames:
    """`count` frames at 1 Hz, each another picture."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 255, (count, 9, 16, 3), dtype=np.uint8)
    pixels = small.repeat(20, axis=1).repeat(20, axis=2)
    return Frames(video(count), pixels, np.arange(count, dtype=np.float64))


def still(count: int) -> Frames:
    pixels = np.full((count, 180, 320, 3), 90, np.uint8)
    return Frames(video(count), pixels, np.arange(count, dtype=np.float64))


class Script:
    """An engine that answers from a list, one entry a reading."""

    def __init__(self, *answers: list[Reading]) -> None:
        self.answers = list(answers)
        self.calls = 0

    def __call__(self, pixels: np.ndarray) -> list[Reading]:
        self.calls += 1
        return self.answers[min(self.calls, len(self.answers)) - 1]


def line(text: str, score: float = 0.95, box: tuple = BOX) -> Reading:
    return Reading(text, score, box)


def read(engine: Script, frames: Frames) -> list[tuple[float, float, str]]:
    found = ScreenReader(engine).read(frames.video, [frames])
    return [(span.start_s, span.end_s, text) for span, text, _ in found]


def test_unchanged_picture_is_read_once_and_the_text_lasts():
    engine = Script([line("annual report")])
    assert read(engine, still(6)) == [(0.0, 6.0, "annual report")]
    assert engine.calls == 1


def test_small_change_like_one_letter_is_seen():
    frames = still(4)
    frames.pixels[2:, 150:160, 100:110] = 255
    engine = Script([line("page one")], [line("page two")])
    assert read(engine, frames) == [(0.0, 2.0, "page one"), (2.0, 4.0, "page two")]
    assert engine.calls == 2


def test_misreadings_of_one_subtitle_are_one_span_with_the_usual_wording():
    words = ["I have not seen hirn", "I have not seen him", "l have not seen him"]
    words += ["I have not seen him", "I have not seem him."]
    engine = Script(*[[line(w)] for w in words])
    assert read(engine, flicker(5)) == [(0.0, 5.0, "I have not seen him")]


def test_next_subtitle_in_the_same_place_is_another_span():
    engine = Script(*[[line("where are you going")]] * 2, *[[line("nowhere in particular")]] * 2)
    assert read(engine, flicker(4)) == [
        (0.0, 2.0, "where are you going"),
        (2.0, 4.0, "nowhere in particular"),
    ]


def test_numbers_tell_lines_apart_but_a_running_clock_is_one_line():
    engine = Script([line("Lesson 10 begins")], [line("Lesson 11 begins")])
    assert [text for *_, text in read(engine, flicker(2))] == [
        "Lesson 10 begins",
        "Lesson 11 begins",
    ]
    engine = Script([line("12:31:04")], [line("12:31:05")], [line("12:31:06")])
    assert len(read(engine, flicker(3))) == 1


def test_text_being_typed_is_kept_whole():
    engine = Script([line("Once upon")], [line("Once upon a time")], [line("Once upon a time the")])
    assert read(engine, flicker(3)) == [(0.0, 3.0, "Once upon a time the")]


def test_one_missed_reading_does_not_split_a_line():
    seen = [line("breaking news")]
    assert read(Script(seen, [], seen, seen), flicker(4)) == [(0.0, 4.0, "breaking news")]
    again = read(Script(seen, [], [], [], seen), flicker(6))
    assert again == [(0.0, 1.0, "breaking news"), (4.0, 6.0, "breaking news")]


def test_lines_shown_together_become_one_text_from_top_to_bottom():
    engine = Script([line("second line"), line("First line", box=OTHER_BOX)])
    assert read(engine, still(3)) == [(0.0, 3.0, "First line second line")]


@pytest.mark.parametrize("junk", ["I", "-- . --", "|", "a ~ # =", "口", "一"])
def test_marks_single_letters_and_boxes_are_dropped(junk: str):
    assert read(Script([line(junk)]), still(2)) == []


def test_unsure_line_needs_a_second_reading():
    assert read(Script([line("blurry", 0.5)]), flicker(3)) == []
    assert read(Script([line("blurry", 0.7)], [], []), flicker(3)) == []
    assert read(Script([line("blurry", 0.7)]), flicker(3)) == [(0.0, 3.0, "blurry")]


def test_moving_pictures_without_text_are_read_half_as_often():
    engine = Script([])
    frames = flicker(1).pixels
    # Small motion: changed, yet no cut.
    pixels = np.concatenate([frames] * 20)
    for i in range(20):
        pixels[i, 40:60, 10 * i : 10 * i + 40] = 255
    read(engine, Frames(video(20), pixels, np.arange(20.0)))
    assert 8 <= engine.calls <= 13


def test_tiny_and_sliver_frames_are_left_alone():
    for shape in ((3, 1, 1, 3), (3, 8, 16000, 3)):
        engine = Script([line("never")])
        frames = Frames(video(3), np.zeros(shape, np.uint8), np.arange(3.0))
        assert read(engine, frames) == []
        assert engine.calls == 0


def test_frames_beyond_the_claimed_duration_still_give_valid_spans():
    frames = still(5)
    short = Frames(video(1.0), frames.pixels, frames.times_s)
    assert read(Script([line("long after")]), short) == [(0.0, 4.0, "long after")]


def test_catalog_line_opens_a_reader_that_wants_frames():
    made = part("text_reader", "screen")()
    assert isinstance(made, TextReader)
    assert made.channel == "screen" and made.sampling is not None and made.input_px > 0


def drawn(words: str = "", strokes: str = "") -> np.ndarray:
    """A frame 360x640 with Latin words and stroked Chinese characters."""
    rng = np.random.default_rng(5)
    image = Image.fromarray(rng.integers(0, 120, (6, 9, 3), dtype=np.uint8)).resize((640, 360))
    draw = ImageDraw.Draw(image)
    draw.text((60, 280), words, font=ImageFont.load_default(28), fill="white")
    for i, character in enumerate(strokes):
        for stroke in STROKES[character]:
            points = [(300 + 60 * i + 44 * x, 80 + 44 * y) for x, y in stroke]
            draw.line(points, fill="white", width=4)
    return np.asarray(image)


def test_real_models_read_english_and_chinese_once_each():
    pictures = [drawn("the harbour at dawn"), drawn(strokes="出口"), drawn()]
    pixels = np.stack([pictures[i // 3] for i in range(9)])
    frames = Frames(video(9), pixels, np.arange(9.0))
    found = list(reader(threads=1).read(frames.video, [frames]))
    assert [(str(span), text, lang) for span, text, lang in found] == [
        ("0:00.0-0:03.0", "the harbour at dawn", ""),
        ("0:03.0-0:06.0", "出口", "zh"),
    ]
