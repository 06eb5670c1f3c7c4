"""The whole way on real files: index, search, show, export."""

import json
import re

import pytest


@pytest.fixture(scope="module")
def real_library(real_videos, tmp_path_factory):
    from whenabouts import open_library
    from whenabouts.library.settings import IndexSettings

    path = tmp_path_factory.mktemp("real") / "real.lib"
    with open_library(path) as opened:
        # On-screen text is the dearest pass and has tests of its own.
        report = opened.add(real_videos, settings=IndexSettings(passes=("keyframes", "frames")))
    assert not report.failed
    return path


def _table(folder):
    """File name -> seconds and frames a second, from the README beside the clips."""
    text = (folder / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\S+\.mp4) \| ([\d.]+) \| ([\d.]+) \|", text, re.M)
    return {name: (float(seconds), float(fps)) for name, seconds, fps in rows}


def test_durations_agree_with_the_table_within_a_frame(real_library, real_videos):
    from whenabouts import open_library

    told = _table(real_videos)
    with open_library(real_library) as opened:
        rows = {row.path.rpartition("/")[2]: row for row in opened.videos()}
    checked = [name for name in told if (real_videos / name).exists()]
    assert len(checked) >= 5
    for name in checked:
        seconds, fps = told[name]
        # The table is rounded to a hundredth of a second.
        assert rows[name].duration_s == pytest.approx(seconds, abs=1 / fps + 0.006), name


def test_a_search_on_real_clips_answers_in_json(run, real_library):
    ended = run("search", "a dog on a skateboard", "-l", real_library, "--unsure", "--json")
    assert ended.code == 0
    hits = ended.json["hits"]
    assert hits
    for hit in hits:
        assert 0 <= hit["start_s"] < hit["end_s"] <= hit["video"]["duration_s"] + 1e-6
    # The file name says it, whatever the encoder knows of dogs.
    assert any("skateboarding_dog" in hit["video"]["path"] for hit in hits)


def test_show_and_export_on_a_rotated_and_a_wide_clip(run, real_library, tmp_path):
    for name in ("skateboarding_dog.mp4", "IronMan.mp4"):
        ended = run("show", f"{name}@2-4", "-l", real_library, "--out", f"{name}.png", "--json")
        assert ended.code == 0, ended.err
        assert (tmp_path / f"{name}.png").stat().st_size > 10_000
        cut = run("export", f"{name}@2-4", "--to", "clip", "--exact", "-l", real_library, "--json")
        assert cut.code == 0, cut.err
        (path,) = json.loads(cut.out)["files"]
        assert (tmp_path / path).stat().st_size > 10_000
