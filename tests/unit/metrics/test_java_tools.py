"""The protocol of the Java programs, spoken by stand-ins."""

import stat
import sys

import pytest

from whenabouts.errors import InputError, MissingPartError
from whenabouts.metrics.java_tools import Meteor, find_java_tools, java_tokens

STAND_IN = """#!{python}
import sys
if "-cp" in sys.argv:
    for line in sys.stdin:
        print(line.rstrip("\\n").lower().replace(".", " . "))
    sys.exit()
for line in sys.stdin:
    word, *parts = [part.strip() for part in line.split("|||")]
    if word == "SCORE":
        true, told = (set(part.split()) for part in parts)
        print(len(true & told), len(told), flush=True)
    elif word == "EVAL":
        stats = [tuple(map(int, part.split())) for part in parts]
        for right, total in stats:
            print(right / max(1, total))
        print(sum(r for r, _ in stats) / max(1, sum(t for _, t in stats)), flush=True)
"""


@pytest.fixture
def tools(tmp_path, monkeypatch):
    java = tmp_path / "java"
    java.write_text(STAND_IN.format(python=sys.executable))
    java.chmod(java.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("meteor/meteor-1.5.jar", "tokenizer/stanford-corenlp-3.4.1.jar"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    return find_java_tools(tmp_path)


def test_scores_of_pairs_and_of_all_together(tools):
    pairs = [("a b", "a c"), ("a", "a"), ("a b", "a c")] + [(f"w{n}", "x") for n in range(150)]
    with Meteor(tools) as meteor:
        assert meteor.each(pairs[:3]) == [0.5, 1.0, 0.5]
        assert meteor.together(pairs) == pytest.approx(3 / 155)
        assert meteor.each(pairs) == [0.5, 1.0, 0.5] + [0.0] * 150
        assert meteor.together([]) == 0.0
        assert meteor.each([("a ||| b", "a")]) == [0.5]
    with pytest.raises(InputError, match="not running"):
        meteor.each([("a", "b")])


def test_a_program_that_stops_is_told(tools):
    with Meteor(tools) as meteor:
        meteor._process.kill()
        meteor._process.wait()
        with pytest.raises(MissingPartError, match="METEOR stopped"):
            meteor.each([("a", "b")])


def test_tokens_line_by_line(tools):
    found = java_tokens(tools, ["A dog.", "two\nlines", ""])
    assert found == [["a", "dog"], ["two", "lines"], []]
    assert java_tokens(tools, []) == []


def test_missing_parts_are_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingPartError, match="Java"):
        find_java_tools(tmp_path)


def test_a_folder_without_the_jars_is_refused(tools, tmp_path):
    (tmp_path / "meteor" / "meteor-1.5.jar").unlink()
    with pytest.raises(MissingPartError, match=r"no meteor/meteor-1\.5\.jar"):
        find_java_tools(tmp_path)
