"""Dialogues from drawing to candidates: `shapes make --as ivcr`, `index`, `data prepare ivcr`."""

from whenabouts.data.dialogues import CHAT, read, to_evaluate
from whenabouts.models.dialogue_text import video_number


def test_candidates_come_from_the_search(run, tmp_path):
    small = ["--videos", "8", "--shortest", "5", "--longest", "6", "--seed", "4"]
    assert run("shapes", "make", "drawn", "--as", "ivcr", *small).code == 0
    assert run("index", "drawn/videos", "-l", "lib").code == 0
    args = ["data", "prepare", "ivcr", "drawn", "-l", "lib", "--out", "new.json"]
    ended = run(*args, "--videos", "drawn/videos", "--candidates", "3", "--json")
    assert ended.code == 0, ended.err
    told = ended.json
    before, after = read(tmp_path / "drawn"), read(tmp_path / "new.json")
    assert len(before) == len(after) == told["dialogues"]
    asked = first = 0
    for old, new in zip(before, after, strict=True):
        assert [pair.text for pair in old.rounds] == [pair.text for pair in new.rounds]
        if new.kind == CHAT:
            assert new == old
            continue
        for answer in (pair.answer for pair in new.rounds):
            assert len(set(answer.candidates)) == len(answer.candidates) <= 4
            number = video_number(answer.text)
            if answer.span is None:
                asked += 1
                first += answer.candidates[:1] == (answer.video,)
                if answer.video in answer.candidates:
                    assert answer.candidates[number - 1] == answer.video
                else:
                    assert new.split == "test"
    assert (told["asked"], told["first"]) == (asked, first)
    assert 0 < told["first"] <= told["among"] <= asked
    assert told["put_in"] <= asked - told["among"]
    assert 0 < len(to_evaluate(after)) <= len(to_evaluate(before))
    elsewhere = run(*args, "--videos", "lib")
    assert elsewhere.code == 2
    assert "index that folder first" in elsewhere.err
