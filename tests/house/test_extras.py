"""Without an extra, everything else works, and a command that needs it says how to add it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BLOCK = """
import sys
from importlib.abc import MetaPathFinder

class Absent(MetaPathFinder):
    names = {names!r}
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
sys.argv = ["whenabouts", *{words!r}]
from whenabouts.app.cli import main
main()
"""
TORCH = {"torch", "torchvision", "transformers", "peft", "accelerate", "open_clip", "onnx"}


def _without(names, words, folder: Path):
    home = {f"XDG_{name}_HOME": str(folder / name) for name in ("CONFIG", "DATA", "STATE")}
    return subprocess.run(
        [sys.executable, "-c", BLOCK.format(names=names, words=[str(word) for word in words])],
        cwd=folder,
        env={**os.environ, **home},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    from whenabouts.shapeworld.make import make

    folder = tmp_path_factory.mktemp("light")
    make(folder / "videos", videos=2, duration_s=(5.0, 6.0))
    return folder


def test_index_and_search_need_no_extra(videos):
    absent = TORCH | {"faster_whisper", "ray", "gradio", "scenedetect"}
    indexed = _without(absent, ["index", "videos", "-l", "x.lib", "--json"], videos)
    assert indexed.returncode == 0, indexed.stderr
    assert '"new": 2' in indexed.stdout
    found = _without(absent, ["search", "a star", "-l", "x.lib", "--unsure", "--json"], videos)
    assert found.returncode == 0, found.stderr
    assert "shapes_0000.mp4" in found.stdout


@pytest.mark.parametrize(
    ("words", "names", "extra"),
    [
        (["convert", "clip", "out"], TORCH, "whenabouts[torch]"),
        (["train", "recipes/tiny-clip.toml"], TORCH, "whenabouts[torch]"),
        (["caption", "film.mp4", "--model", "tiny-vtgllm"], TORCH, "whenabouts[torch]"),
        (["models", "get", "speech-small"], {"faster_whisper"}, "whenabouts[asr]"),
    ],
)
def test_a_missing_extra_is_one_line_that_says_how_to_add_it(tmp_path, words, names, extra):
    (tmp_path / "clip").mkdir()
    (tmp_path / "clip" / "config.json").write_text('{"model_type": "clip"}')
    (tmp_path / "clip" / "model.safetensors").write_bytes(b"")
    (tmp_path / "film.mp4").write_bytes(b"")
    root = Path(__file__).parents[2]
    words = [root / word if word.startswith("recipes/") else word for word in words]
    ended = _without(names, words, tmp_path)
    assert ended.returncode == 2, ended.stderr
    lines = [line for line in ended.stderr.splitlines() if line.startswith("whenabouts: ")]
    assert len(lines) == 1
    assert f"pip install '{extra}'" in lines[0]
    assert "Traceback" not in ended.stderr
