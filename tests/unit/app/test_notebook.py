"""A moment that plays in a notebook."""

import base64
import io
import re
from pathlib import Path

import av
import pytest
from fakes import film

from whenabouts import play
from whenabouts.errors import InputError
from whenabouts.library.watchers import open_video
from whenabouts.types import Moment, Span, Video


def test_a_clip_holds_the_moment_and_stands_at_its_beginning(tmp_path):
    path = film(tmp_path / "<b>.mp4", [("red", 4.0), ("blue", 3.0), ("white", 4.0)])
    moment = Moment(open_video(path), Span(4.0, 7.0), 1.0, "<script>")
    shown = play(moment)._repr_html_()
    assert "<script>" not in shown
    assert "<b>.mp4" not in shown
    found = re.search(r"base64,([^#]+)#t=([\d.]+),([\d.]+)'", shown)
    start_s, end_s = float(found[2]), float(found[3])
    assert end_s - start_s == pytest.approx(3.0, abs=0.1)
    with av.open(io.BytesIO(base64.b64decode(found[1]))) as media:
        inside = [
            frame.to_ndarray(format="rgb24").mean(axis=(0, 1))
            for frame in media.decode(video=0)
            if start_s + 0.3 < frame.time < end_s - 0.3
        ]
    assert len(inside) > 10
    assert all(one == pytest.approx((40, 60, 220), abs=25) for one in inside)


def test_a_file_of_another_machine_is_refused():
    video = Video("0" * 16, Path("/not/here.mp4"), 10.0, 25.0, 64, 48)
    with pytest.raises(InputError, match="open the page of the server"):
        play(Moment(video, Span(0.0, 1.0), 1.0))
