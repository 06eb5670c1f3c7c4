"""What made a run: versions and machine, so that its figures can be traced."""

from __future__ import annotations

import json
import platform
import subprocess
from pathlib import Path
from typing import Any

import torch

import whenabouts
from whenabouts.train.distributed import Ranks

ABOUT = "about.json"


def note_part(folder: Path, device: torch.device, ranks: Ranks) -> None:
    """Append to `about.json` with what the run begins or goes on."""
    path = folder / ABOUT
    parts: list[dict[str, Any]] = []
    if path.exists():
        parts = json.loads(path.read_text(encoding="utf-8"))["parts"]
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine()
    parts.append(
        {
            "whenabouts": whenabouts.__version__,
            "commit": commit(),
            "python": platform.python_version(),
            "torch": torch.__version__,
            "device": f"{device.type} {name}",
            "processes": ranks.size,
        }
    )
    path.write_text(json.dumps({"parts": parts}, indent=1) + "\n", encoding="utf-8")


def commit() -> str:
    """The commit of the code, with `-dirty` when files differ from it; empty outside a checkout."""
    root = Path(whenabouts.__file__).parents[2]
    if not (root / ".git").exists():
        return ""
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return found.stdout.strip()
