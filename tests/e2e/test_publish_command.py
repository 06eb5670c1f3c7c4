"""`whenabouts models publish` on the encoder that comes with the package."""

import json
import subprocess
import sys


def whenabouts(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "whenabouts", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_model_goes_out_under_the_names_of_transformers(tmp_path):
    target = tmp_path / "theirs"
    done = whenabouts("models", "publish", "tiny-clip", str(target), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert {"config.json", "model.safetensors", "retrieval_head.safetensors"} <= set(told["files"])
    again = whenabouts("models", "publish", "tiny-clip", str(target))
    assert again.returncode == 2 and "new folder" in again.stderr
