"""Index onto a disk that is full, then with room again; `test_hostile_world` runs it by itself."""

import sys
from pathlib import Path

from colour_encoder import ColourEncoder

from whenabouts import open_library
from whenabouts.errors import WhenaboutsError
from whenabouts.library.settings import IndexSettings


def main() -> None:
    """Arguments: a folder with videos, and the folder where the small disk is mounted."""
    videos, disk = Path(sys.argv[1]), Path(sys.argv[2])
    settings = IndexSettings(passes=("keyframes", "frames"))
    assert open_library(disk / "my.lib", ColourEncoder()).add(videos / "0.mp4", settings=settings)
    fill(disk / "filler")
    try:
        tell(
            "REPORT", open_library(disk / "my.lib", ColourEncoder()).add(videos, settings=settings)
        )
    except WhenaboutsError as error:
        tell("TOLD", error)
    kept = open_library(disk / "my.lib", ColourEncoder())
    tell("KEPT", sorted((Path(row.path).name, row.status) for row in kept.videos()))
    (disk / "filler").unlink()
    kept = open_library(disk / "my.lib", ColourEncoder())
    tell("AFTER", kept.add(videos, settings=settings))


def tell(word: str, what: object) -> None:
    """One line for the test that reads the output."""
    sys.stdout.write(f"{word} {what}\n")


def fill(path: Path) -> None:
    """Write until nothing more goes onto the disk."""
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return


if __name__ == "__main__":
    main()
