"""The parts of `interaction.py`: cost, recall against work, growth."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from interaction_data import world
from measure import Figures, alternate, run_job, table

from whenabouts.models.candidates import Sketch, coarse_videos, two_stages
from whenabouts.models.pairs import Packed, pack, pack_encodings, score_all

JOBS = Path(__file__).with_name("interaction_jobs.py")
TOP = 10
NOISES = (0.8, 1.2, 1.6)
"""Of the made-up worlds; with 1.2 the exact scores put about two of three right videos first."""
SHARES = (0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.15)
"""Of the videos, that are scored exactly."""
SIZES = ((1000, 1000, 1.0), (1000, 10_000, 1.0), (10_000, 10_000, 0.2), (10_000, 100_000, 0.02))
"""Texts, videos, and the share of the videos that is scored for the figure."""


def cost(arguments: argparse.Namespace) -> dict[str, Any]:
    """CPU seconds, memory and agreement at one size."""
    with tempfile.TemporaryDirectory(prefix="interaction-") as folder:
        _write_features(Path(folder), arguments)
        given = {"folder": folder}
        jobs = {n: lambda n=n: run_job(JOBS, n, given) for n in ("weights", "bare", "blocks")}
        found = alternate(jobs, arguments.rounds)
        found["tiles"] = [run_job(JOBS, "tiles", given)]
        scores, tiles = (np.load(f"{folder}/{name}.npy") for name in ("blocks", "tiles"))
    best = {name: min(runs, key=lambda run: run.cpu_s) for name, runs in found.items()}
    answer = {
        "texts": arguments.texts,
        "videos": arguments.videos,
        "width": arguments.width,
        "cpu_s": {name: round(one.cpu_s, 3) for name, one in best.items()},
        "cpu_s_of_all": {n: [round(r.cpu_s, 3) for r in runs] for n, runs in found.items()},
        "blocks_by_bare": round(best["blocks"].cpu_s / best["bare"].cpu_s, 3),
        "tiles_by_all": round(
            best["tiles"].cpu_s / (best["blocks"].cpu_s + best["weights"].cpu_s), 2
        ),
        "above_features_mb": round(max(r.answer["above_mb"] for r in found["blocks"]), 1),
        "largest_difference": float(np.abs(scores - tiles).max()),
    }
    print(table(_cost_rows(answer, best)))
    return answer


def _cost_rows(answer: dict[str, Any], best: dict[str, Figures]) -> list[list[str]]:
    rows = [["", "CPU s", "by the bare product", "MB above the features"]]
    told = {
        "bare": "bare product over valid tokens",
        "blocks": "exact scores by blocks",
        "weights": "weights, lengths, packing: once",
        "tiles": "tiles that compute weights anew",
    }
    for name, text in told.items():
        share = best[name].cpu_s / best["bare"].cpu_s
        memory = f"{answer['above_features_mb']:.0f}" if name == "blocks" else ""
        rows.append([text, f"{best[name].cpu_s:.2f}", f"{share:.2f}", memory])
    return rows


def _write_features(folder: Path, arguments: argparse.Namespace) -> None:
    """Features of both sides and the networks that weigh their tokens."""
    random = np.random.default_rng(5)
    sides = world(arguments.texts, arguments.videos, arguments.width, NOISES[1])
    nets: dict[str, np.ndarray] = {}
    for name, side in zip(("text", "video"), sides, strict=True):
        np.savez(folder / f"{name}.npz", vectors=side.vectors, mask=side.mask)
        shapes = {
            "w0": (arguments.width,) * 2,
            "b0": (arguments.width,),
            "w2": (1, arguments.width),
        }
        for part, shape in shapes.items():
            drawn = random.standard_normal(shape, dtype=np.float32)
            nets[f"{name}_{part}"] = drawn / np.float32(arguments.width**0.5)
        nets[f"{name}_b2"] = np.zeros(1, np.float32)
    np.savez(folder / "nets.npz", **nets)


def recall(arguments: argparse.Namespace) -> dict[str, Any]:
    """Recall of the ten best against work, in made-up worlds and in drawn videos."""
    curves: dict[str, Any] = {}
    for noise in NOISES:
        text, video = world(arguments.texts, arguments.videos, arguments.width, noise)
        sides = (
            pack(text.vectors, text.mask, text.logits),
            pack(video.vectors, video.mask, video.logits),
        )
        curves[f"made up, noise {noise}"] = _curve(*sides)
    if arguments.shapes:
        curves[f"drawn, {arguments.encoder}"] = _curve(*_drawn(arguments))
    rows = [["world", "R@1", "candidates by", "K", "work", "CPU", "recall@10"]]
    for name, curve in curves.items():
        for point in curve["points"]:
            rows.append([
                name, f"{curve['R@1']:.1f}", point["by"], str(point["candidates"]),
                f"{point['work']:.3f}", f"{point['cpu']:.3f}", f"{point['recall']:.3f}",
            ])  # fmt: skip
    print(table(rows))
    return {"curves": curves}


def _curve(texts: Packed, videos: Packed) -> dict[str, Any]:
    start = time.process_time()
    exact = score_all(texts, videos)
    exact_s = time.process_time() - start
    own = exact[np.arange(len(exact)), np.arange(len(exact)) % exact.shape[1]]
    right = float(((exact > own[:, None]).sum(axis=1) < 1).mean())
    best = np.argsort(-exact, axis=1)[:, :TOP]
    points: list[dict[str, Any]] = []
    sketch = Sketch.of(videos)
    one = Packed(videos.pooled(), np.ones(len(videos), np.float32), np.ones(len(videos), np.intp))
    ways = {
        "one vector a video": Sketch(one, None, None),
        "two frames as one": Sketch(coarse_videos(videos), None, None),
        "every frame": Sketch(videos, None, None),
    }
    if sketch.basis is not None:
        ways["telling words, few directions"] = sketch
    for by, tried in ways.items():
        for share in SHARES:
            count = max(TOP, round(share * len(videos)))
            start = time.process_time()
            found = two_stages(texts, videos, count, TOP, tried).videos
            cpu_s = time.process_time() - start
            kept = [len(set(a) & set(b)) for a, b in zip(best, found, strict=True)]
            points.append({
                "by": by, "candidates": count,
                "work": round(tried.work_share(texts, videos, count), 4),
                "cpu": round(cpu_s / exact_s, 4), "recall": round(float(np.mean(kept)) / TOP, 4),
            })  # fmt: skip
    kept_directions = None if sketch.basis is None else sketch.basis.shape[1]
    facts = {"R@1": round(100 * right, 1), "exact_cpu_s": round(exact_s, 3)}
    return {**facts, "directions": kept_directions, "points": points}


def _drawn(arguments: argparse.Namespace) -> tuple[Packed, Packed]:
    """Captions and drawn videos as an encoder sees them."""
    from whenabouts.evaluate.shapes import EvaluateSettings, draw_all, look, make_cases
    from whenabouts.library.encoders import open_encoder

    encoder = open_encoder(arguments.encoder)
    settings = EvaluateSettings(
        videos=arguments.shapes, short_px=encoder.input_px, rate_hz=arguments.rate_hz
    )
    cases = make_cases(settings)
    seen = look(encoder, draw_all(cases, settings), settings)
    texts = [encoder.encode_text(case.captions["en"]) for case in cases]
    return pack_encodings(texts), pack_encodings([one.encoding for one in seen])


def scale(arguments: argparse.Namespace) -> dict[str, Any]:
    """Cost and memory as both sides grow; the matrix is never held."""
    sizes: list[dict[str, Any]] = []
    rows = [["texts x videos", "scored", "CPU s", "ns a pair", "CPU s for all", "MB above texts",
             "MB of the matrix"]]  # fmt: skip
    for texts, videos, share in SIZES:
        share = 1.0 if arguments.whole else share
        given = {"texts": texts, "videos": videos, "width": arguments.width, "limit": 100}
        one = run_job(JOBS, "scale", given | {"share": share}).answer
        ns = one["score_cpu_s"] / (texts * one["scored"]) * 1e9
        sizes.append({"texts": texts, "videos": videos, "ns_a_pair": round(ns, 1), **one})
        rows.append([
            f"{texts:,} x {videos:,}", f"{one['scored'] / videos:.0%}", f"{one['score_cpu_s']:.1f}",
            f"{ns:.0f}", f"{ns * texts * videos / 1e9:.0f}", f"{one['above_mb']:.0f}",
            f"{one['matrix_mb']:.0f}",
        ])  # fmt: skip
    print(table(rows))
    return {"sizes": sizes}
