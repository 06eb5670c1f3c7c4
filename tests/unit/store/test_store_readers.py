"""Readers follow the writer, never see half a commit, and survive its upkeep."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from whenabouts.errors import StoreError, VersionError
from whenabouts.store.limits import Limits
from whenabouts.store.rows import EncoderMark
from whenabouts.store.store import Store

LARGE = Limits(floats=0, texts=0)
BUSY = Limits(floats=0, texts=0, patience=0)
ANY = np.ones((1, 16), np.float32)


@pytest.mark.parametrize("limits", [Limits(), LARGE, BUSY])
def test_a_reader_follows_commits(writer, library, item, limits):
    with Store(library, limits=limits) as reader:
        assert reader.near(ANY, 5) == [[]]
        for seed in range(12):
            writer.put([item(seed)])
            if seed >= 4:
                writer.remove([f"/videos/{seed - 4}.mp4"])
            if seed == 7:
                writer.optimize(keep_s=0)
            kept = {f"id{n:05d}" for n in range(max(0, seed - 3), seed + 1)}
            assert {hit.video for hit in reader.near(ANY, 999)[0]} == kept
            assert {hit.video for hit in reader.match("speaking", 99)} == kept
            newest = reader.near(item(seed).frames.vectors[:1], 1)[0][0]
            assert (newest.video, newest.time_s) == (f"id{seed:05d}", 0.0)


def test_a_reader_between_versions_moves_on(writer, reader, item):
    """The files of the version that a reader holds are cleaned away under its feet."""
    writer.put([item(1)])
    assert reader.match("number1", 1)
    for seed in range(2, 6):
        writer.put([item(1), item(seed)])
    writer.optimize(keep_s=0)
    assert reader.match("number5", 1)[0].video == "id00005"
    assert len(reader.near(ANY, 99)[0]) == 40


def test_searching_while_writing(writer, library, item):
    """Each commit replaces all videos: a search that sees two editions saw half a commit."""
    writer.put(_edition(item, 0))
    failures: list[str] = []
    done = threading.Event()

    def search() -> None:
        with Store(library) as reader:
            while not done.is_set():
                hits = reader.near(ANY, 999)[0]
                editions = {hit.video.split("e")[1] for hit in hits}
                if len(editions) != 1 or len(hits) != 40:
                    failures.append(f"{len(hits)} hits of {editions}")

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for edition in range(1, 15):
        writer.put(_edition(item, edition))
    done.set()
    for thread in threads:
        thread.join(30)
    assert failures == []


def _edition(item, edition):
    for seed in range(5):
        made = item(seed)
        yield replace(made, video=replace(made.video, id=f"v{seed}e{edition}"))


def test_moving_to_another_encoder(writer, library, item):
    writer.put([item(1), item(2)])
    other = EncoderMark("other", "0" * 64, 4)
    with Store(library) as reader:
        assert reader.near(ANY, 1)[0]
        writer.change_encoder(other)
        with pytest.raises(VersionError, match="moved from the encoder 'made-up' to 'other'"):
            reader.near(ANY, 1)
    assert writer.info().encoder == other
    assert writer.info().frames == 0
    assert writer.near(np.ones((1, 4), np.float32), 1) == [[]]
    assert writer.match("number2", 1)[0].video == "id00002"
    writer.put([replace(item(1), frames=_narrow(item(1).frames))])
    with Store(library, encoder=other) as reader:
        assert {hit.video for hit in reader.near(np.ones((1, 4), np.float32), 99)[0]} == {"id00001"}
    with pytest.raises(VersionError, match="made with the encoder 'other'"):
        Store(library, encoder=EncoderMark("made-up", "f" * 64, 16))


def test_a_move_to_another_encoder_that_was_cut_off(writer, library, item):
    from whenabouts.store import migrate

    writer.put([item(1)])
    writer.close()
    other = EncoderMark("other", "0" * 64, 4)
    migrate.write_card(library, replace(migrate.read_card(library), encoder=other))  # ... killed
    with Store(library) as reader:
        assert reader.near(np.ones((1, 4), np.float32), 1) == [[]]
        assert reader.frames(["id00001"]) == {}
    with Store(library, "w") as again:
        assert again.info().frames == 0
        again.put([replace(item(1), frames=_narrow(item(1).frames))])
        assert again.info().frames == 8


def _narrow(frames):
    return replace(frames, vectors=frames.vectors[:, :4])


def test_damaged_tables_are_said_clearly(writer, library, item):
    writer.put([item(1)])
    writer.close()
    for file in (library / "tables").rglob("*.lance"):
        if file.is_file():
            file.write_bytes(b"\x00" * 40)
    with Store(library) as reader:
        assert [row.path for row in reader.videos()] == ["/videos/1.mp4"]
        with pytest.raises(StoreError, match="cannot read"):
            reader.near(ANY, 1)


def test_missing_tables_are_said_clearly(writer, library, item):
    import shutil

    writer.put([item(1)])
    writer.close()
    shutil.rmtree(library / "tables")
    with Store(library) as reader, pytest.raises(StoreError, match="cannot open"):
        reader.match("number1", 1)


def test_a_damaged_ledger_is_said_clearly(writer, library, item):
    writer.put([item(1)])
    writer.close()
    (library / "ledger.sqlite").write_bytes(b"not a database, not at all" * 100)
    with pytest.raises(StoreError, match="ledger"):
        Store(library).videos()


@pytest.mark.parametrize("limits", [Limits(), BUSY])
def test_a_change_of_rows_alone_keeps_what_is_open(writer, library, item, limits):
    writer.put([item(1), item(2)])
    with Store(library, limits=limits) as reader:
        before = reader.near(ANY, 9)[0]
        tables = reader._session._reading._tables
        writer.move({"/videos/1.mp4": "/elsewhere.mp4"})
        assert reader.near(ANY, 9)[0] == before
        assert reader.video("/elsewhere.mp4").id == "id00001"
        assert reader._session._reading._tables is tables
