"""Published formats with every fault that a download can have."""

import json
import os
import pickle

import pytest

from whenabouts.data.check import check
from whenabouts.data.retrieval import retrieval_split
from whenabouts.data.settings import DataSettings
from whenabouts.errors import DataError
from whenabouts.shapeworld.collection import Item, draw_scripts
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.make import FORMS


@pytest.fixture
def folder(tmp_path):
    """Writes a folder of some form as shape world does, with empty files for videos."""

    def write(form: str, videos: int = 10):
        chosen = FORMS[form]
        scripts = draw_scripts(videos, 6, chosen.plan, chosen.shares)
        items = [Item(script, chosen.place(n, script)) for n, script in enumerate(scripts)]
        target = tmp_path / form
        for item in items:
            at = target / item.path
            at.parent.mkdir(parents=True, exist_ok=True)
            at.touch()
        chosen.annotate(items, target, "en", Dice(31, 6))
        return target

    return write


def edit(path, change) -> None:
    """Change a JSON file."""
    values = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(change(values) or values), "utf-8")


def refused(name, folder, words, split="train", **settings) -> None:
    """Opening is refused, and the message has all the words."""
    with pytest.raises(DataError) as told:
        retrieval_split(name, folder, split, DataSettings(**settings))
    for word in words:
        assert word in str(told.value), f"{word!r} is not in {told.value}"


def test_the_variants_of_msrvtt(folder):
    root = folder("msrvtt", 20)
    full = {
        s: retrieval_split("msrvtt", root, s, DataSettings(variant="full"))
        for s in ("train", "val", "test")
    }
    assert sum(len(split.videos) for split in full.values()) == 20
    assert all((split.counts == 20).all() for split in full.values())
    seven = retrieval_split("msrvtt", root, "train", DataSettings(variant="7k"))
    assert set(seven.videos) == {*full["train"].videos, *full["val"].videos}
    nine = retrieval_split("msrvtt", root, "train")
    assert set(seven.videos) < set(nine.videos)
    test = retrieval_split("msrvtt", root, "test")
    assert test.one_caption_each
    assert not nine.one_caption_each
    assert set(test.videos) < set(full["test"].videos)


def test_msrvtt_faults(folder):
    root = folder("msrvtt")
    notes = root / "msrvtt_data"
    data, train = notes / "MSRVTT_data.json", notes / "MSRVTT_train.9k.csv"
    whole, listed = data.read_text("utf-8"), train.read_text("utf-8")
    train.write_text(listed + "video999\n")
    refused("msrvtt", root, ["no caption for 1", "video999", str(data)])
    train.write_text("name\nvideo1\n")
    refused("msrvtt", root, ["no column 'video_id'", str(train)])
    train.write_text('video_id\n"video1\n')
    refused("msrvtt", root, ["is not CSV", str(train)])
    train.write_text(listed)
    for broken, words in (
        (whole[:-40], ["is not JSON", "cut off"]),
        ('{"videos": [], "sentences": [{"video_id": "a"}]}', ["sentences.0.caption", "required"]),
        (
            '{"videos": [], "sentences": [{"video_id": 7, "caption": "x"}]}',
            ["sentences.0.video_id"],
        ),
        ("[" * 100_000, ["is not JSON"]),
    ):
        data.write_text(broken)
        refused("msrvtt", root, [*words, str(data)])
    data.write_bytes(b"\xff\xfe{")
    refused("msrvtt", root, ["not UTF-8", str(data)])
    data.unlink()
    train.unlink()
    refused("msrvtt", root, [str(data), str(train), "2 annotation files"])


def test_files_are_found_wherever_they_lie_but_never_guessed_about(folder):
    root = folder("msrvtt")
    moved = root / "else" / "where"
    moved.mkdir(parents=True)
    (root / "msrvtt_data").rename(moved / "notes")
    (root / "videos" / "all").rename(root / "TestVideo")
    first = retrieval_split("msrvtt", root, "train")
    video = first.videos[0]
    assert video.parent == root / "TestVideo"
    (root / "loop").symlink_to(root)
    assert retrieval_split("msrvtt", root, "train").videos == first.videos
    (video.parent / f".{video.name}").touch()
    video.with_suffix(".webm").touch()
    assert retrieval_split("msrvtt", root, "train").videos[0] == video, "mp4 before webm"
    copy = root / "small" / video.name
    copy.parent.mkdir()
    copy.touch()
    refused("msrvtt", root, [video.stem, "twice", "videos=DIR"])
    found = retrieval_split("msrvtt", root, "train", DataSettings(videos=root / "TestVideo"))
    assert found.videos[0] == video
    copy.unlink()
    (root / "MSRVTT_data.json").write_text("{}")
    refused("msrvtt", root, ["MSRVTT_data.json twice", "annotations=DIR"])


