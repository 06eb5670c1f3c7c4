"""The terminal of a chat: streamed text, cards, pictures in four ways, history and completion."""

import base64
import io
import re

import pytest
from PIL import Image

from whenabouts.app import commands_chat, thumbnails
from whenabouts.app.chat_hands import TerminalHands
from whenabouts.app.chat_screen import Stream, print_moments
from whenabouts.errors import InputError
from whenabouts.types import Curve, Evidence, Moment, Span, Turn, Video


def jpeg(width=64, height=36, colour=(200, 30, 30)):
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "JPEG")
    return buffer.getvalue()


def moment(tmp_path, name="a.mp4", picture=b""):
    video = Video("a", tmp_path / name, 20.0, 10.0, 64, 36)
    curve = Curve((0.0, 5.0, 10.0), (0.1, 0.9, 0.2))
    why = (Evidence("visual", 0.8, "red", 5.0),)
    return Moment(video, Span(4.0, 8.0), 0.8, "red", why, curve, picture)


def test_text_grows_and_an_answer_begun_anew_stands_on_a_line_of_its_own(capsys):
    stream = Stream()
    for text in ("It", "It is", "It is here.", "Sorry"):
        stream(text)
    stream.end("Sorry, no.")
    assert capsys.readouterr().out == "It is here.\nSorry, no.\n"


def test_text_of_a_model_cannot_steer_the_terminal(capsys):
    stream = Stream()
    stream.end("a\x1b[2Jb\nc\x07")
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\x07" not in out
    assert out.count("\n") == 2


@pytest.mark.parametrize("act", ["moment", "videos", "say", "answer"])
def test_a_card_has_name_times_and_reasons(capsys, tmp_path, act):
    print_moments(Turn("assistant", "", act, (moment(tmp_path),)), "none")
    out = capsys.readouterr().out
    assert "a.mp4" in out
    assert "0:04" in out
    assert "visual" in out


def test_nothing_to_show_prints_nothing(capsys):
    print_moments(Turn("assistant", "hello", "say"), "kitty")
    assert capsys.readouterr().out == ""


def test_names_of_files_cannot_steer_the_terminal(capsys, tmp_path):
    shown = (moment(tmp_path, "a\x1b]0;x\x07.mp4"), moment(tmp_path, "b.mp4"))
    print_moments(Turn("assistant", "", "videos", shown), "none")
    assert "\x1b]0" not in capsys.readouterr().out


def test_kitty_sends_a_png_in_pieces():
    text = thumbnails.escape(jpeg(400, 300), "kitty")
    pieces = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", text)
    assert pieces[0][0].startswith("a=T,f=100")
    assert [("m=1" in head) for head, _ in pieces] == [True] * (len(pieces) - 1) + [False]
    picture = Image.open(io.BytesIO(base64.b64decode("".join(data for _, data in pieces))))
    assert picture.format == "PNG"
    assert max(picture.size) <= thumbnails.WIDTH_PX


def test_iterm_sends_the_file_with_its_size():
    given = jpeg()
    text = thumbnails.escape(given, "iterm")
    assert text.startswith(f"\x1b]1337;File=inline=1;size={len(given)};")
    assert base64.b64decode(text.rpartition(":")[2].rstrip("\x07\n")) == given


def test_sixel_paints_every_pixel_once():
    text = thumbnails.escape(jpeg(20, 13), "sixel")
    assert text.startswith('\x1bPq"1;1;20;13')
    assert text.endswith("\x1b\\\n")
    bands = text[: text.index("\x1b\\")].split("-")[:-1]
    assert len(bands) == 3
    for number, band in enumerate(bands):
        rows = [line for line in re.findall(r"#\d+([?-~]+)\$", band)]
        assert all(len(line) == 20 for line in rows)
        for column in range(20):
            bits = [ord(line[column]) - 63 for line in rows]
            assert sum(bits) == (0b111111 if number < 2 else 0b1)


