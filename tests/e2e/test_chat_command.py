"""`chat`: scripts in both languages, a pipe, a killed conversation, what is kept and replayed."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from whenabouts.dialogue.saved import every
from whenabouts.types import Span
from whenabouts.weights.hub import shipped_folder


@pytest.fixture(scope="module")
def shelf(library, tmp_path_factory):
    """A copy of the drawn library: conversations are written into it."""
    place = tmp_path_factory.mktemp("chat") / "drawn.lib"
    shutil.copytree(library, place)
    return place


def lines(ended):
    """What came of each turn."""
    assert ended.code == 0, ended.err
    return [json.loads(line) for line in ended.out.splitlines()]


def script(folder, *texts):
    file = folder / "script.txt"
    file.write_text("# a comment\n\n" + "\n".join(texts) + "\n", encoding="utf-8")
    return file


def asked(drawn, topic, lang):
    """The demo's question in pictures of one language, with its truth."""
    found = [q for q in drawn[2] if q.topic == topic]
    zh = [q for q in found if any("\u4e00" <= c <= "\u9fff" for c in q.text)]
    return next(iter(zh if lang == "zh" else [q for q in found if q not in zh]))


TALKS = {
    "en": ("the second one", "undo", "how long is the first one?", "export the first one as csv",
           "what happens after that?", "something like that", "thanks", "only under 2 seconds"),
    "zh": ("第二个", "撤销", "第一个有多长？", "把第一个导出成csv", "之后发生了什么？", "类似的",
           "谢谢", "只要2秒以内的"),
}  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_script_on_drawn_videos(run, shelf, drawn, tmp_path, lang):
    question = asked(drawn, "pictures", lang)
    texts = (question.text, *TALKS[lang])
    words = ("chat", "-l", shelf, "--script", script(tmp_path, *texts), "--json", "--no-ask")
    told = lines(run(*words, "--out", tmp_path / "out"))
    assert [one["user"] for one in told] == list(texts)
    assert [one["number"] for one in told] == list(range(1, len(texts) + 1))
    first, second, undone, length, export, after, alike, thanks, none = [o["turn"] for o in told]
    best = first["moments"][0]
    assert first["act"] == "videos"
    assert best["video"]["path"].endswith(question.video)
    span = Span(best["start_s"], best["end_s"])
    assert max(span.iou(one) for one in question.spans) > 0.3
    assert second["moments"][0]["video"] == first["moments"][1]["video"]
    assert undone["moments"] == first["moments"]
    assert f"{best['video']['duration_s']:.1f}".removesuffix(".0") in length["text"]
    assert export["memo"]["request"] == {"do": "export", "to": "csv"}
    (file,) = (tmp_path / "out").rglob("*.csv")
    assert question.video in file.read_text(encoding="utf-8-sig")
    assert str(file) in export["text"]
    assert after["act"] in ("moment", "say")
    assert alike["act"] == "videos"
    assert best["video"]["id"] not in [m["video"]["id"] for m in alike["moments"]]
    assert thanks["act"] == none["act"] == "say"
    assert not thanks["moments"]
    chinese = [any("\u4e00" <= c <= "\u9fff" for c in one["turn"]["text"]) for one in told]
    assert chinese == [lang == "zh"] * len(told)


def test_the_same_script_gives_the_same_answers(run, shelf, drawn, tmp_path):
    texts = (drawn[2][0].text, "the first one", drawn[2][1].text)
    words = ("chat", "-l", shelf, "--script", script(tmp_path, *texts), "--json", "--no-save")
    first, second = ([one["turn"] for one in lines(run(*words))] for _ in range(2))
    assert first == second


def test_nothing_fits_and_says_so(run, shelf, drawn, tmp_path):
    nothing = next(q for q in drawn[2] if q.topic == "nothing")
    (one,) = lines(
        run("chat", "-l", shelf, "--script", script(tmp_path, nothing.text), "--json", "--no-save")
    )
    assert one["turn"]["act"] == "say"
    assert one["conversation"] == ""


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_script_on_real_clips(run, real_chat_library, tmp_path, lang):
    texts = {
        "en": ("a dog on a skateboard", "shorter than 20 seconds", "how long is it?", "undo"),
        "zh": ("滑板上的狗", "20秒以内的", "它有多长？", "撤销"),
    }[lang]
    file = script(tmp_path, *texts, "dog_barking.mp4", *texts[2:3])
    told = lines(run("chat", "-l", real_chat_library, "--script", file, "--json", "--no-ask"))
    assert len(told) == 6
    first, shorter = told[0]["turn"], told[1]["turn"]
    assert first["moments"]
    for moment in shorter["moments"]:
        assert moment["video"]["duration_s"] <= 20
        assert 0 <= moment["start_s"] < moment["end_s"] <= moment["video"]["duration_s"] + 1e-6
    assert told[4]["turn"]["moments"][0]["video"]["path"].endswith("dog_barking.mp4")
    assert "7.2" in told[5]["turn"]["text"]


