"""Videos to measure on: test pictures with noise and cuts, long files made by copying packets."""

from __future__ import annotations

import colorsys
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from av.video.frame import PictureType

SCENE_S = 4


def noisy_clip(path: Path, seconds: int, gop: int, size: tuple[int, int], fps: int = 30) -> Path:
    """Moving test pictures with film grain, another tint every four seconds; H.264, cached."""
    if path.exists():
        return path
    graph = av.filter.Graph()
    chain = [
        graph.add("testsrc2", f"size={size[0]}x{size[1]}:rate={fps}:duration={seconds}"),
        graph.add("hue", f"H=2.4*floor(t/{SCENE_S}):s=1+0.4*sin(floor(t/{SCENE_S}))"),
        graph.add("noise", "alls=5:allf=t"),
        graph.add("format", "pix_fmts=yuv420p"),
        graph.add("buffersink"),
    ]
    for one, other in pairwise(chain):
        one.link_to(other)
    graph.configure()
    draft = path.with_suffix(".part.mp4")
    with av.open(str(draft), "w") as out:
        options = {"preset": "veryfast", "crf": "27", "g": str(gop), "sc_threshold": "0"}
        stream = out.add_stream("libx264", rate=fps, options=options)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, fps)
        for number in range(seconds * fps):
            frame = graph.pull()
            frame.pts, frame.time_base = number, Fraction(1, fps)
            # The source marks every picture as a key frame, which the coder would obey.
            frame.pict_type = PictureType.NONE
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return draft.rename(path)


def slides(path: Path, seconds: int, size: tuple[int, int], fps: int = 30) -> Path:
    """A talk: a slide stays for some seconds while a pointer rests or wanders; cached."""
    if path.exists():
        return path
    rng = np.random.default_rng(11)
    draft = path.with_suffix(".part.mp4")
    with av.open(str(draft), "w") as out:
        options = {"preset": "veryfast", "crf": "27", "g": "250"}
        stream = out.add_stream("libx264", rate=fps, options=options)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, fps)
        slide, until = np.zeros((size[1], size[0], 3), np.uint8), 0.0
        for number in range(seconds * fps):
            if number / fps >= until:
                slide, until = _slide(rng, size), number / fps + rng.uniform(5, 20)
            picture = slide
            if (number // (fps * 10)) % 3 == 0:  # the pointer wanders ten seconds of thirty
                at = 200 + 7 * (number % 100)
                picture = slide.copy()
                picture[300:312, at : at + 12] = (255, 40, 40)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return draft.rename(path)


def _slide(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """A light page with a coloured picture on it and lines like text."""
    page = np.full((size[1], size[0], 3), rng.integers(200, 255, 3), np.uint8)
    page[80:160, 100 : int(rng.integers(400, 900))] = rng.integers(0, 120, 3)
    small = rng.integers(0, 255, (6, 8, 3), dtype=np.uint8)
    x, y = int(rng.integers(60, 500)), int(rng.integers(200, 330))
    page[y : y + 330, x : x + 440] = small.repeat(55, axis=0).repeat(55, axis=1)
    for row in range(220, 640, 40):
        page[row : row + 8, 980 : 980 + int(rng.integers(60, 250))] = 40
    return page


def repeated(source: Path, path: Path, seconds: float) -> Path:
    """`source` over and over until `seconds`, by copying packets; cached."""
    if path.exists():
        return path
    draft = path.with_suffix(".part.mp4")
    with av.open(str(source)) as given:
        stream = given.streams.video[0]
        packets = [(p.pts, p.dts, p.is_keyframe, bytes(p)) for p in given.demux(stream) if p.size]
        base = stream.time_base
        length = round(float(stream.frames / stream.average_rate / base))
        with av.open(str(draft), "w") as out:
            copy = out.add_stream_from_template(stream)
            for turn in range(int(np.ceil(seconds / (length * float(base))))):
                for pts, dts, is_key, data in packets:
                    packet = av.Packet(data)
                    packet.pts, packet.dts = pts + turn * length, dts + turn * length
                    packet.time_base, packet.stream, packet.is_keyframe = base, copy, is_key
                    out.mux(packet)
    return draft.rename(path)


def shapes(folder: Path, count: int) -> list[Path]:
    """Shape-world videos with queries and their truth in `truth.jsonl`; cached."""
    from whenabouts.shapeworld.make import make

    if not (folder / "truth.jsonl").exists():
        make(folder, "library", videos=count, seed=21)
    return sorted(folder.glob("*.mp4"))


def tiny_pictures(folder: Path, count: int) -> Path:
    """A folder of `count` different pictures of 16x16 pixels in 100 sub-folders; cached."""
    from PIL import Image

    done = folder / f"{count}.done"
    if done.exists():
        return folder
    for number in range(count):
        part = folder / f"{number % 100:02d}"
        part.mkdir(parents=True, exist_ok=True)
        tint = colorsys.hsv_to_rgb(number / count, 0.8, 0.9)
        pixels = np.full((16, 16, 3), [round(255 * c) for c in tint], np.uint8)
        pixels[0, :, 0] = [(number >> bit & 1) * 255 for bit in range(16)]
        Image.fromarray(pixels).save(part / f"{number:05d}.png")
    done.touch()
    return folder
