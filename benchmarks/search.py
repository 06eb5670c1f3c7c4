"""How fast and how well a library is searched: 10 thousand, 100 thousand, a million moments.

    python benchmarks/search.py --sizes 10000 100000 --folder scratch/search

Against a plain numpy scan of the same float32 vectors and faiss, in one process and in turns, with
the same number of threads for numpy and faiss. The store's driver has a pool of its own with as
many threads as the machine has cores; `near` and `match` run one after the other unless the
library says otherwise. Prints a table and writes `benchmarks/results/search.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
JOBS = HERE / "search_jobs.py"


def main() -> None:
    """Measure every size and tell."""
    arguments = _arguments()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(arguments.threads)  # before numpy is loaded, here and in the jobs
    from measure import machine, table

    results: dict[str, Any] = {
        "machine": machine(),
        "threads": arguments.threads,
        "dims": arguments.dims,
        "latent": arguments.latent,
        "queries": arguments.queries,
        "sizes": {},
    }
    for moments in arguments.sizes:
        results["sizes"][str(moments)] = _measure(moments, arguments)
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(json.dumps(results, indent=1) + "\n")
    print(table(_latencies(results)))
    print()
    print(table(_costs(results)))
    missed = [line for name, size in results["sizes"].items() for line in _missed(int(name), size)]
    print("\n" + ("\n".join(missed) if missed else "all targets are met"))


def _measure(moments: int, arguments: argparse.Namespace) -> dict[str, Any]:
    """Build (unless it is there from an earlier run), open cold, search."""
    from measure import run_job

    root = arguments.folder or Path(tempfile.mkdtemp(prefix="search-"))
    folder = root / f"{moments}-{arguments.dims}-{arguments.latent}"
    world = {"moments": moments, "dims": arguments.dims, "latent": arguments.latent}
    size = {"folder": folder, "world": world}
    costs = folder / "costs.json"
    if not costs.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _say(f"{moments}: building")
        costs.write_text(json.dumps(asdict(run_job(JOBS, "build", size))))
    build = json.loads(costs.read_text())
    _say(f"{moments}: opening cold")
    opened = [asdict(run_job(JOBS, "cold", size)) for _ in range(3)]
    cold = sorted(opened, key=lambda one: one["answer"]["first_s"])[1]
    _say(f"{moments}: searching")
    asked = {**size, "queries": arguments.queries, "threads": arguments.threads}
    answer = asdict(run_job(JOBS, "search", asked))["answer"]
    if arguments.folder is None:
        shutil.rmtree(root)
    return {
        "build": build["answer"],
        "build_peak_mb": build["peak_mb"],
        "cold": {**cold["answer"], "cpu_s": cold["cpu_s"]},
        "latency": {
            name: {**_summary(times), "cpu_ms": round(answer["cpu_ms"][name], 3)}
            for name, times in answer["latency_ms"].items()
        },
        "recall": answer["recall"],
    }


def _summary(times_ms: list[float]) -> dict[str, float]:
    import numpy as np

    p50, p95 = np.percentile(times_ms, [50, 95])
    return {"p50_ms": round(float(p50), 3), "p95_ms": round(float(p95), 3)}


def _latencies(results: dict[str, Any]) -> list[list[str]]:
    head = "moments|engine|p50 ms|p95 ms|CPU ms|p50 / scan|p95 / scan|recall@10"
    rows = [head.split("|")]
    for moments, size in results["sizes"].items():
        scan = size["latency"]["numpy scan"]
        for name, times in size["latency"].items():
            recall = size["recall"].get(name)
            rows.append(
                [
                    moments,
                    name,
                    f"{times['p50_ms']:.1f}",
                    f"{times['p95_ms']:.1f}",
                    f"{times['cpu_ms']:.1f}",
                    f"{times['p50_ms'] / scan['p50_ms']:.2f}",
                    f"{times['p95_ms'] / scan['p95_ms']:.2f}",
                    "" if recall is None else f"{recall:.3f}",
                ]
            )
    return rows


def _costs(results: dict[str, Any]) -> list[list[str]]:
    rows = [
        [
            "moments",
            "ingest CPU s",
            "upkeep CPU s",
            "disk MB",
            "RSS MB",
            "known s",
            "first answer s",
        ]
    ]
    for moments, size in results["sizes"].items():
        build, cold = size["build"], size["cold"]
        values = [build["ingest_cpu_s"], build["upkeep_cpu_s"], build["disk_mb"], cold["rss_mb"]]
        opened = [cold["known_s"], cold["first_s"]]
        rows.append([moments, *(f"{v:.1f}" for v in values), *(f"{v:.2f}" for v in opened)])
    return rows


def _missed(moments: int, size: dict[str, Any]) -> list[str]:
    """The targets of this size that were not reached, in words."""
    scan, hybrid = size["latency"]["numpy scan"], size["latency"]["hybrid search"]
    ratio, least = (1.5, 0.98) if moments < 1_000_000 else (0.4, 0.95)
    missed = [
        f"{moments}: hybrid {p} is {hybrid[p] / scan[p]:.2f} x the scan's, target {ratio}"
        for p in ("p50_ms", "p95_ms")
        if moments >= 100_000 and hybrid[p] > ratio * scan[p]
    ]
    if size["recall"]["store near"] < least:
        missed.append(f"{moments}: recall {size['recall']['store near']:.3f}, target {least}")
    if moments >= 1_000_000 and size["cold"]["first_s"] > 2:
        missed.append(f"{moments}: first answer after {size['cold']['first_s']:.2f} s, target 2")
    return missed


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--dims", type=int, default=512)
    parser.add_argument("--latent", type=int, default=64, help="directions the vectors vary in")
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--folder", type=Path, help="keep libraries here and use them again")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "search.json")
    return parser.parse_args()


if __name__ == "__main__":
    main()