@pytest.fixture(scope="module")
def real_chat_library(real_videos, tmp_path_factory):
    from whenabouts import open_library
    from whenabouts.library.settings import IndexSettings

    path = tmp_path_factory.mktemp("real") / "real.lib"
    with open_library(path) as opened:
        opened.add(real_videos, settings=IndexSettings(passes=("keyframes",)))
    return path


def start(shelf, home, *words):
    """The program itself, on a pipe."""
    paths = {f"XDG_{n}_HOME": str(home / n.lower()) for n in ("CONFIG", "DATA", "STATE", "CACHE")}
    return subprocess.Popen(
        [sys.executable, "-m", "whenabouts", "chat", "-l", str(shelf), "--json", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **paths, "HOME": str(home), "PYTHONIOENCODING": "utf-8"},
    )


def test_a_pipe_is_answered_line_by_line_and_a_kill_loses_nothing(
    run, shelf, drawn, home, tmp_path
):
    """Killed right after an answer was read, and again while the next turn is on its way."""
    known = {entry.id for entry in every(shelf)}
    question = asked(drawn, "pictures", "en")
    child = start(shelf, home)
    child.stdin.write(f"{question.text}\n".encode())
    child.stdin.flush()
    first = json.loads(child.stdout.readline())
    assert first["turn"]["moments"][0]["video"]["path"].endswith(question.video)
    child.stdin.write(b"the third one\n" * 50)
    child.stdin.flush()
    child.stdout.readline()
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    (entry,) = [entry for entry in every(shelf) if entry.id not in known]
    assert entry.id == first["conversation"]
    assert entry.turns >= 4
    file = shelf / "conversations" / f"{entry.id}.jsonl"
    with file.open("ab") as writer:  # the crash of a machine leaves half a line
        writer.write(b'{"role": "user", "text": "the sec')
    ended = run(
        *("chat", "-l", shelf, "--resume", "last", "--json"),
        *("--script", script(tmp_path, "the first one", "when does it happen?")),
    )
    again, when = lines(ended)
    assert again["conversation"] == entry.id
    assert again["turn"]["moments"][0]["video"] == first["turn"]["moments"][0]["video"]
    assert when["turn"]["act"] == "moment"
    kept = run("chat", "-l", shelf, "--export", entry.id, "--json").json["turns"]
    assert len(kept) == entry.turns + 4
    assert kept[0]["text"] == question.text
    assert [one["role"] for one in kept] == ["user", "assistant"] * (len(kept) // 2)


def test_an_unanswered_turn_is_told_on_resuming(run, shelf, drawn, tmp_path):
    told = lines(run("chat", "-l", shelf, "--json", "--script", script(tmp_path, "hello")))
    file = shelf / "conversations" / f"{told[0]['conversation']}.jsonl"
    with file.open("ab") as writer:
        writer.write(b'{"role": "user", "text": "where is the star?"}\n')
    ended = run(
        "chat", "-l", shelf, "--resume", file.stem, "--script", script(tmp_path, "thanks"), "--json"
    )
    assert "where is the star?" in ended.err
    turns = run("chat", "-l", shelf, "--export", file.stem, "--json").json["turns"]
    assert [one["text"] for one in turns if one["role"] == "user"] == ["hello", "thanks"]


def test_list_export_and_replay(run, shelf, drawn, tmp_path):
    question = asked(drawn, "pictures", "zh")
    told = lines(
        run("chat", "-l", shelf, "--json", "--script", script(tmp_path, question.text, "第二个"))
    )
    name = told[0]["conversation"]
    listed = run("chat", "-l", shelf, "--list", "--json").json["conversations"]
    (mine,) = [one for one in listed if one["id"] == name]
    assert (mine["turns"], mine["title"]) == (4, question.text)
    assert name in run("chat", "-l", shelf, "--list").out
    shown = run("chat", "-l", shelf, "--export", name)
    assert f"**You:** {question.text}" in shown.out
    assert question.video in shown.out
    again = lines(run("chat", "-l", shelf, "--replay", name, "--json", "--no-save"))
    assert [one["turn"] for one in again] == [one["turn"] for one in told]


def test_a_plain_pipe_has_no_escapes(run, shelf, drawn, tmp_path):
    question = asked(drawn, "pictures", "en")
    ended = run("chat", "-l", shelf, "--script", script(tmp_path, question.text), "--no-save")
    assert ended.code == 0, ended.err
    assert question.video in ended.out
    assert "\x1b" not in ended.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--resume", "nothing-like-it"), "no conversation is called"),
        (("--export", "../../etc/passwd"), "no conversation is called"),
        (("--script", "not-there.txt"), "cannot be read"),
        (("--brain", "not-there"), "is no brain"),
        (("--brain", "ftp://x"), "is no brain"),
    ],
)
def test_refusals(run, shelf, words, told):
    ended = run("chat", "-l", shelf, *words)
    assert ended.code == 2
    assert told in ended.err
    assert not ended.out


