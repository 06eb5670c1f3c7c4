"""Learns `src/whenabouts/weights/tiny/dialogue/hunch.npz`: what an utterance asks for.

    python tools/hunch.py [--seed 0] [--count 900] [--out FILE]

Examples are utterances drawn from the grammars in `tools/ways/` and those of `tests/dialogue`,
except `fresh.jsonl`, which only measures. A few minutes on one core.
"""

from __future__ import annotations

import argparse
import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from ways import Drawn, Grammar

from whenabouts.dialogue import hunch
from whenabouts.dialogue.hunch import BITS, GAIN, LABELS, WIDTH
from whenabouts.dialogue.plan import Scene
from whenabouts.dialogue.reading import heard, made_plain, ruled
from whenabouts.dialogue.topic import topic_of
from whenabouts.evaluate.utterances import TODAY, Case, read_cases, turns_of

CASES = Path(__file__).parents[1] / "tests" / "dialogue"
FILES = ("development", "held_out", "practice", "look")
RULED = ("practice",)
"""Rules were written for these many: how well they read them says nothing of others."""
LINE = 3.0
"""What an utterance of a file counts beside one that was drawn."""
EPOCHS, BATCH, RATE, LEFT_OUT = 3, 256, 0.02, 0.2
_SEEN = Scene(shown=5, focus=True, asked=True, met=1)
SCENES = {
    "N": Scene(),
    "L": _SEEN,
    "P": replace(_SEEN, picked=True),
    "A": replace(_SEEN, picked=True, told="jump"),
    "M": replace(_SEEN, picked=True, moment=True, told="jump"),
}


@dataclass(frozen=True, slots=True)
class Example:
    """Rows of an utterance's pieces, the labels of which each is right, and what it counts."""

    rows: np.ndarray
    right: frozenset[str]
    counts: float = 1.0


def drawn(lang: str, one: Drawn) -> Example:
    """An example of a drawn utterance."""
    state = "A" if one.state == "P" and zlib.crc32(one.text.encode()) % 3 == 0 else one.state
    scene = replace(SCENES[state], lang=lang)
    return Example(rows_of(one.text, scene, lang), frozenset((one.label,)))


def known(case: Case, *, ruled_for: bool) -> Example:
    """An example of a line of a file."""
    turns = turns_of(case)
    scene = topic_of(turns, TODAY).scene(turns)
    rows = rows_of(case.utterance, scene, case.lang, rules=not ruled_for)
    return Example(rows, right(case), LINE)


def before(cases: Sequence[Case]) -> list[Example]:
    """What was said in the conversations before: how it was answered tells what it asked for."""
    found: dict[tuple[str, str], Example] = {}
    for case in cases:
        turns = turns_of(case)
        for at in range(len(turns) - 1):
            told = {"moment": "moment", "answer": "answer"}.get(turns[at + 1].act)
            told = "find" if at == 0 and turns[1].act == "videos" else told
            if turns[at].role == "user" and told is not None:
                scene = topic_of(turns[:at], TODAY).scene(turns[:at])
                rows = rows_of(turns[at].text, replace(scene, lang=case.lang), case.lang)
                found[turns[at].text, told] = Example(rows, frozenset((told,)))
    return list(found.values())


def rows_of(text: str, scene: Scene, lang: str, *, rules: bool = True) -> np.ndarray:
    """Which rows of the weights an utterance takes."""
    said = heard(text, made_plain(text, "zh" if lang == "zh" else "en"), scene, TODAY)
    told = hunch.pieces(said, ruled(said))
    told = told if rules else hunch.without_rules(told)
    return np.array([zlib.crc32(piece.encode("utf-8")) % (1 << BITS) for piece in told], np.int64)


def right(case: Case) -> frozenset[str]:
    """The labels of which each is right for a line."""
    found: set[str] = set()
    for act in case.acts:
        if act == "feedback":
            told = {"like" * bool(case.likes), "dislike" * bool(case.dislikes)} - {""}
            found |= told or {"like", "dislike"}
        elif act == "moment" and case.part and not case.words:
            found.add(case.part)
        elif act == "find" and case.history and "refine" in case.acts:
            continue  # what was told before is kept
        elif act == "find" and not case.words and case.history:
            found |= {"find", "restart"}
        elif act == "answer" and case.part and not case.words and "moment" in case.acts:
            continue
        else:
            found.add(act)
    return frozenset(found)


class Net(torch.nn.Module):
    """The sum of rows, a layer, the labels."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = torch.nn.EmbeddingBag(1 << BITS, WIDTH, mode="sum")
        torch.nn.init.normal_(self.rows.weight, std=0.05)
        self.out = torch.nn.Linear(WIDTH, len(LABELS))

    def forward(self, rows: Sequence[np.ndarray]) -> torch.Tensor:
        """Logits of the labels, [B,L]."""
        sizes = torch.tensor([len(one) for one in rows])
        total = self.rows(torch.tensor(np.concatenate(rows)), sizes.cumsum(0) - sizes)
        return self.out(torch.relu(total / sizes.float().sqrt()[:, None] * GAIN))


def learn(examples: Sequence[Example], seed: int) -> Net:
    """A net that knows the examples; some pieces are left out at each step."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = Net()
    optimizer = torch.optim.Adam(net.parameters(), RATE)
    wrong = torch.tensor([[name not in one.right for name in LABELS] for one in examples])
    counts = torch.tensor([one.counts for one in examples])
    starts = range(0, len(examples), BATCH)
    steps, done = EPOCHS * len(starts), 0
    for _ in range(EPOCHS):
        order = rng.permutation(len(examples))
        for start in starts:
            batch = order[start : start + BATCH]
            told = [examples[at].rows for at in batch]
            told = [rows[rng.random(len(rows)) > LEFT_OUT] for rows in told]
            optimizer.param_groups[0]["lr"] = RATE * (1 - done / steps)
            scores = torch.log_softmax(net(told), 1).masked_fill(wrong[batch], -1e9)
            loss = -(torch.logsumexp(scores, 1) * counts[batch]).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            done += 1
    return net


def write(net: Net, path: Path) -> None:
    """The weights as the planner reads them: rows in whole numbers from -127 to 127."""
    rows = net.rows.weight.detach().numpy()
    scale = float(np.quantile(np.abs(rows), 0.9999)) / 127
    whole = np.clip(np.round(rows / scale), -127, 127).astype(np.int8)
    out, bias = net.out.weight.detach().numpy(), net.out.bias.detach().numpy()
    np.savez_compressed(path, rows=whole, scale=np.float32(scale), out=out, bias=bias)


def examples_of(count: int, seed: int, files: Sequence[str] = FILES) -> list[Example]:
    """All that is learned from."""
    found = [
        drawn(lang, one)
        for lang in ("en", "zh")
        for one in Grammar(lang).draw(count, random.Random(seed))
    ]
    for name in files:
        cases = read_cases(CASES / f"{name}.jsonl")
        found += [known(case, ruled_for=name in RULED) for case in cases]
        found += before(cases)
    return found


def main() -> None:
    """Learns and writes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=900)
    parser.add_argument("--out", type=Path, default=hunch.WEIGHTS)
    told = parser.parse_args()
    torch.set_num_threads(1)
    examples = examples_of(told.count, told.seed)
    write(learn(examples, told.seed), told.out)
    print(f"{told.out}: learned from {len(examples)} utterances, {told.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
