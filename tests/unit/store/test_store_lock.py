"""One writer; the second is told who holds the lock, and a dead one holds nothing."""

import json
import os
import subprocess
import sys
import time

import pytest

from whenabouts.errors import LockedError, StoreError, VersionError
from whenabouts.store import migrate
from whenabouts.store.lock import WriterLock
from whenabouts.store.rows import EncoderMark
from whenabouts.store.store import Store

HOLD = """
import sys, time
from pathlib import Path
from whenabouts.store.lock import WriterLock
lock = WriterLock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_writer_is_told_who_holds_the_lock(writer, library, mark):
    with pytest.raises(LockedError, match=rf"written by process {os.getpid()} on .* since 20"):
        Store(library, "w", encoder=mark)
    writer.close()
    Store(library, "w", encoder=mark).close()


def test_the_lock_of_a_killed_process_is_free(tmp_path):
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout.readline() == "held\n"
        with pytest.raises(LockedError, match=f"process {child.pid} "):
            WriterLock(tmp_path)
        child.kill()
        child.wait()
    deadline = time.monotonic() + 10
    while True:
        try:
            WriterLock(tmp_path).release()
            break
        except LockedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_garbled_card_does_not_hide_the_lock(tmp_path):
    held = WriterLock(tmp_path)
    (tmp_path / "writer.lock").write_bytes(b"\xff{")
    with pytest.raises(LockedError, match="another process"):
        WriterLock(tmp_path)
    held.release()
    held.release()


def test_readers_do_not_mind_the_writer(writer, library):
    with Store(library) as first, Store(library) as second:
        assert first.videos() == second.videos() == ()


def test_no_library_there(tmp_path, mark):
    for mode in ("r", "w"):
        with pytest.raises(StoreError, match="there is no library"):
            Store(tmp_path / "nothing", mode)
    assert not (tmp_path / "nothing").exists()
    Store(tmp_path / "new" / "deep.lib", "w", encoder=mark).close()
    with Store(tmp_path / "new" / "deep.lib") as made:
        assert made.info().encoder == mark


def test_another_encoder_is_refused_by_name(writer, library):
    with pytest.raises(VersionError, match=r"made with the encoder 'made-up'.*'else'"):
        Store(library, encoder=EncoderMark("else", "0", 16))


def test_the_card_says_what_made_it(writer, library, mark):
    card = json.loads((library / "library.json").read_text())
    assert card == {
        "format": migrate.FORMAT,
        "created_by": card["created_by"],
        "encoder": mark.name,
        "fingerprint": mark.fingerprint,
        "width": mark.width,
    }
    assert card["created_by"].startswith("whenabouts ")


def test_a_newer_format_is_refused(writer, library):
    _change_card(library, format=migrate.FORMAT + 1, created_by="whenabouts 99")
    for mode in ("r", "w"):
        writer.close()
        with pytest.raises(VersionError, match=r"made by whenabouts 99.*update whenabouts"):
            Store(library, mode)


def test_older_formats_are_brought_up_step_by_step(writer, library, monkeypatch):
    writer.close()
    taken = []

    def step(to):
        def take(path, values):
            taken.append(to)
            return {**values, "format": to}

        return take

    monkeypatch.setattr(migrate, "FORMAT", 3)
    monkeypatch.setattr(migrate, "STEPS", {1: step(2), 2: step(3)})
    with pytest.raises(VersionError, match="older format 1"):
        Store(library)
    Store(library, "w").close()
    assert taken == [2, 3]
    with Store(library) as upgraded:
        assert upgraded.info().format == 3


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": "one"}', '{"format": 1}', '{"format": 1, "width": "x"}']
)
def test_a_garbled_card_is_said_clearly(writer, library, text):
    (library / "library.json").write_text(text)
    with pytest.raises(StoreError, match=r"library\.json"):
        Store(library)


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX permissions")
def test_a_read_only_library_can_be_searched(writer, library, item):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    writer.put([item(1)])
    writer.close()
    folders = [library, *(path for path in library.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        with Store(library) as reader:
            assert reader.match("number1", 1)
        with pytest.raises(StoreError, match="permissions"):
            Store(library, "w")
    finally:
        for folder in folders:
            folder.chmod(0o755)


def _change_card(library, **values):
    path = library / "library.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))