def test_broken_files_do_not_hide_the_others(run, shelf, tmp_path):
    folder = shelf / "conversations"
    folder.mkdir(exist_ok=True)
    (folder / "0-broken.jsonl").write_bytes(b'{"format": 1}\nnot json\n')
    (folder / "0-newer.jsonl").write_bytes(b'{"format": 99}\n')
    (folder / "0-empty.jsonl").write_bytes(b"")
    told = lines(run("chat", "-l", shelf, "--json", "--script", script(tmp_path, "hello")))
    listed = run("chat", "-l", shelf, "--list", "--json").json["conversations"]
    assert told[0]["conversation"] in {one["id"] for one in listed}
    assert "0-broken" not in {one["id"] for one in listed}


RECIPE = Path(__file__).parents[2] / "recipes" / "tiny-ivcr.toml"
SMALL = (
    "loop.steps=2", "loop.precision=fp32", "loop.threads=1", "data.drawn_dialogues.videos=3",
    "data.drawn_dialogues.shelf=4", "data.drawn_dialogues.talks=1", "model.sizes.language.layers=1",
    "model.sizes.frame_qformer.layers=1", "model.answer.new_tokens=8", "guided.layer=0",
    "guided.numbers=false",
    "fresh.parts_of=''", "fresh.aligned=false",
    f"fresh.tokenizer={shipped_folder('tiny-vtgllm')}/tokenizer.model",
)  # fmt: skip


def test_a_model_of_dialogues_is_trained_and_talked_to(run, shelf, drawn, tmp_path):
    """The recipe of tiny IVCR for two steps: what comes out is a brain."""
    ended = run("train", RECIPE, *SMALL)
    assert ended.code == 0, ended.err
    told = next(line for line in ended.out.splitlines() if line.startswith("talk to it: "))
    brain = told.rpartition("--brain ")[2]
    question = asked(drawn, "pictures", "en")
    file = script(tmp_path, question.text, "when does that happen?", "第一个", "thanks")
    turns = [
        one["turn"]
        for one in lines(run("chat", "-l", shelf, "--brain", brain, "--script", file, "--json"))
    ]
    assert {m["video"]["path"].rpartition("/")[2] for m in turns[0]["moments"]} >= {question.video}
    assert len(turns[0]["moments"]) > 1
    assert turns[1]["act"] in ("moment", "say")
    assert turns[3]["act"] == "say"


def test_the_small_ivcr_looks_picks_and_says_what_it_knows(run, shelf, drawn, tmp_path):
    question = asked(drawn, "pictures", "zh")
    file = script(tmp_path, question.text, "它什么时候出现？", "thanks")
    told = run("chat", "-l", shelf, "--brain", "tiny-ivcr", "--script", file, "--json")
    assert told.code == 0, told.err
    assert "tiny-ivcr knows drawn shapes only" in told.err
    turns = [one["turn"] for one in lines(told)]
    picked = turns[0]["moments"][0]
    said = [why["text"] for why in picked["evidence"] if "video" in why["text"]]
    assert any(re.search(r"video \d", text) for text in said), picked["evidence"]
    assert turns[1]["act"] in ("moment", "say")
    assert turns[2]["act"] == "say"
