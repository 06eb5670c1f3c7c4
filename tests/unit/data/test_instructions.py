"""Instructions from annotation files as they are published, in small."""

import io
import json
import pickle
import re
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from whenabouts import catalog
from whenabouts.data.instruct.convert import ConvertSettings, convert_dataset
from whenabouts.data.instruct.matlab import read_numbers
from whenabouts.data.instruct.records import Record, read_records, spell_times, write_records
from whenabouts.data.instruct.summaries import best_parts
from whenabouts.data.settings import DataSettings
from whenabouts.errors import DataError, InputError
from whenabouts.models.time_tokens import plain_times, spell_time


def put(folder: Path, name: str, content) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    else:
        path.write_text(json.dumps(content), encoding="utf-8")


def mat(**arrays) -> bytes:
    """A MATLAB file of level 5 with compressed arrays of numbers, and one of text."""

    def element(kind: int, data: bytes) -> bytes:
        padding = b"" if kind == 15 else b"\0" * (-len(data) % 8)
        return struct.pack("<II", kind, len(data)) + data + padding

    def matrix(name: str, kind: int, values: np.ndarray, number: int) -> bytes:
        flags = element(6, struct.pack("<II", kind, 0))
        shape = element(5, np.array(values.shape, "<i4").tobytes())
        named = element(1, name.encode())
        numbers = element(number, values.astype(f"<{'f8' if number == 9 else 'u2'}").tobytes("F"))
        return element(15, zlib.compress(element(14, flags + shape + named + numbers)))

    parts = [matrix("all_userIDs", 4, np.array([[104, 105]]), 4)]
    parts += [matrix(name, 6, np.atleast_2d(values), 9) for name, values in arrays.items()]
    return (
        b"MATLAB 5.0 MAT-file".ljust(124, b" ")
        + struct.pack("<H", 0x0100)
        + b"IM"
        + b"".join(parts)
    )


def charades(folder):
    put(
        folder,
        "charades_sta_train.txt",
        "3MSZA 24.3 30.4##person turn a light on.\nB 1.0 0.5##x.\n",
    )


def didemo(folder):
    times = [[1, 1], [1, 2], [1, 2], [0, 2]]
    put(folder, "train_data.json", [{"video": "a.mov", "description": "a cat", "times": times}])


def queryd(folder):
    put(folder, "train_list.txt", "video-v1\nvideo-v2\n")
    texts = {"video-v1": ["a man sits", ["it", "rains"]], "video-v2": ["too late"]}
    spans = {"video-v1": [[3.04, 9.26], [7.0, 7.0]], "video-v2": [[299.0, 301.0]]}
    put(folder, "raw_captions_combined_filtered-v2.pkl", pickle.dumps(texts))
    put(folder, "times_captions_combined_filtered-v2.pkl", pickle.dumps(spans))


def hirest(folder):
    video = {"relevant": True, "clip": True, "v_duration": 90, "bounds": [10, 80]}
    step = {"index": 0, "heading": "boil the eggs", "absolute_bounds": [12, 20.5]}
    table = {"Make egg salad": {"v.mp4": {**video, "steps": [step]},
                                "w.mp4": {**video, "clip": False, "steps": []}}}  # fmt: skip
    put(folder, "all_data_train.json", table)


def activitynet(folder):
    sentences = ["A man stands.", " He has a grill. "]
    spans = [[0, 7.9], [8.9, 21.5]]
    video = {"duration": 20.0, "timestamps": spans, "sentences": sentences}
    put(folder, "train.json", {"v_a": video})


def youcook2(folder):
    segments = [{"segment": [90, 102], "id": 0, "sentence": "spread margarine"}]
    trained = {"subset": "training", "duration": 200.0, "annotations": segments}
    database = {"y1": trained, "y2": {**trained, "subset": "validation"}}
    put(folder, "youcookii_annotations_trainval.json", {"database": database})


