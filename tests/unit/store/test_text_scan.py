"""Full-text search in memory: BM25 by its formula, and in step with what changes."""

import math
import random

import pytest

from whenabouts.errors import StoreError
from whenabouts.store.columns import texts_table
from whenabouts.store.ledger import Content
from whenabouts.store.rows import TextRow
from whenabouts.store.textscan import K1, B, TextScan


class _Shelf:
    """Texts by video, as the tables would hold them."""

    def __init__(self):
        self.texts, self.contents, self.number = {}, {}, 0

    def put(self, video, *texts):
        self.number += 1
        self.texts[video] = [TextRow(n, n + 1, "speech", "", t) for n, t in enumerate(texts)]
        self.contents[video] = Content(texts=len(texts), texts_commit=self.number)

    def drop(self, video):
        del self.texts[video], self.contents[video]

    def fetch(self, videos):
        chosen = self.texts if videos is None else {key: self.texts[key] for key in videos}
        return texts_table(chosen)

    def scan(self, scan=None):
        scan = scan or TextScan()
        scan.update(self.contents, self.fetch)
        return scan


def _found(scan, *words, **filters):
    filters = {"channels": None, "videos": None, **filters}
    return {(h.video, h.text): h.score for h in scan.match(words, 999, **filters)}


def test_scores_are_bm25():
    shelf = _Shelf()
    shelf.put("a", "red red ball", "blue ball")
    shelf.put("b", "a long line about something else entirely")
    lengths = {"red red ball": 3, "blue ball": 2, "a long line about something else entirely": 7}
    mean = sum(lengths.values()) / 3

    def bm25(count, length, having):
        idf = math.log(1 + (3 - having + 0.5) / (having + 0.5))
        return idf * count * (K1 + 1) / (count + K1 * (1 - B + B * length / mean))

    found = _found(shelf.scan(), "red", "ball")
    assert found == {
        ("a", "red red ball"): pytest.approx(bm25(2, 3, 1) + bm25(1, 3, 2), rel=1e-5),
        ("a", "blue ball"): pytest.approx(bm25(1, 2, 2), rel=1e-5),
    }
    assert [hit.text for hit in shelf.scan().match(["ball", "red"], 1, None, None)] == [
        "red red ball"
    ]


def test_following_changes_gives_what_a_fresh_load_gives():
    rng = random.Random(0)
    words = [f"w{n}" for n in range(30)]
    shelf, followed = _Shelf(), TextScan()
    for step in range(60):
        for _ in range(rng.randint(1, 3)):
            line = [" ".join(rng.choices(words, k=rng.randint(0, 6))) for _ in range(3)]
            shelf.put(f"v{rng.randint(0, 12)}", *line[: rng.randint(0, 3)])
        if rng.random() < 0.4:
            shelf.drop(rng.choice(list(shelf.texts)))
        shelf.scan(followed)
        query = rng.sample(words, 4)
        want, got = _found(shelf.scan(), *query), _found(followed, *query)
        assert got == {key: pytest.approx(score, rel=1e-4) for key, score in want.items()}, step


def test_filters_and_ties_in_stored_order():
    shelf = _Shelf()
    for name in "abc":
        shelf.put(name, "same words", "same words")
    scan = shelf.scan()
    hits = scan.match(["same"], 4, None, None)
    assert [(h.video, h.start_s) for h in hits] == [("a", 0), ("a", 1), ("b", 0), ("b", 1)]
    assert set(_found(scan, "same", videos={"b", "nobody"})) == {("b", "same words")}
    assert _found(scan, "same", channels=["screen"]) == {}
    assert _found(TextScan(), "same") == {}


def test_missing_rows_are_damage():
    shelf = _Shelf()
    shelf.put("a", "one", "two")
    shelf.texts["a"].pop()
    with pytest.raises(StoreError, match="2 texts should be there, 1 were found"):
        shelf.scan()
