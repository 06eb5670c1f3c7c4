"""The server is killed in the middle of jobs: what was committed stays, and they go on."""

import time

import httpx
from fakes import film
from serve_process import serving, start

from whenabouts import open_library

PLAIN = {"screen_text": False, "speech": False}
FILMS = 5


def _until(look, limit_s=90.0):
    end_s = time.monotonic() + limit_s
    while not (found := look()):
        assert time.monotonic() < end_s
        time.sleep(0.05)
    return found


def _ended(url, job):
    def look():
        told = httpx.get(f"{url}/api/v1/jobs/{job}", timeout=90).json()
        return told if told["ended_s"] else None

    return _until(look)


def _index(url, folder):
    form = {"paths": [str(folder)], **PLAIN}
    answer = httpx.post(f"{url}/api/v1/library/index", json=form, timeout=90)
    assert answer.status_code == 202
    return answer.json()["id"]


def test_a_killed_server_loses_nothing_and_its_jobs_are_done_by_the_next(tmp_path):
    film(tmp_path / "first" / "a.mp4", [("red", 2.0), ("blue", 2.0)])
    for at in range(FILMS):
        film(tmp_path / "then" / f"{at}.mp4", [("green", 2.0 + at / 10), ("white", 2.0)])
    library = tmp_path / "x.lib"
    open_library(library).close()
    process, url = start(library)
    assert _ended(url, _index(url, tmp_path / "first"))["state"] == "done"
    running = _index(url, tmp_path / "then")
    waiting = httpx.post(f"{url}/api/v1/library/prune", timeout=90).json()["id"]
    child = _until(
        lambda: httpx.get(f"{url}/api/v1/jobs/{running}", timeout=90).json()["state"] == "running"
    )
    assert child
    process.kill()
    process.wait()
    process.stdout.close()

    with serving(library) as (_, url):
        kept = [
            one["name"] for one in httpx.get(f"{url}/api/v1/videos", timeout=90).json()["videos"]
        ]
        assert "a.mp4" in kept
        told = _ended(url, running)
        assert told["state"] == "done", told
        assert _ended(url, waiting)["state"] == "done"
        videos = httpx.get(f"{url}/api/v1/videos", timeout=90).json()
        assert videos["total"] == FILMS + 1
        assert len({one["id"] for one in videos["videos"]}) == FILMS + 1