def coin(folder):
    segments = [{"segment": [9.0, 12.0], "id": "1", "label": "remove the cap"}]
    video = {"subset": "training", "class": "X", "duration": 60.0, "annotation": segments}
    put(folder, "COIN.json", {"database": {"c1": video}})


def vitt(folder):
    tags = [{"timestamp": 260, "tag": "Opening"}, {"timestamp": 16000, "tag": "Showing tools"}]
    lines = [{"id": "FmTp", "annotations": tags}, {"id": "FmTp", "annotations": tags[:1]}]
    put(folder, "ViTT-annotations.json", "".join(json.dumps(line) + "\n" for line in lines))
    put(folder, "train_id.txt", "FmTp\n")


def qvhighlights(folder):
    line = {"qid": 1, "query": "a girl cooks", "duration": 150, "vid": "q_0.0_150.0",
            "relevant_windows": [[82, 86]], "relevant_clip_ids": [41, 42],
            "saliency_scores": [[1, 1, 2], [2, 1, 4]]}  # fmt: skip
    put(folder, "highlight_train_release.jsonl", json.dumps(line) + "\n")


def tvsum(folder):
    put(
        folder,
        "ydata-tvsum50-info.tsv",
        "category\tvideo_id\ttitle\turl\tlength\nVT\tt1\tT\tu\t0:20\n",
    )
    marks = [1] * 10 + [5] * 2 + [1] * 28
    rows = [marks, [min(5, mark + 1) for mark in marks]]
    text = "".join(f"t1\tVT\t{','.join(map(str, row))}\n" for row in rows)
    put(folder, "ydata-tvsum50-anno.tsv", text)


def summe(folder):
    scores = np.zeros((100, 1))
    scores[40:60] = 0.5
    put(folder, "GT/Jump.mat", mat(gt_score=scores, FPS=np.array([[10.0]])))


WRITTEN = {
    "charades-sta": (charades, "The given query happens in 24.3 - 30.4 seconds."),
    "didemo": (didemo, "The given query happens in 5.0 - 15.0 seconds."),
    "queryd": (queryd, "The given query happens in 3.0 - 9.3 seconds."),
    "hirest-grounding": (hirest, "The given query happens in 10.0 - 80.0 seconds."),
    "hirest-step": (hirest, "12.0 - 20.5 seconds, boil the eggs."),
    "activitynet": (
        activitynet,
        "0.0 - 7.9 seconds, A man stands.  8.9 - 20.0 seconds, He has a grill.",
    ),
    "youcook2": (youcook2, "90.0 - 102.0 seconds, spread margarine."),
    "coin": (coin, "9.0 - 12.0 seconds, remove the cap."),
    "vitt": (vitt, "0.3 seconds, Opening.  16.0 seconds, Showing tools."),
    "qvhighlights": (
        qvhighlights,
        "There are 2 highlight moments in the 82.0, 84.0 second. "
        "Their saliency scores are 1.3, 2.3.",
    ),
    "tvsum": (
        tvsum,
        "The highlight timestamps are in the 4.0 seconds. Their saliency scores are 3.2.",
    ),
    "summe": (
        summe,
        "The highlight timestamps are in the 4.0 seconds. Their saliency scores are 3.0.",
    ),
}
"""How each dataset looks on disk, and the first answer that comes of it."""


def test_all_datasets_are_tried():
    assert set(WRITTEN) == set(catalog.PARTS["instructions"])


@pytest.mark.parametrize("name", WRITTEN)
def test_answers_of_a_dataset(name, tmp_path):
    write, first = WRITTEN[name]
    write(tmp_path)
    found = convert_dataset(name, tmp_path)
    ((question, answer),) = found.records[0].turns
    assert answer == first
    assert found.records[0].source == name
    assert found.records[0].video.endswith((".mp4", ".mov"))
    assert "{" not in question
    again = convert_dataset(name, tmp_path)
    assert again.records == found.records, "the same seed asks the same"


