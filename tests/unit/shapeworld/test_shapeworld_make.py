import csv
import json
import pickle
import re

import pytest

from whenabouts.errors import InputError
from whenabouts.media.decode import read_frames
from whenabouts.media.probe import probe
from whenabouts.shapeworld.collection import draw_scripts
from whenabouts.shapeworld.make import FORMS, make
from whenabouts.shapeworld.scene import Plan, draw_script
from whenabouts.shapeworld.subtitles import spoken, srt

SHORT_S = (5.0, 6.5)


def lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A small folder of every form."""
    root = tmp_path_factory.mktemp("made")
    for form in FORMS:
        make(root / form, form, videos=3, seed=2, duration_s=SHORT_S)
    return root


def test_library_has_videos_with_queries_and_their_truth(folders):
    folder = folders / "library"
    facts = {line["video"]: line for line in lines(folder / "videos.jsonl")}
    assert sorted(path.name for path in folder.glob("*.mp4")) == sorted(facts)
    for name, fact in facts.items():
        info = probe(folder / name)
        assert (info.width, info.height) == (fact["width"], fact["height"])
        assert info.duration_s == pytest.approx(fact["duration_s"], abs=1.5 / fact["fps"])
    truth = lines(folder / "truth.jsonl")
    assert {"moment", "video", "coarse", "absent"} <= {line["kind"] for line in truth}
    assert {line["lang"] for line in truth} == {"en", "zh"}
    for line in truth:
        assert (line["answers"] == {}) == (line["kind"] == "absent")
        for name, spans in line["answers"].items():
            for start_s, end_s in spans:
                assert 0 <= start_s < end_s <= facts[name]["duration_s"] + 0.001


def test_drawn_videos_decode_to_what_was_drawn(folders):
    folder = folders / "library"
    fact = lines(folder / "videos.jsonl")[0]
    info = probe(folder / fact["video"])
    video = info.video(folder / fact["video"], "x")
    frames = list(read_frames(video, rate_hz=1.0))
    assert sum(len(part) for part in frames) == pytest.approx(fact["duration_s"], abs=1)
    assert frames[0].pixels.std() > 0


def test_msrvtt(folders):
    target = folders / "msrvtt" / "msrvtt_data"
    data = json.loads((target / "MSRVTT_data.json").read_text("utf-8"))
    train = [
        row["video_id"]
        for row in csv.DictReader((target / "MSRVTT_train.9k.csv").read_text("utf-8").splitlines())
    ]
    tests = list(
        csv.DictReader((target / "MSRVTT_JSFUSION_test.csv").read_text("utf-8").splitlines())
    )
    assert list(tests[0]) == ["key", "vid_key", "video_id", "sentence"]
    names = [video["video_id"] for video in data["videos"]]
    assert set(train) | {row["video_id"] for row in tests} == set(names)
    assert not set(train) & {row["video_id"] for row in tests}
    for name in names:
        assert (folders / "msrvtt" / "videos" / "all" / f"{name}.mp4").is_file()
        said = [s["caption"] for s in data["sentences"] if s["video_id"] == name]
        assert len(said) == len(set(said)) == 20
    full = {video["video_id"]: video["split"] for video in data["videos"]}
    seven = (target / "MSRVTT_train.7k.csv").read_text("utf-8").split()[1:]
    assert set(seven) == {name for name in names if full[name] in ("train", "validate")}
    assert all(full[row["video_id"]] == "test" for row in tests)
    numbers = [sentence["sen_id"] for sentence in data["sentences"]]
    assert numbers == list(range(len(numbers)))


def test_msvd(folders):
    folder = folders / "msvd"
    table = pickle.loads((folder / "raw-captions.pkl").read_bytes())
    listed = [
        name
        for split in ("train", "val", "test")
        for name in (folder / f"{split}_list.txt").read_text().split()
    ]
    assert sorted(listed) == sorted(table)
    assert {path.stem for path in (folder / "YouTubeClips").iterdir()} == set(listed)
    for said in table.values():
        assert all(isinstance(word, str) for caption in said for word in caption)


def test_lsmdc(folders):
    folder = folders / "lsmdc"
    clips = {path.stem for path in folder.glob("avi/*/*.mp4")}
    names = ("annos_training", "annos_val", "challenge_1000_publictect")
    rows = [
        row.split("\t")
        for name in names
        for row in (folder / f"LSMDC16_{name}.csv").read_text("utf-8").splitlines()
    ]
    assert {row[0] for row in rows} == clips
    for row in rows:
        assert len(row) == 6
        assert all(re.fullmatch(r"\d\d\.\d\d\.\d\d\.\d{3}", cell) for cell in row[1:5])


def test_charades_sta(folders):
    folder = folders / "charades-sta"
    for split in ("train", "test"):
        table = csv.DictReader(
            (folder / f"Charades_v1_{split}.csv").read_text("utf-8").splitlines()
        )
        lengths = {row["id"]: float(row["length"]) for row in table}
        assert lengths
        for line in (folder / f"charades_sta_{split}.txt").read_text("utf-8").splitlines():
            head, text = line.split("##")
            name, start_s, end_s = head.split(" ")
            assert 0 <= float(start_s) < float(end_s) <= lengths[name] + 0.05
            assert text.endswith(".")
            assert (folder / "Charades_v1_480" / f"{name}.mp4").is_file()


def test_qvhighlights(folders):
    folder = folders / "qvhighlights"
    truth = lines(folder / "highlight_test_truth.jsonl")
    told = lines(folder / "highlight_test_release.jsonl")
    assert [line["qid"] for line in truth] == [line["qid"] for line in told]
    assert all("relevant_windows" not in line for line in told)
    everything = [*lines(folder / "highlight_train_release.jsonl"), *truth]
    assert everything
    for line in everything:
        clips = line["relevant_clip_ids"]
        covered = [
            n for start, end in line["relevant_windows"] for n in range(start // 2, end // 2)
        ]
        assert covered == clips
        assert len(line["saliency_scores"]) == len(clips)
        assert all(len(marks) == 3 for marks in line["saliency_scores"])
        assert all(0 <= mark <= 4 for marks in line["saliency_scores"] for mark in marks)
        assert max(clips) < line["duration"] / 2
        assert (folder / "videos" / f"{line['vid']}.mp4").is_file()


def test_activitynet(folders):
    folder = folders / "activitynet"
    for split, name in (("train", "train"), ("val", "val_1")):
        table = json.loads((folder / f"{name}.json").read_text("utf-8"))
        assert json.loads((folder / f"{split}_ids.json").read_text()) == list(table)
        for video, entry in table.items():
            assert video.startswith("v_")
            assert (folder / "videos" / f"{video}.mp4").is_file()
            assert len(entry["timestamps"]) == len(entry["sentences"]) > 0
            assert all(0 <= a < b <= entry["duration"] for a, b in entry["timestamps"])


def test_didemo(folders):
    folder = folders / "didemo"
    for split in ("train", "val", "test"):
        table = json.loads((folder / f"{split}_data.json").read_text("utf-8"))
        listed = (folder / f"{split}_list.txt").read_text("utf-8").split()
        assert {entry["video"] for entry in table} == set(listed) != set()
        for entry in table:
            assert (folder / "videos" / entry["video"]).is_file()
            assert entry["description"]
            assert len(entry["times"]) == 4
            assert all(0 <= a <= b < entry["num_segments"] for a, b in entry["times"])


def test_the_same_seed_writes_the_same_folder(folders, tmp_path):
    make(tmp_path / "again", "msvd", videos=3, seed=2, duration_s=SHORT_S)
    for path in (folders / "msvd").rglob("*"):
        if path.is_file():
            other = tmp_path / "again" / path.relative_to(folders / "msvd")
            assert other.read_bytes() == path.read_bytes(), path.name


def test_chinese_captions_where_the_form_has_one_language(tmp_path):
    make(tmp_path / "zh", "activitynet", videos=1, seed=3, lang="zh", duration_s=SHORT_S)
    table = json.loads((tmp_path / "zh" / "train.json").read_text("utf-8"))
    sentences = [text for entry in table.values() for text in entry["sentences"]]
    assert all("色" in text and text.endswith("。") for text in sentences)


def test_mistakes_are_told(tmp_path):
    with pytest.raises(InputError, match="known: activitynet"):
        make(tmp_path / "x", "imagenet")
    with pytest.raises(InputError, match="at least 1"):
        make(tmp_path / "x", videos=0)
    with pytest.raises(InputError, match="known: en, zh"):
        make(tmp_path / "x", lang="fr")
    (tmp_path / "file").write_text("here")
    with pytest.raises(InputError, match="not empty"):
        make(tmp_path)


def test_splits_get_their_shares():
    scripts = draw_scripts(10, 1, Plan(), (0.7, 0.1, 0.2))
    assert [script.split for script in scripts] == ["train"] * 7 + ["val"] + ["test"] * 2
    assert [script.split for script in draw_scripts(1, 1, Plan(), (0.0, 0.0, 1.0))] == ["test"]


def test_subtitles_are_written_as_subrip():
    script = next(
        script
        for script in (draw_script(seed, plan=Plan(text_share=1.0)) for seed in range(9))
        if len(script.scenes) > 1
    )
    text = srt(spoken(script))
    assert text.startswith("1\n00:00:0")
    assert len(re.findall(r"-->", text)) == len(script.scenes)
