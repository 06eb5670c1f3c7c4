"""A retrieval split judged, written down, and scored again from what was written."""

import json

import numpy as np
import pytest
from PIL import Image

from whenabouts.data.frame_cache import CacheSettings
from whenabouts.data.retrieval import RetrievalSplit
from whenabouts.data.settings import DataSettings
from whenabouts.errors import InputError
from whenabouts.evaluate.rank_plot import spread
from whenabouts.evaluate.report import write_lines
from whenabouts.evaluate.rescore import rescore
from whenabouts.evaluate.retrieval import RetrievalEvaluation, Task, judge, references
from whenabouts.evaluate.run_retrieval import run
from whenabouts.evaluate.worst import worst_captions
from whenabouts.media.write import write_video
from whenabouts.metrics.retrieval import caption_retrieval, retrieval

QUICK = RetrievalEvaluation(resamples=50)


def split_of(owner, tmp_path):
    owner = np.asarray(owner)
    names = tuple(f"v{n}" for n in range(owner.max() + 1))
    captions = tuple(f"caption {n}" for n in range(len(owner)))
    paths = tuple(tmp_path / f"{name}.mp4" for name in names)
    return RetrievalSplit("msvd", "test", paths, names, captions, owner)


def flat(found):
    return {f"{way}.{name}": v for way, some in found.items() for name, v in some.items()}


@pytest.fixture
def several(tmp_path):
    """Twelve captions of five videos, with scores that hold ties."""
    split = split_of([0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 4, 4], tmp_path)
    scores = np.random.default_rng(0).integers(0, 6, (12, 5)).astype(np.float32) / 6
    return split, scores


def test_both_protocols(several, tmp_path):
    split, scores = several
    assert judge(split, scores, QUICK).report.figures == flat(
        caption_retrieval(scores, split.owner)
    )
    one = split_of(range(5), tmp_path)
    found = judge(one, scores[:5], QUICK).report.figures
    assert found == flat(
        {"text_to_video": retrieval(scores[:5]), "video_to_text": retrieval(scores[:5].T)}
    )


def test_renormalised_figures_stand_beside_the_plain_ones(several):
    split, scores = several
    settings = QUICK.model_copy(update={"also": ("dual_softmax", "query_bank")})
    plain = judge(split, scores, QUICK).report.figures
    found = judge(split, scores, settings, scores[::2]).report.figures
    assert {name: found[name] for name in plain} == plain
    assert "video_to_text.dual_softmax.R@1" in found
    assert "text_to_video.query_bank.MdR" in found
    assert "video_to_text.query_bank.MdR" not in found
    with pytest.raises(InputError, match="bank"):
        judge(split, scores, settings)


@pytest.mark.parametrize("ties", ["expected", "reference", "pessimistic"])
def test_what_is_written_scores_the_same_again(several, tmp_path, ties):
    split, scores = several
    settings = QUICK.model_copy(update={"ties": ties, "found": 2})
    report = judge(split, scores, settings).report
    write_lines(report.predictions, tmp_path / "p.jsonl")
    write_lines(references(split), tmp_path / "r.jsonl")
    np.save(tmp_path / "p.npy", scores)
    for name in ("p.jsonl", "p.npy"):
        again = rescore(tmp_path / name, tmp_path / "r.jsonl", settings)
        assert again.figures == pytest.approx(report.figures), name
        assert again.intervals == report.intervals


def test_predictions_of_others(tmp_path):
    """Lists of names or of names with scores; a video that is not found ranks behind all."""
    truth = [{"caption": "a", "video": "x"}, {"caption": "b", "video": "y"}]
    write_lines([*truth, {"caption": "c", "video": "x"}], tmp_path / "r.jsonl")
    rows = [
        {"caption": "b", "found": [["x", 0.9], ["y", 0.9]]},
        {"caption": "a", "found": ["y", "x"]},
        {"caption": "c", "found": ["y"]},
    ]
    write_lines(rows, tmp_path / "p.jsonl")
    found = rescore(tmp_path / "p.jsonl", tmp_path / "r.jsonl", QUICK)
    assert found.figures["text_to_video.R@5"] == pytest.approx(200 / 3)
    assert found.figures["text_to_video.R@50"] == pytest.approx(200 / 3)
    assert found.figures["text_to_video.MnR"] == pytest.approx((1.5 + 2 + 51) / 3)
    assert any("lower bounds" in note for note in found.notes)
    assert not any(name.startswith("video_to_text") for name in found.figures)


def test_a_csv_of_pairs_is_a_list_of_references(tmp_path):
    (tmp_path / "r.csv").write_text("key,video_id,sentence\nret0,v0,one\nret1,v1,two\n")
    np.save(tmp_path / "p.npy", np.eye(2))
    assert (
        rescore(tmp_path / "p.npy", tmp_path / "r.csv", QUICK).figures["video_to_text.R@1"] == 100
    )


