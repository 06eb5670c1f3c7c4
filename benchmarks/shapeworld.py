"""How fast shape world draws: scripts, frames for training, frames of files, on one core.

    python benchmarks/shapeworld.py [--json FILE]

CPU seconds are counted, so other work on the machine does not change the figures much.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.render import Painter
from whenabouts.shapeworld.say import caption
from whenabouts.shapeworld.scene import draw_script

SCRIPTS = 200
FRAMES = 8
SIZES_PX = ((96, 96), (128, 128), (320, 240))


def rate(work: int, seconds: float) -> float:
    """Pieces of work a second."""
    return work / seconds


def main() -> None:
    """Print a table; write it as JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    target = parser.parse_args().json
    found: dict[str, float] = {}
    start_s = time.process_time()
    scripts = [draw_script(seed, "train") for seed in range(SCRIPTS)]
    found["scripts a second"] = rate(SCRIPTS, time.process_time() - start_s)
    dice = Dice(0)
    start_s = time.process_time()
    for script in scripts:
        caption(script, "en", dice)
        caption(script, "zh", dice)
    found["captions a second"] = rate(2 * SCRIPTS, time.process_time() - start_s)
    for width, height in SIZES_PX:
        some = scripts if width < 200 else scripts[:60]
        start_s = time.process_time()
        for script in some:
            painter = Painter(script, width, height)
            for time_s in np.linspace(0, script.duration_s, FRAMES, endpoint=False):
                painter.frame(float(time_s))
        seconds = time.process_time() - start_s
        found[f"frames a second at {width}x{height}"] = rate(FRAMES * len(some), seconds)
    for name, value in found.items():
        print(f"{name:36s} {value:10.0f}")
    if target is not None:
        target.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