@pytest.mark.parametrize("name", WRITTEN)
def test_time_tokens_say_the_same_times(name, tmp_path):
    WRITTEN[name][0](tmp_path)
    plain = convert_dataset(name, tmp_path).records[0].turns[0][1]
    told = convert_dataset(name, tmp_path, settings=ConvertSettings(style="vtg-it"))
    answer = told.records[0].turns[0][1]
    assert "<TIME_" in answer
    times = re.findall(r"\d{4}\.\d", plain_times(answer))
    assert times
    assert all(str(float(time)) in plain for time in times)


@pytest.mark.parametrize("name", WRITTEN)
def test_chinese_questions_and_forms(name, tmp_path):
    WRITTEN[name][0](tmp_path)
    (question, answer), *_ = (
        convert_dataset(name, tmp_path, settings=ConvertSettings(lang="zh")).records[0].turns
    )
    assert any("一" <= letter <= "鿿" for letter in question)
    assert "秒" in answer
    assert "seconds" not in question + answer


def test_what_is_left_out_is_told(tmp_path):
    charades(tmp_path)
    assert convert_dataset("charades-sta", tmp_path).notes == (
        "1 of 2 end before they start and are left out",
    )
    put(tmp_path, "videos/3MSZA.webm", b"")
    places = DataSettings(videos=tmp_path / "videos")
    found = convert_dataset("charades-sta", tmp_path, places=places)
    assert [record.video for record in found.records] == ["3MSZA.webm"]
    assert found.notes == ("1 of 2 have no file of their video and are left out",)


def test_queries_of_one_time_ask_for_no_end(tmp_path):
    queryd(tmp_path)
    found = convert_dataset("queryd", tmp_path)
    assert found.records[1].turns[0][1] == "The given query happens in 7.0 seconds."
    for seed in range(20):
        asked = convert_dataset("queryd", tmp_path, settings=ConvertSettings(seed=seed))
        assert "end" not in asked.records[1].turns[0][0].replace("it rains", "")
    assert any("300 s" in note for note in found.notes)


def test_texts_without_their_own_times_are_left_out_and_told(tmp_path):
    queryd(tmp_path)
    spans = {"video-v1": [[3.04, 9.26]], "video-v2": [[1.0, 3.0]]}
    put(tmp_path, "times_captions_combined_filtered-v2.pkl", pickle.dumps(spans))
    found = convert_dataset("queryd", tmp_path)
    assert [Path(record.video).stem for record in found.records] == ["v2"]
    assert any("other numbers of texts and times" in note for note in found.notes)


def test_highlights_of_vtg_it_are_told_one_by_one(tmp_path):
    qvhighlights(tmp_path)
    settings = ConvertSettings(style="vtg-it", format_share=1.0)
    ((question, answer),) = (
        convert_dataset("qvhighlights", tmp_path, settings=settings).records[0].turns
    )
    assert answer == (
        f"{spell_time(82)} seconds, significance score: 1.3, a girl cooks. "
        f"{spell_time(84)} seconds, significance score: 2.3, a girl cooks."
    )
    assert "significance score" in question


def test_damaged_files_are_named(tmp_path):
    put(tmp_path, "charades_sta_train.txt", "no span here\n")
    with pytest.raises(DataError, match=r"line 1 of .*charades_sta_train\.txt"):
        convert_dataset("charades-sta", tmp_path)
    with pytest.raises(DataError, match="lacks 1 annotation file"):
        convert_dataset("coin", tmp_path)
    with pytest.raises(InputError, match=r"unknown instructions 'coins'; known: .*coin"):
        convert_dataset("coins", tmp_path)
    put(tmp_path, "GT/Jump.mat", mat(gt_score=np.ones((4, 1)))[:-7])
    with pytest.raises(DataError, match=r"Jump\.mat"):
        convert_dataset("summe", tmp_path)
    put(tmp_path, "GT/Jump.mat", b"MATLAB 7.3 MAT-file, HDF5")
    with pytest.raises(DataError, match="level 5"):
        convert_dataset("summe", tmp_path)