@pytest.mark.parametrize(
    ("predictions", "truth", "message"),
    [
        ('{"caption": 0, "found": ["v"]}', '{"caption": 0, "film": "v"}', "no list of references"),
        ('{"caption": 0, "found": ["v"]}', '{"caption": 1, "video": "v"}', "1 of 1 captions"),
        ("[1, 2]", '{"caption": 0, "video": "v"}', "no JSON object"),
        ("{", '{"caption": 0, "video": "v"}', "JSON lines"),
        (
            '{"caption": 0, "found": ["v"]}',
            '{"caption": 0, "video": "v"}\n{"caption": 0, "video": "w"}',
            "twice",
        ),
    ],
)
def test_files_that_cannot_be_scored_say_why(tmp_path, predictions, truth, message):
    (tmp_path / "p.jsonl").write_text(predictions)
    (tmp_path / "r.jsonl").write_text(truth)
    with pytest.raises(InputError, match=message):
        rescore(tmp_path / "p.jsonl", tmp_path / "r.jsonl", QUICK)


def test_a_matrix_of_another_shape_is_refused(tmp_path):
    np.save(tmp_path / "p.npy", np.eye(3))
    (tmp_path / "r.csv").write_text("video_id\nv0\nv1\n")
    with pytest.raises(InputError, match="want"):
        rescore(tmp_path / "p.npy", tmp_path / "r.csv", QUICK)


def test_the_worst_come_first_and_hits_never(tmp_path):
    scores = np.array([[0.9, 0.1, 0.2], [0.5, 0.4, 0.1], [0.9, 0.8, 0.1]], np.float32)
    judged = judge(split_of(range(3), tmp_path), scores, QUICK)
    assert worst_captions(judged, 5) == [2, 1]


def test_bars_hold_every_query():
    names, shares = spread(np.array([0.0, 0.5, 1.0, 7.0, 11.0]), 12)
    assert names == ["1", "2", "3-5", "6-10", "11-12"]
    assert shares.tolist() == [40, 20, 0, 20, 20]


@pytest.fixture
def drawn_msvd(tmp_path):
    """Four clips of one colour in MSVD's form, with two or three captions each."""
    import pickle

    root = tmp_path / "msvd"
    (root / "YouTubeClips").mkdir(parents=True)
    captions = {}
    for number, colour in enumerate([(230, 20, 20), (20, 200, 20), (30, 30, 240), (90, 90, 90)]):
        frame = np.full((32, 40, 3), colour, np.uint8)
        write_video(root / "YouTubeClips" / f"c{number}.mp4", [frame] * (4 + number), 4)
        captions[f"c{number}"] = [["a", "red", "circle"], ["moves"], ["left"]][: 2 + number % 2]
    (root / "raw-captions.pkl").write_bytes(pickle.dumps(captions))
    for split in ("train", "val", "test"):
        (root / f"{split}_list.txt").write_text("\n".join(captions) + "\n")
    return root


@pytest.mark.parametrize("apart", [False, True])
def test_a_folder_is_measured_by_clips_or_frame_by_frame(
    drawn_msvd, small_encoder, tmp_path, apart
):
    frames = CacheSettings(limit=3, rate_hz=2.0, short_px=24)
    task = Task("msvd", drawn_msvd, "test", DataSettings(), frames, tmp_path / "frames", 10)
    settings = RetrievalEvaluation(resamples=20, worst=2, apart=apart, also=("query_bank",), bank=5)
    heard = []
    judged = run(
        task, settings, small_encoder, folder=tmp_path / "out", on_done=lambda *at: heard.append(at)
    )
    assert judged.scores.shape == (10, 4)
    assert heard[-1] == (4, 4, "encoded")
    facts = json.loads((tmp_path / "out" / "figures.json").read_text())
    assert facts["seen"] == ("frames alone" if apart else "clips")
    assert facts["captions"] == 10 and facts["videos"] == 4
    assert "text_to_video.query_bank.R@1" in facts["figures"]
    again = rescore(
        tmp_path / "out" / "predictions.jsonl", tmp_path / "out" / "references.jsonl", settings
    )
    assert again.figures["text_to_video.R@1"] == judged.report.figures["text_to_video.R@1"]
    with Image.open(tmp_path / "out" / "ranks.png") as plot:
        assert plot.width > 1000
    page = (tmp_path / "out" / "worst.md").read_text()
    assert page.count("![") == len(list((tmp_path / "out" / "worst").glob("*.png")))


def test_clips_and_frames_alone_agree_where_no_frame_is_mixed(drawn_msvd, small_encoder, tmp_path):
    """The ONNX networks in the library and the torch network in training are one model."""
    frames = CacheSettings(limit=3, rate_hz=2.0, short_px=24)
    task = Task("msvd", drawn_msvd, "test", DataSettings(), frames, tmp_path / "frames", 10)
    scores = [
        run(task, QUICK.model_copy(update={"apart": apart}), small_encoder).scores
        for apart in (False, True)
    ]
    np.testing.assert_allclose(*scores, atol=0.02)
