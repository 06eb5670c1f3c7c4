"""Jobs: progress, an end that is kept, stopping, restarting; exports and uploads."""

import json
import threading
import time

import pytest
from fakes import film
from serving import make_library, served

from whenabouts.app.serve.jobs import Jobs
from whenabouts.app.serve.lanes import Lanes, StoppedError
from whenabouts.app.serve.names import moment_id
from whenabouts.app.serve.problems import NotFoundError
from whenabouts.errors import InputError
from whenabouts.library.settings import SearchSettings


def _until(done, limit_s=20.0):
    end_s = time.monotonic() + limit_s
    while not done():
        assert time.monotonic() < end_s
        time.sleep(0.01)


@pytest.fixture
def jobs(tmp_path):
    made = Jobs(tmp_path / "jobs.sqlite")
    yield made
    made.close()


def test_a_job_runs_tells_and_ends(jobs):
    def work(request, told):
        told.progress("counting", 1, 2, "one")
        return {"twice": request["n"] * 2}

    lanes = Lanes(jobs, {"a": {"double": work}})
    lanes.start()
    job = lanes.add("double", {"n": 4})
    assert job.over.wait(10)
    assert jobs.get(job.id).to_json() | {"created_s": 0, "ended_s": 0} == {
        "id": job.id,
        "kind": "double",
        "state": "done",
        "request": {"n": 4},
        "progress": {"stage": "counting", "done": 1, "total": 2, "text": "one"},
        "result": {"twice": 8},
        "error": None,
        "created_s": 0,
        "ended_s": 0,
    }
    lanes.close()


def test_a_refused_job_keeps_its_reason_and_the_lane_goes_on(jobs):
    def work(request, told):
        if request["n"] == 0:
            raise InputError("nothing to do; say more")
        if request["n"] == 1:
            raise ZeroDivisionError
        return {}

    lanes = Lanes(jobs, {"a": {"try": work}})
    lanes.start()
    ended = [lanes.add("try", {"n": n}) for n in range(3)]
    for job in ended:
        assert job.over.wait(10)
    assert [job.state for job in ended] == ["failed", "failed", "done"]
    assert ended[0].error == {"status": 400, "detail": "nothing to do; say more", "kind": "Input"}
    assert ended[1].error["status"] == 500
    lanes.close()


def test_cancelling_stops_a_running_job_and_one_that_waits(jobs):
    begun = threading.Event()

    def work(request, told):
        begun.set()
        while True:
            told.progress("busy")
            time.sleep(0.005)

    lanes = Lanes(jobs, {"a": {"spin": work}})
    lanes.start()
    first, second = lanes.add("spin", {}), lanes.add("spin", {})
    assert begun.wait(10)
    assert jobs.cancel(second.id).state == "cancelled"
    jobs.cancel(first.id)
    assert first.over.wait(10)
    assert (first.state, second.state) == ("cancelled", "cancelled")
    assert jobs.cancel(first.id).state == "cancelled"
    lanes.close()


def test_what_ran_when_the_server_ended_is_done_by_the_next(tmp_path):
    file = tmp_path / "jobs.sqlite"
    jobs = Jobs(file)
    begun = threading.Event()

    def endless(request, told):
        begun.set()
        if not told.stop.wait(20):
            return {}
        raise StoppedError

    lanes = Lanes(jobs, {"a": {"work": endless}})
    lanes.start()
    running, waiting = lanes.add("work", {"n": 1}), lanes.add("work", {"n": 2})
    assert begun.wait(10)
    lanes.close()
    jobs.close()
    again = Jobs(file)
    assert [job.state for job in again.latest(9)] == ["queued", "queued"]
    lanes = Lanes(again, {"a": {"work": lambda request, told: {"n": request["n"]}}})
    lanes.start()
    for id_ in (running.id, waiting.id):
        assert again.get(id_).over.wait(10)
    assert [again.get(id_).result for id_ in (running.id, waiting.id)] == [{"n": 1}, {"n": 2}]
    lanes.close()
    again.close()


