"""Full queues and disks, jobs that are asked for twice, methods that are not there, numbers."""

import json
from collections import namedtuple

import pytest
from serving import served
from threadpoolctl import threadpool_info

from whenabouts.app.serve import jobs as jobs_module
from whenabouts.app.serve.jobs import Jobs
from whenabouts.app.serve.problems import FullError, Json, NotFoundError

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def jobs(tmp_path):
    made = Jobs(tmp_path / "jobs.sqlite")
    yield made
    made.close()


def test_an_index_that_waits_is_not_queued_again(jobs):
    first = jobs.add("index", {"paths": ["/a"]}, once=True)
    assert jobs.add("index", {"paths": ["/a"]}, once=True) is first
    assert jobs.add("index", {"paths": ["/b"]}, once=True) is not first
    jobs.take(frozenset({"index"}))
    assert jobs.add("index", {"paths": ["/a"]}, once=True) is not first  # it has begun already


def test_few_ended_jobs_are_in_memory_and_all_can_be_asked_for(jobs, monkeypatch, tmp_path):
    monkeypatch.setattr(jobs_module, "AT_HAND", 3)
    made = []
    for number in range(8):
        made.append(jobs.add("ground", {"n": number}))
        jobs.end(jobs.take(frozenset({"ground"})), "done", {"n": number})
    waiting = jobs.add("ground", {"n": 8})
    assert len(jobs._jobs) == 4
    assert jobs.get(made[0].id).result == {"n": 0}
    assert jobs.get(made[0].id).over.is_set()
    assert [job.request["n"] for job in jobs.latest(5)] == [8, 7, 6, 5, 4]
    assert jobs.counts() == {"done": 8, "queued": 1}
    again = Jobs(tmp_path / "jobs.sqlite")
    assert again.take(frozenset({"ground"})).id == waiting.id
    again.close()
    monkeypatch.setattr(jobs_module, "KEPT", 4)
    jobs.add("ground", {})
    assert len(jobs.latest(100)) == 4
    with pytest.raises(NotFoundError):
        jobs.get(made[0].id)


def test_a_full_queue_takes_no_more(jobs, monkeypatch):
    monkeypatch.setattr(jobs_module, "MOST_WAITING", 2)
    jobs.add("ground", {})
    jobs.add("ground", {})
    with pytest.raises(FullError, match="2 jobs are waiting"):
        jobs.add("ground", {})


def test_a_full_queue_and_a_full_disk_are_told(films, ids, monkeypatch):
    with served(films) as client:
        monkeypatch.setattr(jobs_module, "MOST_WAITING", 0)
        form = {"video": ids["sea.mp4"], "query": "blue"}
        answer = client.post("/api/v1/ground", json=form)
        assert (answer.status_code, answer.json()["kind"]) == (429, "Full")
        monkeypatch.setattr(
            "whenabouts.app.serve.uploads.shutil.disk_usage", lambda _: Usage(100, 100, 0)
        )
        answer = client.post("/api/v1/uploads", params={"name": "x.mp4"}, content=b"x")
        assert (answer.status_code, answer.json()["kind"]) == (507, "NoRoom")
        assert not list((films.path / "served" / "uploads").iterdir())


def test_a_job_is_cancelled_over_rest_and_stays_there(client, ids):
    form = {"video": ids["sea.mp4"], "query": "white", "wait_s": 50}
    where = client.post("/api/v1/ground", json=form).headers["location"]
    told = client.post(f"{where}/cancel").json()
    assert told["state"] == "done"  # what has ended stays as it is
    assert client.get(where).json() == told
    assert client.post("/api/v1/jobs/0123456789abcdef/cancel").status_code == 404


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/v1/chats", "GET, POST"),
        ("/api/v1/chats/x", "GET, DELETE"),
        ("/api/v1/search", "POST"),
        ("/api/v1/videos", "GET"),
    ],
)
def test_a_wrong_method_names_the_right_ones(client, path, allowed):
    answer = client.request("PUT", path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    "form",
    [
        {"limit": "3"},
        {"limit": True},
        {"limit": 1.5},
        {"floor": True},
        {"order": 1},
        {"order": "yes"},
        {"floor": 1.5},
        {"limit": 10**30},
        {"nonsense": 1},
        {"filters": {"folder": "~root"}},
        {"filters": {"shortest_s": "1"}},
    ],
)
def test_only_what_the_schema_says_is_taken(client, form):
    answer = client.post("/api/v1/search", json={"query": "red", **form})
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_a_whole_number_may_have_a_point(client):
    assert client.post("/api/v1/search", json={"query": "red", "limit": 10.0}).status_code == 200


@pytest.mark.parametrize("text", ["日本 \x00", "NaN of Infinity", "a\ud800b"])
def test_any_text_goes_out_as_json(text):
    value = {"text": text, "numbers": [0.1, 1e300, 5e-324, -0.0], "none": None}
    assert json.loads(Json(value).body) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_not_sent(value):
    with pytest.raises(ValueError, match="JSON"):
        Json({"score": value})


def test_while_it_serves_a_product_takes_one_thread(films):
    with served(films):
        makes = {one["internal_api"]: one["num_threads"] for one in threadpool_info()}
    assert makes.get("openblas", 1) == 1