def test_msvd_faults(folder):
    root = folder("msvd")
    listed, captions = root / "train_list.txt", root / "raw-captions.pkl"
    names, whole = listed.read_text(), captions.read_bytes()
    listed.write_text(names + "NoSuchClip_1_2\n")
    refused("msvd", root, ["no caption for 1", "NoSuchClip_1_2", str(captions)])
    listed.write_text(names)
    for values, words in (
        ({"a": ["no", "words"]}, ["a.0"]),
        ([1], ["does not fit"]),
        ({"a": [[b"x"]]}, ["pickle"]),
    ):
        captions.write_bytes(pickle.dumps(values, 2))
        refused("msvd", root, [*words, str(captions)])
    captions.write_bytes(whole[: len(whole) // 2])
    refused("msvd", root, ["pickle that can be read", str(captions)])
    captions.write_bytes(b"")
    refused("msvd", root, ["pickle that can be read", str(captions)])


def test_a_pickle_that_wants_to_run_something_is_refused(folder, tmp_path):
    root = folder("msvd")
    mark = tmp_path / "harmed"

    class Harm:
        def __reduce__(self):
            return os.mkdir, (str(mark),)

    (root / "raw-captions.pkl").write_bytes(pickle.dumps({"a": Harm()}))
    refused("msvd", root, ["mkdir", "do harm", "raw-captions.pkl"])
    assert not mark.exists()


def test_a_pickle_of_python_2_is_read(folder):
    root = folder("msvd")
    (name, *_) = (root / "train_list.txt").read_text().split()
    (root / "train_list.txt").write_text(f"{name}\n")
    # {name: [["caf\xc3\xa9"]]} in protocol 0, whose texts are bytes
    text = f"(dp0\nS'{name}'\np1\n(lp2\n(lp3\nS'caf\\xc3\\xa9'\np4\naas.".encode()
    (root / "raw-captions.pkl").write_bytes(text)
    assert retrieval_split("msvd", root, "train").captions == ("café",)


def test_lsmdc_faults(folder):
    root = folder("lsmdc")
    table = root / "LSMDC16_annos_training.csv"
    whole = table.read_text("utf-8")
    line = whole.splitlines()[0]
    broken = line.replace(line.split("\t")[0], "0017_Pianist_00.23.28.872-00.23.34.843")
    table.write_text(whole + broken + "\n")
    found = retrieval_split("lsmdc", root, "train")
    assert len(found) == len(whole.splitlines())
    assert any("1 lines about broken clips are left out" in note for note in found.notes)
    refused("lsmdc", root, ["0017_Pianist", "missing=drop"], leave_out=())
    table.write_text(whole + "one cell\n")
    refused("lsmdc", root, [f"line {len(whole.splitlines()) + 1} of {table} has 1 cells"])


def test_didemo_matches_full_names_and_other_endings(folder):
    root = folder("didemo")
    found = retrieval_split("didemo", root, "train")
    assert found.one_caption_each
    assert found.spans.tolist() == [[0, 31]] * len(found.videos)
    path = found.videos[0]
    other = path.rename(path.with_suffix(".mov"))
    assert retrieval_split("didemo", root, "train").videos[0] == other
    listed = root / "train_list.txt"
    listed.write_text(listed.read_text() + "nobody.mp4\n")
    refused("didemo", root, ["no description of 1", "nobody.mp4"])
    listed.write_text("\n".join(listed.read_text().split()[1:-1]))
    notes = retrieval_split("didemo", root, "train").notes
    assert any("1 videos of train_data.json are not in train_list.txt" in note for note in notes)


def test_activitynet_files_with_or_without_the_prefix(folder):
    root = folder("activitynet")
    found = retrieval_split("activitynet", root, "val")
    path = found.videos[0]
    bare = path.rename(path.with_name(path.name.removeprefix("v_")))
    assert retrieval_split("activitynet", root, "val").videos[0] == bare
    assert found.video_ids == retrieval_split("activitynet", root, "test").video_ids
    table = root / "val_1.json"
    edit(table, lambda values: {k: v for k, v in values.items() if k != found.video_ids[0]})
    refused("activitynet", root, ["no sentence about 1", found.video_ids[0], str(table)], "val")


def test_check_counts_and_names_everything(folder):
    root = folder("msvd", 20)
    sound = check("msvd", root, probe_limit=0)
    assert sound.sound
    assert [state.videos for state in sound.splits] == [12, 2, 6]
    listed = (root / "train_list.txt").read_text().split()
    (root / "YouTubeClips" / f"{listed[0]}.mp4").unlink()
    (root / "val_list.txt").unlink()
    test = root / "test_list.txt"
    test.write_text(test.read_text() + listed[1] + "\n")
    found = check("msvd", root, probe_limit=3)
    train, val, test = found.splits
    assert (train.videos, train.missing, train.captions) == (12, (listed[0],), 144)
    assert train.unpaired == 12
    assert any(str(root / "YouTubeClips") in note for note in train.notes)
    assert val.files == (root / "val_list.txt",)
    assert test.sound
    assert found.shared == 1
    assert found.probed == len(found.unreadable) == 3
    assert all("0 bytes" in why for _, why in found.unreadable)
    assert not found.sound
    for path in (root / "YouTubeClips").iterdir():
        path.unlink()
    assert check("msvd", root).splits[2].unpaired == 84
