"""`data convert` and `data check` of what video LLMs learn from."""

import json

from whenabouts.data.instruct.records import read_records


def test_a_drawn_dataset_becomes_instructions_and_is_checked(run, tmp_path):
    made = ["--as", "charades-sta", "--videos", "4", "--shortest", "5", "--longest", "6"]
    assert run("shapes", "make", "set", *made).code == 0
    ready = run("data", "check", "charades-sta", "set", "--json")
    assert ready.code == 0
    assert ready.json["splits"][1]["missing_files"] == ["set/charades_sta_val.txt"]

    videos = ["--videos", "set/Charades_v1_480"]
    ended = run("data", "convert", "charades-sta", "set", "--out", "it/instruct_tvg.json", *videos)
    assert ended.code == 0, ended.err
    found = read_records(tmp_path / "it" / "instruct_tvg.json")
    assert f"{len(found):,} records of charades-sta" in ended.out
    told = run("data", "check", "instructions", "it/instruct_tvg.json", *videos)
    assert told.code == 0, told.out
    assert f"{len(found):,} records" in told.out

    again = ["instructions", "it", "--out", "tokens.json", "--as", "vtg-it"]
    assert run("data", "convert", *again).code == 0
    spelt = read_records(tmp_path / "tokens.json")
    assert [one.numbered("plain") for one in spelt] == found

    lines = json.loads((tmp_path / "it" / "instruct_tvg.json").read_text("utf-8"))
    lines[0]["QA"][0]["a"] = "The given query happens in 1.0 - 99.0 seconds."
    lines[1]["video"] = "gone.mp4"
    (tmp_path / "bad.json").write_text(json.dumps(lines), "utf-8")
    broken = run("data", "check", "instructions", "bad.json", *videos, "--json")
    assert broken.code == 1
    assert broken.json["missing_videos"] == ["gone.mp4"]
    (beyond,) = broken.json["beyond"]
    assert (beyond["video"], beyond["time_s"]) == (lines[0]["video"], 99.0)
    assert "99.0 s" in run("data", "check", "instructions", "bad.json", *videos).out


def test_chinese_questions_from_a_dataset(run, tmp_path):
    made = ["--as", "didemo", "--videos", "3", "--shortest", "5", "--longest", "6", "--lang", "zh"]
    assert run("shapes", "make", "set", *made).code == 0
    ended = run("data", "convert", "didemo", "set", "-o", "zh.json", "--lang", "zh", "--json")
    assert ended.code == 0
    assert ended.json["records"] == len(read_records(tmp_path / "zh.json")) > 0
    assert all("秒" in turn for one in read_records(tmp_path / "zh.json") for turn in one.turns[0])


def test_raw_lines_become_instructions(run, tmp_path):
    shape = '{"events": ["a"]} and {"events": ["b"]}'
    line = {"path": "v/a.mp4", "prompt": shape, "response": '{"events": ["0:05 - 0:10, it ends"]}'}
    (tmp_path / "raw.jsonl").write_text(json.dumps(line) + "\n" + '{"path": "x"}\n')
    ended = run("data", "convert", "vtg-it-raw", "raw.jsonl", "--task", "tvg", "-o", "mr.json")
    assert ended.code == 0, ended.err
    assert "1 of 2 lines tell nothing" in ended.out
    (record,) = read_records(tmp_path / "mr.json")
    assert record.turns[0][1] == "5 - 10 seconds, it ends."


def test_the_end_of_a_video_and_what_is_said_in_it(run, tmp_path):
    made = ["--as", "didemo", "--videos", "3", "--shortest", "6", "--longest", "6"]
    assert run("shapes", "make", "set", *made).code == 0
    video = next((tmp_path / "set" / "videos").glob("*.mp4"))
    shape = '{"events": ["a"]} and {"events": ["b"]}'
    line = {"path": video.name, "prompt": shape, "response": '{"events": ["3 - end, it goes"]}'}
    (tmp_path / "raw.jsonl").write_text(json.dumps(line) + "\n")
    raw = ["vtg-it-raw", "raw.jsonl", "-o", "raw.json"]
    assert "nothing in raw.jsonl" in run("data", "convert", *raw).err
    assert run("data", "convert", *raw, "--videos", "set/videos").code == 0
    (record,) = read_records(tmp_path / "raw.json")
    assert record.turns[0][1] == "3 - 6.0 seconds, it goes."

    said = "0.00\t1.00\tthe first one here\n1.00\t2.00\tand now we stir\n2.00\t3.00\tah\n"
    (tmp_path / "said").mkdir()
    for at in (tmp_path / "set" / "videos").glob("*.mp4"):
        (tmp_path / "said" / f"{at.stem}.tsv").write_text(said)
    spoken = ["didemo", "set", "-o", "it.json", "--transcripts", "said"]
    assert run("data", "convert", *spoken).code == 0
    told = "Transcribed speech: 1.0 - 2.0 seconds, and now we stir.  Based on the video content"
    assert all(one.turns[0][0].startswith(told) for one in read_records(tmp_path / "it.json"))


def test_what_cannot_be_converted_is_refused(run):
    assert "known: activitynet" in run("data", "convert", "imagenet", ".", "-o", "x.json").err
    refused = run("data", "convert", "coin", ".", "-o", "x.json")
    assert refused.code == 2
    assert "COIN.json" in refused.err
    assert "data check coin" in refused.err
    told = run("data", "check", "coin", ".")
    assert told.code == 1
    assert "cannot be converted" in told.out
    lost = run("data", "convert", "instructions", ".", "-o", "x.json", "--videos", ".")
    assert "takes no folder" in lost.err