def test_a_job_that_was_running_when_the_machine_died_is_queued_again(tmp_path):
    file = tmp_path / "jobs.sqlite"
    jobs = Jobs(file)
    job = jobs.add("index", {"paths": []})
    jobs.end(jobs.add("export", {}), "done", {"files": []})
    assert jobs.take(frozenset({"index"})) is job  # and then the power goes: nothing is closed
    again = Jobs(file)
    assert [one.state for one in again.latest(9)] == ["done", "queued"]
    assert again.get(job.id).request == {"paths": []}
    again.close()
    jobs.close()


def test_an_unknown_job_is_not_found(jobs):
    with pytest.raises(NotFoundError, match="no job nonsense"):
        jobs.get("nonsense")


def test_events_tell_a_job_to_its_end(client, ids):
    form = {"video": ids["sea.mp4"], "query": "white", "wait_s": 0}
    answer = client.post("/api/v1/ground", json=form)
    assert answer.status_code in (200, 202)
    where = answer.headers["location"]
    with client.stream("GET", f"{where}/events") as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        blocks = "".join(events.iter_text()).strip().split("\n\n")
    name, data = blocks[-1].split("\n")
    assert name == "event: end"
    job = json.loads(data.removeprefix("data: "))
    assert job["state"] == "done"
    assert job == client.get(where).json()
    assert job["result"]["moments"][0]["start_s"] >= 4
    assert job["id"] in [one["id"] for one in client.get("/api/v1/jobs").json()["jobs"]]


@pytest.mark.parametrize("to", ["csv", "vtt", "otio", "edl", "fcpxml", "clip"])
def test_an_export_can_be_fetched(client, films, to):
    best = films.search("red", settings=SearchSettings(floor=0.0))[0]
    form = {"moments": [moment_id(best)], "to": to, "title": "红 <red>", "wait_s": 50}
    answer = client.post("/api/v1/exports", json=form)
    assert answer.status_code == 200, answer.text
    (file,) = answer.json()["files"]
    got = client.get(file["url"])
    assert got.status_code == 200
    assert len(got.content) == file["size"]
    assert "attachment" in got.headers["content-disposition"]
    if to == "clip":
        assert got.content[4:8] == b"ftyp"
    else:
        assert "<red>" not in got.text.replace("红 <red>", "") or to in ("csv", "edl", "otio")


def test_a_moment_that_does_not_exist_cannot_be_exported(client, ids):
    for name, status in ((f"{ids['sea.mp4']}@500-600", 409), ("0" * 32 + "@0-1", 404)):
        form = {"moments": [name], "to": "csv"}
        assert client.post("/api/v1/exports", json=form).status_code == status


def test_an_upload_becomes_a_video_of_the_library(tmp_path):
    with make_library(tmp_path) as library, served(library) as client:
        other = film(tmp_path / "new" / "cyan.mp4", [("cyan", 3.0)])
        url = "/api/v1/uploads"
        answer = client.post(url, params={"name": "../cyan.mp4"}, content=other.read_bytes())
        assert answer.status_code == 202, answer.text
        told = answer.json()
        path = told["video"]["path"]
        assert path.startswith(str(tmp_path / "x.lib" / "served" / "uploads"))
        _until(lambda: client.get(f"/api/v1/jobs/{told['job']['id']}").json()["ended_s"])
        job = client.get(f"/api/v1/jobs/{told['job']['id']}").json()
        # The library's encoder exists in this test only, so the child process cannot open it.
        assert job["state"] == "failed"
        assert "colours" in job["error"]["detail"]
        for body in (b"", b"<html>not a video</html>"):
            answer = client.post(url, params={"name": "x.mp4"}, content=body)
            assert answer.status_code == 415
        kept = list((tmp_path / "x.lib" / "served" / "uploads").rglob("*.mp4"))
        assert [str(one) for one in kept] == [path]


def test_uploads_have_a_limit(films):
    with served(films, upload_bytes=1000) as client:
        answer = client.post("/api/v1/uploads", params={"name": "x.mp4"}, content=b"x" * 2000)
        assert answer.status_code == 413
