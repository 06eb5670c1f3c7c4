"""The jobs of `interaction.py`, each in a process of its own with one thread."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TILE = 32
"""Texts and videos of a tile of the published evaluation loop."""
ROWS = 384
"""Rows of the bare product at once: all of it would be 0.6 GB of similarities."""
PART = 2000
"""Videos at a time where there are too many to hold."""


def bare(folder: str) -> None:
    """The matrix product over the valid tokens, and nothing else."""
    import numpy as np
    from measure import Clock

    texts, videos = _packed(folder)
    columns = np.ascontiguousarray(videos.vectors)
    out = np.empty((ROWS, len(columns)), np.float32)
    clock = Clock()
    for first in range(0, len(texts.vectors), ROWS):
        rows = texts.vectors[first : first + ROWS]
        np.matmul(rows, columns.T, out=out[: len(rows)])
    clock.stop()


def blocks(folder: str) -> None:
    """Exact scores by `pairs`."""
    import numpy as np
    from measure import Clock

    from whenabouts.models.pairs import score_all

    texts, videos = _packed(folder)
    clock, before_mb = Clock(), _resident_mb()
    scores = score_all(texts, videos)
    above_mb = _peak_mb() - before_mb
    np.save(f"{folder}/blocks.npy", scores)
    clock.stop(above_mb=above_mb)


def weights(folder: str) -> None:
    """What is computed once: weight logits of all valid tokens, lengths, softmax, packing."""
    import numpy as np
    from measure import Clock

    from whenabouts.models.pairs import pack

    clock, nets = None, np.load(f"{folder}/nets.npz")
    for side in ("text", "video"):
        raw = np.load(f"{folder}/{side}.npz")
        vectors, mask = raw["vectors"], raw["mask"]
        clock = clock or Clock()
        hidden = np.maximum(vectors[mask] @ nets[f"{side}_w0"].T + nets[f"{side}_b0"], 0)
        logits = np.zeros(mask.shape, np.float32)
        logits[mask] = hidden @ nets[f"{side}_w2"][0]
        packed = pack(vectors, mask, logits, "zero")
        np.savez(
            f"{folder}/{side}_packed.npz",
            vectors=packed.vectors,
            weights=packed.weights,
            counts=packed.counts,
            slots=packed.slots,
        )
    assert clock is not None
    clock.stop()


def tiles(folder: str) -> None:
    """The published loop: every tile computes weights and lengths of its texts and videos anew."""
    import numpy as np
    import torch
    from measure import Clock

    from whenabouts.models.interaction import Tokens, weight_net, wti

    torch.set_num_threads(1)
    nets = np.load(f"{folder}/nets.npz")
    made = {}
    for side in ("text", "video"):
        raw = np.load(f"{folder}/{side}.npz")
        net = weight_net(raw["vectors"].shape[2], 2)
        names = {"0.weight": "w0", "0.bias": "b0", "2.weight": "w2", "2.bias": "b2"}
        net.load_state_dict({k: torch.from_numpy(nets[f"{side}_{v}"]) for k, v in names.items()})
        made[side] = torch.from_numpy(raw["vectors"]), torch.from_numpy(raw["mask"]), net
    (text, said, text_net), (video, seen, video_net) = made["text"], made["video"]
    clock = Clock()
    rows = []
    with torch.no_grad():
        for a in range(0, len(text), TILE):
            row = []
            for v in range(0, len(video), TILE):
                ours = text[a : a + TILE]
                theirs = video[v : v + TILE]
                left = Tokens(ours, said[a : a + TILE], text_net(ours).squeeze(-1))
                right = Tokens(theirs, seen[v : v + TILE], video_net(theirs).squeeze(-1))
                row.append(wti(left, right, "zero").mean)
            rows.append(torch.cat(row, dim=1))
        scores = torch.cat(rows).numpy()
    np.save(f"{folder}/tiles.npy", scores)
    clock.stop()


def scale(texts: int, videos: int, width: int, limit: int, share: float) -> None:
    """Best videos of each text, block by block; of a `share` of the videos, where all take long."""
    from interaction_data import noise_texts, noise_videos
    from measure import Clock

    from whenabouts.models.pairs import best_of

    said = noise_texts(texts, width)
    counted = max(1, round(videos * share))
    feed = _Timed(noise_videos(counted, width, PART))
    clock, before_mb = Clock(), _resident_mb()
    found = best_of(said, feed, limit)
    cpu_s = time.process_time() - clock.cpu_s - feed.cpu_s
    clock.stop(
        scored=counted, score_cpu_s=cpu_s, above_mb=_peak_mb() - before_mb,
        matrix_mb=texts * videos * 4 / 1e6, kept=list(found.videos.shape),
    )  # fmt: skip


class _Timed:
    """Hands parts on and counts what making them costs."""

    def __init__(self, parts: Iterator[Any]) -> None:
        self._parts, self.cpu_s = parts, 0.0

    def __iter__(self) -> Iterator[Any]:
        while True:
            start = time.process_time()
            part = next(self._parts, None)
            self.cpu_s += time.process_time() - start
            if part is None:
                return
            yield part


def _packed(folder: str) -> list[Any]:
    import numpy as np

    from whenabouts.models.pairs import Packed

    sides = []
    for side in ("text", "video"):
        raw = np.load(f"{folder}/{side}_packed.npz")
        sides.append(Packed(raw["vectors"], raw["weights"], raw["counts"], int(raw["slots"])))
    return sides


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _peak_mb() -> float:
    """Since the last call of `_resident_mb` at the latest, the peak of the process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6


JOBS = {"bare": bare, "blocks": blocks, "weights": weights, "tiles": tiles, "scale": scale}

if __name__ == "__main__":
    JOBS[sys.argv[1]](**json.loads(sys.argv[2]))
