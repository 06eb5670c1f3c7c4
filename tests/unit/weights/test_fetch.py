"""Getting a model, against a hub that runs on this machine: resume, checks, refusals."""

import hashlib
import json
import shutil
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from whenabouts.errors import InputError, MissingPartError, WeightsError
from whenabouts.systems.clip_tokens import open_encoder
from whenabouts.weights import fetch, hub
from whenabouts.weights.folder import SETTINGS, TEXT, VISION, read_settings

SHA = "0123456789abcdef0123456789abcdef01234567"
NAME = "somebody/small-clip"


class FakeHub(BaseHTTPRequestHandler):
    """Lists the files of one model and serves them, as the hub does."""

    def __init__(self, files: dict[str, bytes], state: dict, *args):
        self.files = files
        self.state = state
        super().__init__(*args)

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.state["asked"].append((self.path, self.headers.get("Range")))
        if self.path.startswith(f"/api/models/{NAME}"):
            self.answer(200, json.dumps(self.listing()).encode(), {})
        elif self.path.startswith(f"/{NAME}/resolve/{SHA}/"):
            self.serve(self.files[self.path.split(f"{SHA}/", 1)[1]])
        else:
            self.answer(404, b"{}", {"X-Error-Code": "RepoNotFound"})

    def serve(self, data: bytes):
        start = int((self.headers.get("Range") or "bytes=0-")[6:].rstrip("-"))
        part = data[start:]
        if self.state["breaks"] > 0 and len(part) > 4000:
            self.state["breaks"] -= 1
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(part)))
            self.end_headers()
            self.wfile.write(part[:3000])
            self.wfile.flush()
            self.close_connection = True
            return
        self.answer(206 if start else 200, part, {})

    def answer(self, status: int, body: bytes, headers: dict):
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)

    def listing(self) -> dict:
        siblings = []
        for path, data in self.files.items():
            told = self.state["lie"].get(path, data)
            line = {
                "rfilename": path,
                "size": len(data),
                "blobId": hashlib.sha1(b"blob %d\0" % len(told) + told).hexdigest(),
            }
            if path.endswith(".onnx"):
                sha = hashlib.sha256(told).hexdigest()
                line["lfs"] = {"sha256": sha, "size": len(data), "pointerSize": 130}
            siblings.append(line)
        card = {"license": "apache-2.0"}
        return {"id": NAME, "sha": SHA, "siblings": siblings, "cardData": card}


@pytest.fixture
def files(small_encoder) -> dict[str, bytes]:
    """What the hub has: a CLIP as ONNX, with names as transformers' exporters give them."""
    import onnx

    def renamed(name: str, given: dict[str, str]) -> bytes:
        model = onnx.load(small_encoder / name)
        for node in model.graph.node:
            for names in (node.input, node.output):
                names[:] = [given.get(old, old) for old in names]
        for value in (*model.graph.input, *model.graph.output):
            value.name = given.get(value.name, value.name)
        return model.SerializeToString()

    crop = {"height": 24, "width": 24}
    picture = {
        "size": {"shortest_edge": 24},
        "crop_size": crop,
        "do_center_crop": True,
        "resample": 3,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    }
    config = {
        "model_type": "clip",
        "vision_config": {"image_size": 24},
        "text_config": {"max_position_embeddings": 10},
    }
    return {
        "config.json": json.dumps(config).encode(),
        "preprocessor_config.json": json.dumps(picture).encode(),
        "tokenizer.json": (small_encoder / "tokenizer.json").read_bytes(),
        "onnx/vision_model.onnx": renamed(
            VISION, {"pixels": "pixel_values", "vectors": "image_embeds"}
        ),
        "onnx/text_model.onnx": renamed(
            TEXT, {"ids": "input_ids", "mask": "attention_mask", "vectors": "text_embeds"}
        ),
        "onnx/vision_model_q4.onnx": b"not wanted",
        "README.md": b"not wanted",
    }


@pytest.fixture
def state() -> dict:
    return {"asked": [], "breaks": 0, "lie": {}}


