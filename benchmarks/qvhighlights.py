"""What the QVHighlights evaluator costs, against the same figures computed query by query.

    python benchmarks/qvhighlights.py                                 # made-up, 1,550 queries
    python benchmarks/qvhighlights.py --predictions P --references R  # files of one's own

The loop does what the usual evaluator does, one query, rater, threshold and length range after the
other, on one core and without its worker processes. Both must give the same figures, or the run
fails. Prints a table and writes `benchmarks/results/qvhighlights.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

OUT = Path(__file__).resolve().parent / "results" / "qvhighlights.json"


def main() -> None:
    """Measure and tell."""
    arguments = _arguments()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    from measure import machine
    from qvhighlights_loop import by_queries, made_up

    from whenabouts.evaluate.score_files import records
    from whenabouts.metrics.qvhighlights import qvhighlights

    if arguments.predictions:
        predictions, references = records(arguments.predictions), records(arguments.references)
    else:
        predictions, references = made_up(arguments.queries, seed=0)
    fast, found = _best(lambda: qvhighlights(predictions, references), arguments.rounds)
    slow, expected = _best(lambda: by_queries(predictions, references), 1)
    if found != expected:
        raise SystemExit("the two ways differ; the evaluator is wrong")
    rows = {
        "queries": len(references),
        "evaluator_cpu_s": round(fast, 3),
        "loop_cpu_s": round(slow, 2),
        "ratio": round(slow / fast, 1),
        "brief": found["brief"],
    }
    print(f"{'queries':>10} {'evaluator CPU s':>17} {'loop CPU s':>12} {'ratio':>7}")
    print(f"{rows['queries']:>10} {fast:>17.3f} {slow:>12.2f} {slow / fast:>7.1f}")
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps({"machine": machine(), **rows}, indent=1) + "\n")


def _best(work, rounds: int):
    """Least CPU seconds of some rounds, and the answer."""
    best, answer = float("inf"), None
    for _ in range(rounds):
        start = time.process_time()
        answer = work()
        best = min(best, time.process_time() - start)
    return best, answer


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--queries", type=int, default=1550, help="of the made-up files")
    parser.add_argument("--rounds", type=int, default=3, help="of the evaluator; the best counts")
    parser.add_argument("--predictions", type=Path, help="a file of QVHighlights lines")
    parser.add_argument("--references", type=Path)
    parser.add_argument("--out", type=Path, default=OUT)
    found = parser.parse_args()
    if bool(found.predictions) != bool(found.references):
        parser.error("give both --predictions and --references, or none")
    return found


if __name__ == "__main__":
    main()
