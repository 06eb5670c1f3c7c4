"""Loss and gradients of the whole model, in one process and gathered over two."""

import os
import socket
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from safetensors.torch import load_file, save_file

from whenabouts.models.pixels import PixelSettings
from whenabouts.models.retrieval import RetrievalModel
from whenabouts.models.sizes import RetrievalSizes
from whenabouts.train.distributed import ALONE, Ranks, average_gradients
from whenabouts.train.retrieval_loss import PairBatch, RetrievalLossSettings, RetrievalObjective
from whenabouts.weights.published.drl import DRL
from whenabouts.weights.rename import load_strictly

pytestmark = pytest.mark.golden("tvr/full_model*")


def step(folder: Path, ranks: Ranks, settings: RetrievalLossSettings):
    """The model after a backward pass over this process's share of the case's batch."""
    weights, io = (load_file(folder / f"{name}.safetensors") for name in ("weights", "io"))
    tensors = DRL.to_ours(weights)
    model = RetrievalModel(RetrievalSizes.infer({k: tuple(v.shape) for k, v in tensors.items()}))
    load_strictly(model, tensors, "the case")
    mine = len(io["video"]) // ranks.size
    rows = slice(ranks.rank * mine, (ranks.rank + 1) * mine)
    batch = PairBatch(
        io["input_ids"][rows],
        io["text_mask"][rows],
        io["video"][rows],
        io["video_mask"][rows],
        torch.arange(len(io["video"]))[rows],
    )
    objective = RetrievalObjective(settings, PixelSettings(size_px=1), ranks)
    loss, _ = objective.loss(model, batch)
    loss.backward()
    average_gradients(model.parameters(), ranks)
    return model, loss


def worker(rank: int, port: int, folder: Path, gather: str, out: Path) -> None:
    torch.set_num_threads(1)
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    dist.init_process_group("gloo", rank=rank, world_size=2)
    model, loss = step(folder, Ranks(rank, 2), RetrievalLossSettings(gather=gather))
    if rank == 0:
        found = {name: p.grad.contiguous() for name, p in model.named_parameters()}
        save_file(found | {"loss": loss.detach().reshape(1)}, out)
    dist.destroy_process_group()


def two_processes(folder: Path, gather: str, out: Path) -> dict[str, torch.Tensor]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mp.spawn(worker, (port, folder, gather, out), nprocs=2)
    return load_file(out)


def compare(case, gradients, head, norms):
    """Every stored gradient, and the norms of all."""
    io = case.tensors()
    theirs = DRL.to_ours({k.removeprefix(head): v for k, v in io.items() if k.startswith(head)})
    assert len(theirs) >= 8
    for name, expected in theirs.items():
        case.close(gradients[name], expected, f"{head}{name}")
    listed = DRL.to_ours({k: torch.tensor(v) for k, v in case.facts["scalars"][norms].items()})
    assert listed.keys() == {name for name in gradients if name != "loss"}
    for name, expected in listed.items():
        case.close(gradients[name].norm(), expected, f"norm of {head}{name}")


@pytest.mark.parametrize("chunk", [0, 1])
def test_one_process(case, chunk):
    """At once, and with the features of one pair at a time in memory."""
    model, loss = step(case.folder, ALONE, RetrievalLossSettings(chunk=chunk))
    case.close(loss, torch.tensor(case.facts["scalars"]["loss_one_process"]), "loss")
    found = {name: p.grad for name, p in model.named_parameters()}
    compare(case, found, "grad1.", "grad_norms_one_process")


def test_two_processes_as_published(case, tmp_path):
    """Towers learn from half the gradient, what follows the gathering from all of it."""
    found = two_processes(case.folder, "published", tmp_path / "found.safetensors")
    case.close(found["loss"][0], torch.tensor(case.facts["scalars"]["loss_two_processes"]), "loss")
    compare(case, found, "grad2.", "grad_norms_two_processes")


def test_two_processes_are_as_good_as_one(case, tmp_path):
    found = two_processes(case.folder, "true", tmp_path / "found.safetensors")
    compare(case, found, "grad1.", "grad_norms_one_process")