@pytest.fixture
def endpoint(files, state, tmp_path, monkeypatch):
    monkeypatch.setenv("WHENABOUTS_MODELS", str(tmp_path / "models"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(FakeHub, files, state))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_plan_says_what_would_come(endpoint, state, files):
    planned = fetch.plan(NAME, endpoint=endpoint)
    assert planned.licence == "apache-2.0"
    assert planned.revision == SHA
    wanted = set(files) - {"README.md", "onnx/vision_model_q4.onnx"}
    assert {file.path for file in planned.files} == wanted
    assert planned.size_bytes == sum(len(files[path]) for path in wanted)
    assert all(path.startswith("/api/") for path, _ in state["asked"]), "asking fetches nothing"
    assert not hub.home().exists()


def test_fetch_makes_an_encoder(endpoint, files):
    with pytest.raises(MissingPartError, match=f"whenabouts models get {NAME}"):
        open_encoder(NAME)
    seen = []
    planned = fetch.plan(NAME, endpoint=endpoint)
    folder = fetch.fetch(planned, lambda here, total: seen.append((here, total)))
    assert seen == sorted(seen)
    assert seen[-1] == (planned.size_bytes, planned.size_bytes)
    settings = read_settings(folder)
    assert (settings.name, settings.licence) == (NAME, "apache-2.0")
    assert (folder / VISION).read_bytes() == files["onnx/vision_model.onnx"]
    encoder = open_encoder(NAME, threads=1)
    assert encoder.width == 16
    assert len(encoder.encode_text("a red circle")) == 5
    assert [model.name for model in hub.installed()] == [NAME]
    assert not hub.unfinished(NAME).exists()
    assert hub.remove(NAME) > planned.size_bytes / 2
    assert hub.installed() == ()
    with pytest.raises(InputError, match="no model"):
        hub.remove(NAME)


def test_a_broken_connection_goes_on(endpoint, state):
    state["breaks"] = 2
    fetch.fetch(fetch.plan(NAME, endpoint=endpoint), lambda here, total: None)
    assert (hub.folder_of(NAME) / SETTINGS).is_file()
    ranges = [asked for path, asked in state["asked"] if asked and path.endswith(".onnx")]
    assert ranges, "it went on where it had ended"


def test_stopped_and_started_again(endpoint, state, files):
    planned = fetch.plan(NAME, endpoint=endpoint)

    def stop(here, total):
        if here > total * 0.7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch.fetch(planned, stop)
    kept = sum(path.stat().st_size for path in hub.unfinished(NAME).rglob("*") if path.is_file())
    assert kept > planned.size_bytes * 0.5
    assert not hub.folder_of(NAME).exists()
    state["asked"].clear()
    fetch.fetch(planned, lambda here, total: None)
    again = {path.rsplit("/", 1)[1] for path, _ in state["asked"]}
    assert "tokenizer.json" not in again
    assert (hub.folder_of(NAME) / SETTINGS).is_file()


@pytest.mark.parametrize("path", ["onnx/vision_model.onnx", "tokenizer.json"])
def test_another_checksum_is_refused(endpoint, state, path):
    state["lie"][path] = b"something else"
    with pytest.raises(WeightsError, match="arrived damaged"):
        fetch.fetch(fetch.plan(NAME, endpoint=endpoint), lambda here, total: None)
    assert not hub.folder_of(NAME).exists()
    assert not list(hub.unfinished(NAME).rglob(f"*{Path(path).name}*"))


def test_unknown_and_unreachable(endpoint):
    with pytest.raises(InputError, match="no model 'some/other'"):
        fetch.plan("some/other", endpoint=endpoint)
    with pytest.raises(MissingPartError, match="cannot be asked"):
        fetch.plan(NAME, endpoint="http://127.0.0.1:9")


@pytest.mark.parametrize("name", ["", "../x", "a/b/c", "/etc", "a b", ".hidden/x", "a/--b"])
def test_odd_names(name):
    with pytest.raises(InputError, match="no model name"):
        hub.folder_of(name)


def test_no_room(endpoint, monkeypatch):
    planned = fetch.plan(NAME, endpoint=endpoint)
    full = shutil.disk_usage("/")._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    with pytest.raises(InputError, match="GB free"):
        fetch.fetch(planned, lambda here, total: None)


def test_files_chosen():
    weights = ["config.json", "model.safetensors", "pytorch_model.bin", "tf_model.h5", "vocab.txt"]
    assert fetch.choose(weights, weights=True) == ("config.json", "model.safetensors")
    assert fetch.choose(weights, weights=False) == ()
    shards = [f"model-0000{i}-of-00002.safetensors" for i in (1, 2)]
    listed = [*shards, "model.safetensors.index.json"]
    assert set(fetch.choose(listed, weights=True)) == set(listed)
    towers = ["onnx/text_model.onnx", "onnx/vision_model.onnx", "onnx/vision_model.onnx_data"]
    assert set(fetch.choose([*towers, *weights], weights=True)) == {"config.json", *towers}


def test_known_models():
    models = hub.known()
    assert models[0].name == hub.RECOMMENDED
    assert "zh" in models[0].languages
    for model in models:
        assert hub.folder_of(model.name)
        assert model.licence
        assert model.onnx == "" or hub.folder_of(model.onnx)