def test_blocks_are_two_pixels_a_character():
    text = thumbnails.blocks(jpeg(64, 36), 10)
    assert text is not None
    assert [len(line) for line in text.plain.splitlines()] == [10] * 3
    assert all("on #" in str(span.style) for span in text.spans)


@pytest.mark.parametrize("bad", [b"", b"no picture", jpeg()[:40]])
def test_a_bad_picture_is_left_out(bad):
    assert thumbnails.blocks(bad) is None
    for way in ("kitty", "iterm", "sixel"):
        assert thumbnails.escape(bad, way) == ""


@pytest.mark.parametrize(
    ("variables", "way"),
    [
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"KITTY_WINDOW_ID": "1", "TERM": "screen"}, "kitty"),
        ({"TERM_PROGRAM": "iTerm.app", "TERM": "xterm-256color"}, "iterm"),
        ({"TERM_PROGRAM": "WezTerm"}, "iterm"),
        ({"TERM": "foot"}, "sixel"),
        ({"TERM": "xterm-256color"}, "blocks"),
        ({"TERM": "dumb"}, "none"),
    ],
)
def test_the_way_goes_by_what_the_terminal_says(monkeypatch, variables, way):
    for name in ("TERM", "TERM_PROGRAM", "KITTY_WINDOW_ID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert thumbnails.way_of(True, True) == way
    assert thumbnails.way_of(False, True) == "none"
    assert thumbnails.way_of(True, False) in (way, "none")


def test_history_is_kept_and_commands_are_completed(monkeypatch, tmp_path):
    readline = pytest.importorskip("readline")
    monkeypatch.setattr(commands_chat, "state_folder", lambda: tmp_path / "state")
    readline.clear_history()
    editor = commands_chat._editor()
    complete = readline.get_completer()
    found = []
    while (one := complete("/u", len(found))) is not None:
        found.append(one)
    assert found == ["/undo"]
    assert {complete("/", at) for at in range(len(commands_chat.COMMANDS))} == set(
        commands_chat.COMMANDS
    )
    assert complete("a dog", 0) is None
    readline.add_history("a dog on a beach")
    commands_chat._remember(editor)
    readline.clear_history()
    commands_chat._editor()
    assert readline.get_history_item(1) == "a dog on a beach"
    readline.clear_history()
    readline.set_completer(None)


def test_typed_lines_are_answered_until_the_end(monkeypatch, capsys, tmp_path):
    """What a person at a terminal sees: commands, an answer, an interrupt, and the way back."""
    monkeypatch.setattr(commands_chat, "state_folder", lambda: tmp_path / "state")
    said = []

    class Talk:
        id = "20260101-000000-abcdef"
        turns = (Turn("user", "hi"), Turn("assistant", "hello"))

        def say(self, text, on_text=None):
            said.append(text)
            if text == "slow":
                raise KeyboardInterrupt
            return Turn("assistant", "Found.", "videos", (moment(tmp_path),))

    typed = iter(["/help", "", "a dog", "/undo", "slow", "/turns", "/pictures", "/quit"])

    def ask(_):
        return next(typed)

    monkeypatch.setattr("builtins.input", ask)
    commands_chat._talk(Talk(), "none")
    assert said == ["a dog", "undo", "slow"]
    out = capsys.readouterr()
    assert "/undo" in out.out
    assert "assistant: hello" in out.out
    assert "--resume 20260101-000000-abcdef" in out.err


def test_exports_never_write_over_a_file(tmp_path):
    hands = TerminalHands(tmp_path / "out", player=False)
    first = hands.export([moment(tmp_path)], "csv")
    second = hands.export([moment(tmp_path)], "csv")
    assert first != second
    assert all(path.exists() for path in (*first, *second))
    assert all(path.is_relative_to(tmp_path / "out") for path in (*first, *second))
    with pytest.raises(InputError, match="cannot be exported"):
        hands.export([moment(tmp_path)], "../../x")
    assert hands.play(moment(tmp_path)) == ""
