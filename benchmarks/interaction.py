"""What exact token-wise scores cost, and how few of them find the same videos.

    python benchmarks/interaction.py                       # 1,000 texts x 1,000 videos, one thread
    python benchmarks/interaction.py recall --shapes 1000  # two stages; drawn videos, too
    python benchmarks/interaction.py scale                 # up to 10,000 x 100,000 by blocks
    python benchmarks/interaction_plot.py                  # the curve, as a picture

`cost`: against the bare matrix product over the valid tokens, and against the published loop over
32 x 32 tiles that computes the token weights of each tile anew. `recall`: share of the ten best by
exact scores that two stages find, by work (multiply-adds, as a share of scoring every pair). Each
prints a table and writes its part of `benchmarks/results/interaction.json`. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

PARTS = ("cost", "recall", "scale")
OUT = Path(__file__).resolve().parent / "results" / "interaction.json"


def main() -> None:
    """Measure one part and tell."""
    arguments = _arguments()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"  # before numpy is loaded, here and in the jobs
    import interaction_parts
    from measure import machine

    part = dict(
        zip(
            PARTS,
            (interaction_parts.cost, interaction_parts.recall, interaction_parts.scale),
            strict=True,
        )
    )
    found = {"machine": machine(), **part[arguments.part](arguments)}
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    kept = json.loads(arguments.out.read_text()) if arguments.out.exists() else {}
    arguments.out.write_text(json.dumps(kept | {arguments.part: found}, indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", nargs="?", choices=PARTS, default="cost")
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--videos", type=int, default=1000)
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3, help="the best of so many counts")
    parser.add_argument("--shapes", type=int, default=0, help="drawn videos; 0: none")
    parser.add_argument("--encoder", default="tiny-clip", help="of the drawn videos")
    parser.add_argument("--rate-hz", type=float, default=1.0, help="of the drawn videos")
    parser.add_argument("--whole", action="store_true", help="score all videos of every size")
    parser.add_argument("--out", type=Path, default=OUT)
    return parser.parse_args()


if __name__ == "__main__":
    main()
