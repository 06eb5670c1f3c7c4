"""`whenabouts convert timechat|vtgllm` on a folder with the published files."""

import pytest
import tiny_video_llm as tiny

from whenabouts.systems.video_llm import open_chat


@pytest.mark.parametrize("system", ["timechat", "vtgllm"])
def test_from_a_folder_of_files(run, tmp_path, system):
    (tmp_path / "files").mkdir()
    given, _ = tiny.write_stack(tmp_path / "files", system, whole=system == "vtgllm")
    (tmp_path / "sizes.toml").write_text(given.to_toml())
    words = ("convert", system, "files", "ours", "--settings", "sizes.toml", "--name", "mine")
    ended = run(*words, "--json")
    assert ended.code == 0, ended.err
    assert ended.json["name"] == "mine"
    assert "weights from " in ended.err
    chat = open_chat(tmp_path / "ours", "float32")
    assert chat.settings.name == "mine"
    assert chat.settings.sizes == given.sizes
    assert ended.json["notes"] == []
    (tmp_path / "files" / f"{'timechat_7b' if system == 'timechat' else 'vtgllm'}.pth").unlink()
    ended = run(*words)
    assert ended.code == 2
    assert "the model's own checkpoint" in ended.err


def test_words_that_do_not_belong_together(run):
    for words, told in (
        (("convert", "a", "b", "c"), "timechat or vtgllm"),
        (("convert", "timechat", "a", "b", "--int8"), "--int8 is for encoders"),
        (("convert", "a", "b", "--vocab", "v.txt"), "--vocab is for"),
        (("convert", "timechat", "nowhere", "b"), "is no folder"),
    ):
        ended = run(*words)
        assert ended.code == 2, words
        assert told in ended.err
