"""Checkpoints are read without running what is in them."""

import os
import pickle
import zipfile

import pytest
import torch

from whenabouts.errors import WeightsError
from whenabouts.weights.archive import read_archive
from whenabouts.weights.folder import read_tensors
from whenabouts.weights.start import read_start


class Evil:
    def __reduce__(self):
        return os.system, ("echo ran > ran.txt",)


def test_what_torch_saves(tmp_path):
    base = torch.arange(12, dtype=torch.float32)
    saved = {
        "whole": base,
        "turned": base.view(3, 4).T,
        "part": base[3:7],
        "half": torch.ones(2, 2, dtype=torch.float16),
        "brain": torch.full((3,), 1.5, dtype=torch.bfloat16),
        "count": torch.tensor(7),
        "empty": torch.empty(0, 3),
        "nested": {"inner": torch.nn.Parameter(torch.zeros(2))},
        "epoch": 3,
    }
    torch.save(saved, tmp_path / "w.bin")
    read = read_archive(tmp_path / "w.bin")
    assert set(read) == (set(saved) - {"nested", "epoch"}) | {"nested.inner"}
    for name in ("whole", "turned", "part", "half", "brain", "count", "empty"):
        assert torch.equal(read[name], saved[name]), name
        assert read[name].dtype == saved[name].dtype


@pytest.mark.parametrize("where", ["top", "value"])
def test_code_is_refused_and_not_run(tmp_path, monkeypatch, where):
    monkeypatch.chdir(tmp_path)
    graph = Evil() if where == "top" else {"w": Evil()}
    with zipfile.ZipFile("evil.pt", "w") as archive:
        archive.writestr("evil/data.pkl", pickle.dumps(graph, protocol=2))
    with pytest.raises(WeightsError, match="system"):
        read_tensors(tmp_path / "evil.pt")
    assert not (tmp_path / "ran.txt").exists()


def test_old_pickle_with_code_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "evil.bin").write_bytes(pickle.dumps({"w": Evil()}, protocol=2))
    with pytest.raises(WeightsError, match="more than plain tensors"):
        read_tensors(tmp_path / "evil.bin")
    assert not (tmp_path / "ran.txt").exists()


def test_tensor_outside_of_its_storage(tmp_path):
    torch.save({"w": torch.zeros(4)}, tmp_path / "w.pt")
    with zipfile.ZipFile(tmp_path / "w.pt") as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(tmp_path / "short.pt", "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data[:8] if "/data/" in name else data)
    with pytest.raises(WeightsError, match="2 of 4 values"):
        read_archive(tmp_path / "short.pt")


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_cut_off_file(tmp_path, cut):
    torch.save({"w": torch.zeros(400)}, tmp_path / "w.pt")
    data = (tmp_path / "w.pt").read_bytes()
    (tmp_path / "w.pt").write_bytes(data[: int(len(data) * cut)])
    with pytest.raises(WeightsError):
        read_tensors(tmp_path / "w.pt")


def test_another_zip(tmp_path):
    with zipfile.ZipFile(tmp_path / "notes.pt", "w") as archive:
        archive.writestr("notes.txt", "hello")
    with pytest.raises(WeightsError, match="no checkpoint"):
        read_tensors(tmp_path / "notes.pt")


def test_missing_and_damaged_files_say_so(tmp_path):
    with pytest.raises(WeightsError, match="no weights file"):
        read_tensors(tmp_path / "nothing.safetensors")
    (tmp_path / "w.safetensors").write_bytes(b"\x00" * 40)
    with pytest.raises(WeightsError, match="damaged"):
        read_tensors(tmp_path / "w.safetensors")
    (tmp_path / "w.pt").write_bytes(b"hi\n")
    with pytest.raises(WeightsError, match=r"w\.pt is damaged"):
        read_tensors(tmp_path / "w.pt")
    torch.save([1, 2], tmp_path / "list.pt")
    with pytest.raises(WeightsError, match=r"list\.pt holds no tensors"):
        read_tensors(tmp_path / "list.pt")


def test_a_start_that_is_not_there_or_of_another_architecture_is_named(tmp_path):
    with pytest.raises(WeightsError, match=r"no file .*nowhere\.pt"):
        read_start(str(tmp_path / "nowhere.pt"))
    torch.save({"layers.0.weight": torch.ones(3, 3)}, tmp_path / "other.pt")
    with pytest.raises(WeightsError, match=r"other\.pt: .*another architecture"):
        read_start(str(tmp_path / "other.pt"))
