"""`whenabouts score` on small files in the published forms."""

import json


def put(folder, name, value):
    (folder / name).write_text(json.dumps(value), encoding="utf-8")
    return name


def test_moments_are_scored_from_answers(run, tmp_path):
    truth = {"annotations": [{"id": n, "timestamp": [2.0, 6.0]} for n in range(2)]}
    told = [
        {"id": 0, "generated_cap": "The given query happens in 2.0 - 6.0 seconds."},
        {"id": 1, "generated_cap": "I do not know."},
    ]
    files = ["--predictions", put(tmp_path, "told.json", told)]
    files += ["--references", put(tmp_path, "truth.json", truth)]
    ended = run("score", "moment-retrieval", *files, "--json")
    assert ended.code == 0, ended.err
    assert ended.json["command"] == "score moment-retrieval"
    assert ended.json["figures"]["R@1 IoU=0.7"] == 50.0
    assert ended.json["intervals"]["mIoU"] == [0.0, 100.0]
    table = run("score", "moment-retrieval", *files, "--answers", "strict")
    assert "R@1 IoU=0.5" in table.out
    assert "1 answers hold no window" in table.err


def test_captions_are_scored_without_java(run, tmp_path):
    truth = {"v": {"duration": 9.0, "timestamps": [[0, 5]], "sentences": ["a dog runs."]}}
    told = {"results": {"v": [{"timestamp": [0, 5], "sentence": "a dog runs."}]}}
    files = ["--predictions", put(tmp_path, "told.json", told)]
    files += ["--references", put(tmp_path, "truth.json", truth)]
    ended = run("score", "dense-captioning", *files, "--meteor", "no", "--json")
    assert ended.code == 0, ended.err
    assert round(ended.json["figures"]["SODA_d"], 3) == 100.0
    assert any("no METEOR" in line for line in ended.json["notes"])
    refused = run("score", "dense-captioning", *files, "--meteor", "yes", "--jars", tmp_path)
    assert refused.code == 2
    assert "Java" in refused.err or "meteor-1.5.jar" in refused.err


def test_files_that_do_not_fit_are_refused(run, tmp_path):
    bad = put(tmp_path, "bad.json", {"annotations": []})
    for task in ("moment-retrieval", "highlights", "summarisation", "multiple-choice"):
        ended = run("score", task, "--predictions", bad, "--references", bad)
        assert ended.code == 2, task
        assert ended.err.strip(), task


def test_drawn_datasets_are_references(run, tmp_path):
    """What `shapes make` writes can be scored; telling the truth gives full marks."""
    small = ["--videos", "2", "--shortest", "8", "--longest", "10"]
    for form in ("charades-sta", "qvhighlights", "activitynet"):
        assert run("shapes", "make", form, "--as", form, *small).code == 0

    truth = "charades-sta/charades_sta_test.txt"
    lines = (tmp_path / truth).read_text().splitlines()
    told = {
        str(n): {"timestamp": [[float(t) for t in line.split("##")[0].split()[1:3]]]}
        for n, line in enumerate(lines)
    }
    files = ["--predictions", put(tmp_path, "moments.json", told), "--references", truth]
    found = run("score", "moment-retrieval", *files, "--json").json["figures"]
    assert found["R@1 IoU=0.7"] == found["mIoU"] == 100.0

    truth = "qvhighlights/highlight_val_release.jsonl"
    rows = [json.loads(line) for line in (tmp_path / truth).read_text().splitlines()]
    told = [
        {"qid": row["qid"], "pred_relevant_windows": [[*w, 1] for w in row["relevant_windows"]]}
        for row in rows
    ]
    for row, mine in zip(rows, told, strict=True):
        ratings = dict(zip(row["relevant_clip_ids"], row["saliency_scores"], strict=True))
        clips = range(int(row["duration"] / 2))
        mine["pred_saliency_scores"] = [sum(ratings.get(clip, [0])) for clip in clips]
    files = ["--predictions", put(tmp_path, "told.json", told), "--references", truth]
    found = run("score", "highlights", *files, "--json").json["figures"]
    assert found["MR-full-mAP"] == found["MR-full-R1@0.7"] == 100.0
    assert found["HL-min-Fair-mAP"] > 90

    truth = "activitynet/val_2.json"
    told = {
        video: [
            {"timestamp": window, "sentence": sentence}
            for window, sentence in zip(row["timestamps"], row["sentences"], strict=True)
        ]
        for video, row in json.loads((tmp_path / truth).read_text()).items()
    }
    files = ["--predictions", put(tmp_path, "captions.json", told), "--references", truth]
    scored = run("score", "dense-captioning", *files, "--meteor", "no", "--json")
    assert scored.code == 0, scored.err
    assert scored.json["figures"]["F1@0.9"] > 99
    assert scored.json["figures"]["SODA_d"] > 99


def dialogue_entry(number, answers):
    """One test dialogue; `answers` are (gold text, gold video, gold window)."""
    said = []
    for turn, (text, video, window) in enumerate(answers):
        said.append({"from": "human", "value": f"words {number} {turn}", "text_id": ""})
        videos = [video, *(v for v in "abcdefghij" if v != video)]
        if window is None and "video 2" in text:
            videos[:2] = [videos[1], videos[0]]
        said.append(
            {"from": "gpt", "value": text, "video_id": video, "candidate_videos": videos}
            | {"gt_se": [-1, -1] if window is None else window}
        )
    return {"split": "test", "type": [3], "conversations": said}


def test_dialogues_are_scored_beside_the_published_script(run, tmp_path):
    moment = ("It happens in video 2 at 2.0s-6.0s.", "c", [2.0, 6.0])
    truth = [dialogue_entry(n, [("It is video 2. Yes.", "c", None), moment]) for n in range(3)]
    told = [
        {"dialogue": n, "turn": turn, "output": text}
        for n, texts in enumerate(
            [
                ("It is video 2. Sure.", "It happens in video 2 at 2s-6s."),
                ("It is video 1. Sure.", "It happens in video 2 at 2s-6s."),
                ("第2个视频。", "从2秒到3秒"),
            ]
        )
        for turn, text in enumerate(texts, 1)
    ]
    files = ["--predictions", put(tmp_path, "told.json", told)]
    files += ["--references", put(tmp_path, "truth.json", truth)]
    ended = run("score", "dialogue", *files, "--json")
    assert ended.code == 0, ended.err
    found = ended.json["figures"]
    assert round(found["turn 1.video R@1"], 1) == 66.7
    assert found["video R@5"] == 100.0
    assert round(found["turn 2.moment R@1 IoU=0.5"], 1) == 66.7
    assert round(found["propagated.moment R@1 IoU=0.5"], 1) == 33.3
    # The published script reads no Chinese and never scores the first sample of a kind.
    assert found["official.video R@1"] == 0.0
    assert round(found["official, first ones scored.video R@1"], 1) == 33.3
    assert round(found["official.moment R@1 IoU=0.5"], 1) == 33.3
    published = run("score", "dialogue", *files, "--answers", "ivcr", "--json").json["figures"]
    assert round(published["video R@1"], 1) == 33.3
    assert round(published["not answered"], 1) == round(100 / 3, 1)
    short = put(tmp_path, "short.json", [{"user_q": "words 0 0", "output": "video 1"}])
    refused = run("score", "dialogue", "--predictions", short, *files[2:])
    assert refused.code == 2
    assert "6 turns" in refused.err
