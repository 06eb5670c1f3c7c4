"""Pictures of the page, and the one in the README: `python benchmarks/page.py --out DIR`.

Draws and indexes a library of shape world (seed 1), serves it, and looks at it in Chromium: the
wall, a search, a video with its panels, the talk; light and dark, wide and on a phone, in English
and in Chinese. `--readme FILE` also writes the picture of the README.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

sys.path[:0] = [str(Path(__file__).parents[1] / "tests" / part) for part in ("", "e2e")]

from browser import chromium, page_of, until  # noqa: E402
from serving import listening  # noqa: E402

from whenabouts import open_library  # noqa: E402

ASKED = "two cyan hearts circle around"
ASKED_ZH = "两个青色爱心正在绕圈"
README_BYTES = 200_000


def main() -> None:
    """Write the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="Folder for the pictures.")
    parser.add_argument("--library", type=Path, help="This library instead of a drawn one.")
    parser.add_argument("--readme", type=Path, help="Where the picture of the README goes.")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        library = options.library or drawn(Path(folder))
        with (
            open_library(library, create=False) as opened,
            listening(opened) as url,
            chromium() as browser,
        ):
            _wide(browser, url, options.out)
            _phone(browser, url, options.out)
    if options.readme is not None:
        _small(options.out / "search.png", options.readme)


def drawn(folder: Path, videos: int = 12, seed: int = 1, *, index: bool = True) -> Path:
    """`folder/shapes.lib`, a library of the videos drawn into `folder/shapes`."""
    shapes, library = folder / "shapes", folder / "shapes.lib"
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "whenabouts"]
    drawing = ["--videos", str(videos), "--seed", str(seed), "--shortest", "12", "--longest", "25"]
    subprocess.run([*command, "shapes", "make", shapes, *drawing], check=True)
    if index:
        subprocess.run([*command, "index", shapes, "--library", library], check=True)
    return library


def _wide(browser, url: str, out: Path) -> None:
    for scheme, locale, words in (("light", "en-GB", ASKED), ("dark", "zh-CN", ASKED_ZH)):
        shape = {"color_scheme": scheme, "locale": locale}
        with page_of(browser, url, viewport={"width": 1360, "height": 800}, **shape) as page:
            page.goto("/")
            page.wait_for_selector(".tile img")
            _settled(page, out / f"wall-{scheme}.png")
            page.fill("#q", words)
            page.wait_for_selector(".card")
            page.click("#b-talk")
            page.click(".card .hit")
            page.wait_for_selector("#message")
            page.fill("#message", words)
            page.press("#message", "Enter")
            page.wait_for_selector(".turn.assistant .card")
            _settled(page, out / ("search.png" if scheme == "light" else f"search-{scheme}.png"))
            for tab in ("ask", "locate", "texts", "highlights"):
                page.click(f"[role=tab][id$='-{tab}']")
                _settled(page, out / f"{tab}-{scheme}.png")
            page.click("#b-work")
            _settled(page, out / f"work-{scheme}.png")
            assert page.told == [], page.told


def _phone(browser, url: str, out: Path) -> None:
    shape = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
    with page_of(browser, url, color_scheme="light", **shape) as page:
        page.goto("/")
        page.wait_for_selector(".tile img")
        _settled(page, out / "phone-wall.png")
        page.fill("#q", ASKED)
        page.wait_for_selector(".card")
        _settled(page, out / "phone-search.png")
        page.tap(".card .hit")
        _settled(page, out / "phone-video.png")


def _settled(page, file: Path) -> None:
    """A picture once nothing is loaded any more."""
    page.wait_for_timeout(700)
    loaded = "[...document.images].every((one) => one.complete || one.loading === 'lazy')"
    playing = "[...document.querySelectorAll('video')].every((one) => one.readyState >= 2)"
    until(page, f"{loaded} && {playing}")
    page.screenshot(path=file)


def _small(file: Path, target: Path) -> None:
    """The picture with few colours: small enough for a repository."""
    with Image.open(file) as picture:
        for colours in (256, 128, 64):
            fewer = picture.convert("RGB").quantize(colours, dither=Image.Dither.NONE)
            fewer.save(target, optimize=True)
            if target.stat().st_size <= README_BYTES:
                print(f"{target}: {target.stat().st_size} bytes")
                return
    raise SystemExit(f"{target} is larger than {README_BYTES} bytes")


if __name__ == "__main__":
    main()
