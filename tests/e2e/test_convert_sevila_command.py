"""`convert sevila` by its files' names, and what is refused."""

import pytest
import tiny_sevila as tiny

from whenabouts.weights.sevila_folder import open_sevila


@pytest.fixture
def files(tmp_path):
    (tmp_path / "files").mkdir()
    tiny.write_files(tmp_path / "files")
    (tmp_path / "size.toml").write_text(tiny.settings().to_toml(), encoding="utf-8")
    return tmp_path


def test_convert(run, files):
    words = (
        "convert",
        "sevila",
        files / "files",
        files / "ours",
        "--settings",
        files / "size.toml",
    )
    ended = run(*words, "--name", "mine", "--json")
    assert ended.code == 0, ended.err
    assert ended.json["name"] == "mine"
    assert "localizer from sevila_pretrained" in ended.err
    assert open_sevila(files / "ours").settings.name == "mine"
    ended = run(*words, "--localizer", "blip2")
    assert ended.code == 0, ended.err
    assert "localizer from blip2_pretrained_flant5xl" in ended.err


def test_options_of_others(run, files):
    ended = run("convert", "sevila", files / "files", files / "ours", "--seconds", "linear")
    assert ended.code == 2
    assert "--seconds is not for" in ended.err
    ended = run("convert", "timechat", files / "files", files / "ours", "--t5", files)
    assert ended.code == 2
    assert "--t5 is not for" in ended.err
    ended = run("convert", files / "files", files / "ours", "--t5", files)
    assert ended.code == 2
    assert "--t5 is for" in ended.err