def test_numbers_of_a_matlab_file(tmp_path):
    values = np.arange(6.0).reshape(2, 3)
    put(tmp_path, "a.mat", mat(gt_score=values, FPS=np.array([[25.0]])))
    found = read_numbers(tmp_path / "a.mat")
    assert set(found) == {"gt_score", "FPS"}, "text is passed over"
    assert np.array_equal(found["gt_score"], values)


def test_the_best_parts_of_a_video():
    scores = np.zeros(1000)
    scores[[105, 405]] = 7.0
    peaks = best_parts(scores, 25.0)
    assert len(peaks) == 3, "15 % of twenty parts of 2 s"
    assert [peak.time_s for peak in peaks] == [0.0, 4.0, 16.0]
    assert peaks[1].score == pytest.approx(7 / 50)
    assert best_parts(np.ones(3), 30.0)[0].time_s == 0.0


RECORDS = [
    Record("a/b.mp4", (("What happens?", "0.0 - 1.5 seconds, 2 dogs run."),), "anet"),
    Record("c.mp4", (("Who is it?", "A girl."), ("Where?", "At home.")), "jukin"),
]


@pytest.mark.parametrize("form", ["timeit", "valley"])
def test_records_come_back_as_written(form, tmp_path):
    path = tmp_path / "instruct.json"
    assert write_records(path, RECORDS, form) == 2
    assert read_records(path) == RECORDS


def test_all_sets_below_a_folder(tmp_path):
    bare = [Record(one.video, one.turns) for one in RECORDS]
    write_records(tmp_path / "moment_retrieval/DideMo/time_token.json", bare)
    write_records(tmp_path / "data/anet/instruct_dvc_10.0k_anet.json", bare[:1])
    write_records(tmp_path / "data/time/instruct_time-sensitive_104k.json", bare)
    put(tmp_path, "data/anet/val.caption_coco_format.json", {"annotations": []})
    found = read_records(tmp_path)
    assert sorted(record.source for record in found) == ["DideMo", "DideMo", "anet"]
    assert [record.source for record in read_records(tmp_path, ["DideMo"])] == ["anet"]
    with pytest.raises(DataError, match="has no instructions"):
        read_records(tmp_path / "data/time")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[{"video": "a", "QA": []}]', "asks nothing"),
        ('[{"video": "a", "conversations": [{"from": "gpt", "value": "x"}]}]', "said by gpt"),
        ('[{"video": "a"}]', "does not fit"),
        ("{", "not JSON"),
    ],
)
def test_files_that_are_no_instructions(text, why, tmp_path):
    put(tmp_path, "x.json", text)
    with pytest.raises(DataError, match=why):
        read_records(tmp_path / "x.json")


def test_times_become_tokens_and_other_numbers_stay():
    text = (
        "3 dogs: 12.5 - 130.0 seconds, 2 of 3 run.  7 seconds, stop. at 1.0, 2.5 second. 在 3.0 秒"
    )
    told = spell_times(text)
    assert plain_times(told).count("0012.5 - 0130.0 seconds") == 1
    assert "3 dogs" in told
    assert "2 of 3 run" in told
    assert spell_time(7) + " seconds, stop" in told
    assert f"{spell_time(1)}, {spell_time(2.5)} second" in told
    assert told.endswith(spell_time(3) + " 秒")
    record = Record("a", (("q", text),)).numbered("tokens")
    assert record.turns == (("q", told),)
    assert record.numbered("plain").turns[0][1].startswith("3 dogs: 12.5 - 130.0")


def test_a_pickle_is_not_run(tmp_path):
    queryd(tmp_path)

    class Bad:
        def __reduce__(self):
            return print, ("ran",)

    stream = io.BytesIO()
    pickle.dump({"video-v1": Bad()}, stream)
    put(tmp_path, "raw_captions_combined_filtered-v2.pkl", stream.getvalue())
    with pytest.raises(DataError, match="names"):
        convert_dataset("queryd", tmp_path)
