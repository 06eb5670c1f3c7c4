import io
import json
import subprocess
import sys

import pytest

from whenabouts.app import screen


def test_plain_shows_what_would_steer_the_terminal():
    assert screen.plain("a\nb\x1b[2Jc\u202etxt.mp4") == "a\\nb\\x1b[2Jc\\u202etxt.mp4"
    assert screen.plain("\udcff.mp4") == "\\xff.mp4"
    assert screen.plain("假日 🎬 é") == "假日 🎬 é"


@pytest.mark.parametrize("name", ["\udcff.mp4", "a\nb", "假日🎬", 'quote"\\'])
def test_json_of_any_file_name_reads_back(name):
    code = (
        "from whenabouts.app.screen import prepare_streams, print_json\n"
        f"prepare_streams(); print_json('x', {{'path': {name!r}}})"
    )
    for encoding in ("utf-8", "ascii", "latin-1"):
        ended = subprocess.run(
            [sys.executable, "-X", "utf8=0", "-c", code],
            capture_output=True,
            env={"PYTHONIOENCODING": encoding},
            check=True,
        )
        value = json.loads(ended.stdout.decode(encoding))
        assert value == {"schema": screen.SCHEMA, "command": "x", "path": name}


def test_a_reader_that_has_had_enough_is_no_error():
    code = (
        "from whenabouts.app.screen import prepare_streams, say\n"
        "prepare_streams()\nfor n in range(100000): say(f'line {n}')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline() == b"line 0\n"
        running.stdout.close()
        assert running.wait(30) == 0
        assert running.stderr.read() == b""


def test_an_error_in_json_is_on_both_streams(capsys, monkeypatch):
    from whenabouts.errors import InputError

    screen.complain(InputError("the query is empty"), as_json=True)
    printed = capsys.readouterr()
    assert json.loads(printed.out)["error"] == {
        "kind": "InputError",
        "message": "the query is empty",
    }
    assert "whenabouts: the query is empty" in printed.err


def test_can_show_asks_the_encoding():
    from rich.console import Console

    ascii_only = Console(file=io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert not screen.can_show(ascii_only, "▁")
    assert screen.can_show(Console(file=io.TextIOWrapper(io.BytesIO(), encoding="utf-8")), "▁")
