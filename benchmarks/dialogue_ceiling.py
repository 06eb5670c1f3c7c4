"""How often a search of the simulated user can end within three turns, whoever answers.

    python benchmarks/dialogue_ceiling.py --split test --first-seed 50000 --videos 1000

No library is needed: it follows from what is true of the drawn videos.
"""

from __future__ import annotations

import argparse

from whenabouts.evaluate.ceiling import ceiling
from whenabouts.evaluate.dialogue_settings import DialogueSettings
from whenabouts.evaluate.drawn_library import DrawnSettings, drawn_scripts
from whenabouts.shapeworld.library_truth import LibraryTruth


def main() -> None:
    """Draw the scripts, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", choices=("train", "val", "test"), default="test")
    parser.add_argument("--first-seed", type=int, default=50_000)
    parser.add_argument("--videos", type=int, default=1000)
    parser.add_argument("--searches", type=int, default=60)
    asked = parser.parse_args()
    drawn = DrawnSettings(split=asked.split, first_seed=asked.first_seed, videos=asked.videos)
    settings = DialogueSettings(corpus=drawn, searches=asked.searches)
    truth = LibraryTruth(drawn_scripts(drawn))
    for lang in settings.langs:
        for points, told in ((False, "names facts"), (True, "points")):
            share = ceiling(truth, settings, lang, points=points)
            print(f"{lang}, user {told}: {share:.1f} % can come first within three turns")


if __name__ == "__main__":
    main()
