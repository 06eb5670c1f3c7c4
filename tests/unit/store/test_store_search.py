"""Nearest frames and matching texts, small and large, with and without filters."""

import shutil

import numpy as np
import pytest

from whenabouts.errors import InputError
from whenabouts.store.limits import Limits
from whenabouts.store.rows import Indexed, TextRow, VideoRow
from whenabouts.store.store import LONGEST_QUERY, Store

LARGE = Limits(floats=0, texts=0)
"""Makes every library a large one."""
BUSY = Limits(floats=0, texts=0, patience=0)
"""A large one that many queries come to."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory, item, mark):
    """60 videos; the last 20 came after the indexes were built."""
    path = tmp_path_factory.mktemp("filled") / "my.lib"
    with Store(path, "w", encoder=mark, limits=LARGE) as store:
        store.put([item(seed) for seed in range(40)])
        store.optimize()
        store.put([item(seed) for seed in range(40, 60)])
    return path


def _keys(hits):
    return [(hit.video, hit.time_s, hit.end_s) for hit in hits]


@pytest.mark.parametrize("limits", [LARGE, BUSY])
def test_small_and_large_libraries_find_the_same(limits, filled, item):
    queries = np.concatenate([item(seed).frames.vectors[:2] for seed in (3, 45, 20)])
    with Store(filled) as small, Store(filled, limits=limits) as large:
        for exact, coarse, query in zip(
            small.near(queries, 5), large.near(queries, 5), queries, strict=True
        ):
            assert _keys(exact)[0] == _keys(coarse)[0]
            assert exact[0].score == pytest.approx(1, abs=2e-3)
            assert coarse[0].score == pytest.approx(1, abs=2e-3)
            assert len(set(_keys(exact)) & set(_keys(coarse))) >= 4
            truth = np.sort(
                np.concatenate([item(seed).frames.vectors @ query for seed in range(60)])
            )
            np.testing.assert_allclose([hit.score for hit in exact], truth[:-6:-1], atol=2e-3)


@pytest.mark.parametrize("limits", [LARGE, BUSY])
def test_a_filter_keeps_to_its_videos_at_both_sizes(limits, filled, item):
    query = item(3).frames.vectors[:1]
    kept = ["id00005", "id00041", "id00059", "not there"]
    with Store(filled) as small, Store(filled, limits=limits) as large:
        exact, coarse = small.near(query, 30, kept)[0], large.near(query, 30, kept)[0]
        assert {hit.video for hit in exact} == set(kept[:3])
        assert len(exact) == 24
        assert _keys(exact) == _keys(coarse)
        assert small.near(query, 3, []) == large.near(query, 3, ["not there"]) == [[]]


@pytest.mark.parametrize("wide", [0.2, 0.9], ids=["after", "before"])
@pytest.mark.parametrize("limits", [LARGE, BUSY])
def test_a_wide_filter_of_a_large_library(limits, wide, filled, item, monkeypatch):
    monkeypatch.setattr("whenabouts.store.reading._FEW_FRAMES", 0)
    monkeypatch.setattr("whenabouts.store.reading._WIDE", wide)
    query = item(3).frames.vectors[:1]
    kept = [f"id{seed:05d}" for seed in range(1, 60, 2)]
    with Store(filled) as small, Store(filled, limits=limits) as large:
        exact, coarse = small.near(query, 10, kept)[0], large.near(query, 10, kept)[0]
        assert {hit.video for hit in coarse} <= set(kept)
        assert _keys(exact)[:3] == _keys(coarse)[:3]


@pytest.mark.parametrize("limits", [LARGE, BUSY])
def test_frames_are_the_same_at_both_sizes(limits, filled):
    keys = ["id00002", "id00058"]
    with Store(filled) as small, Store(filled, limits=limits) as large:
        a, b = small.frames(keys), large.frames(keys)
        assert set(a) == set(b) == set(keys)
        for key in keys:
            np.testing.assert_array_equal(a[key].vectors, b[key].vectors)
            np.testing.assert_array_equal(a[key].times_s, b[key].times_s)


def test_asking_for_more_than_there_is(filled, item):
    with Store(filled) as small:
        assert len(small.near(item(1).frames.vectors[:1], 10_000)[0]) == 480


@pytest.mark.parametrize(
    "text",
    [
        "number7 AND speaking",
        'number7" OR "',
        "video:number7",
        "number7* ~2 ^5 +(-",
        "number7'); DROP TABLE texts; --",
        "number7\x00\n\t",
    ],
)
def test_queries_are_words_never_syntax(filled, text):
    with Store(filled) as store:
        assert store.match(text, 1)[0].video == "id00007"


@pytest.mark.parametrize("text", ["", "   ", "?!…", "\x00", "🐕", "nowhere"])
def test_queries_without_words_find_nothing(filled, text):
    with Store(filled) as store:
        assert store.match(text, 5) == []


def test_a_query_of_endless_words_is_refused(filled):
    with Store(filled) as store:
        with pytest.raises(InputError, match=f"limit is {LONGEST_QUERY}"):
            store.match(" ".join(f"w{n}" for n in range(LONGEST_QUERY + 1)), 5)
        assert store.match("number7 " * 10_000, 1)[0].video == "id00007"


def test_new_texts_are_found_before_and_after_upkeep(filled, tmp_path):
    shutil.copytree(filled, tmp_path / "copy.lib")
    with Store(tmp_path / "copy.lib", "w") as store:
        assert store.match("number55", 1)[0].video == "id00055"
        store.optimize()
        assert store.match("number55", 1)[0].video == "id00055"


def test_match_filters(writer, reader, item):
    texts = (
        TextRow(0, 1, "speech", "en", "a red ball"),
        TextRow(1, 2, "screen", "en", "red exit"),
    )
    writer.put([Indexed(item(1).video, texts=texts), Indexed(item(2).video, texts=texts[:1])])
    assert len(reader.match("red", 9)) == 3
    assert [h.text for h in reader.match("red", 9, channels=["screen"])] == ["red exit"]
    found = reader.match("red", 9, channels=["speech"], videos=["id00002"])
    assert [(h.video, h.channel, h.lang, h.start_s, h.end_s) for h in found] == [
        ("id00002", "speech", "en", 0.0, 1.0)
    ]
    assert reader.match("red", 9, channels=[]) == reader.match("red", 9, videos=[]) == []


_SAID = [
    "今天天气很好，我们去公园散步",
    "北京大学的图书馆在左边",
    "南京市长江大桥",
    "他买了一台新电脑",
    "这只猫在睡觉",
    "小狗在草地上奔跑",
    "请打开设置，选择 WiFi 网络",
    "会议将在下午三点开始",
    "Press the red button to stop",
    "我喜欢吃苹果和香蕉",
    "The cat is sleeping on the sofa",
    "机器学习入门：第 3 课",
]


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("公园", 0),
        ("天气", 0),
        ("图书馆", 1),
        ("长江大桥", 2),
        ("电脑", 3),
        ("猫", 4),
        ("小狗奔跑", 5),
        ("wifi", 6),
        ("ＷｉＦｉ 设置", 6),
        ("三点会议", 7),
        ("button", 8),
        ("RED Button!", 8),
        ("香蕉", 9),
        ("cat", 10),
        ("机器学习", 11),
    ],
)
def test_chinese_and_english_words(said, query, line):
    assert said.match(query, 3)[0].text == _SAID[line]


@pytest.mark.parametrize("query", ["飞机", "airplane", "豆腐"])
def test_words_never_said_find_nothing(said, query):
    assert said.match(query, 3) == []


@pytest.fixture(scope="module", params=[Limits(), LARGE], ids=["memory", "driver"])
def said(request, tmp_path_factory, mark):
    path = tmp_path_factory.mktemp("said") / "zh.lib"
    with Store(path, "w", encoder=mark) as store:
        for half in (0, 6):  # one half indexed, one half fresh
            store.put(
                Indexed(
                    VideoRow(f"v{n}", f"/{n}.mp4", 1, 1),
                    texts=(TextRow(n, n + 1, "speech", "", text),),
                )
                for n, text in enumerate(_SAID)
                if half <= n < half + 6
            )
            if not half:
                store.optimize()
    with Store(path, limits=request.param) as store:
        yield store


def test_both_full_text_searches_rank_alike(filled):
    with Store(filled) as small, Store(filled, limits=LARGE) as large:
        for text in ("number7", "speaking number3", "number55 number8 nowhere"):
            ours, drivers = small.match(text, 3), large.match(text, 3)
            best = [hit for hit in ours if hit.score > 1]  # the rest ties
            assert [hit.video for hit in best] == [hit.video for hit in drivers[: len(best)]]
            for one, other in zip(best, drivers, strict=False):
                assert one.score == pytest.approx(other.score, rel=0.15)


def test_wrong_vectors_and_limits_are_refused(filled):
    with Store(filled) as store:
        with pytest.raises(InputError, match="vectors of 16"):
            store.near(np.ones((1, 8), np.float32), 1)
        with pytest.raises(InputError, match="limit"):
            store.near(np.ones((1, 16), np.float32), 0)
        with pytest.raises(InputError, match="limit"):
            store.match("a", 0)
