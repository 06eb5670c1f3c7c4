"""The calls of the server on a library whose truth is known."""

import io
import json

import numpy as np
import pytest
from PIL import Image
from serving import FILMS, LINE

from whenabouts.app.serve.names import moment_id
from whenabouts.types import Moment


def _search(client, **form):
    answer = client.post("/api/v1/search", json=form)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_search_is_what_the_library_finds(client, films):
    answer = _search(client, query="red", floor=0.0)
    found = films.search("red", settings=_unsure())
    assert [Moment.from_json(hit).video.id for hit in answer["hits"]] == [
        one.video.id for one in found
    ]
    assert answer["hits"][0]["video"]["path"].endswith("sunset.mp4")
    assert answer["hits"][0]["end_s"] <= 5
    assert answer["took_ms"] > 0


def _unsure():
    from whenabouts.library.settings import SearchSettings

    return SearchSettings(floor=0.0)


def test_half_typed_words_find_nothing_and_are_no_fault(client):
    answer = _search(client, query="-")
    assert answer["hits"] == []
    assert "holds no words" in answer["reason"]


def test_pictures_and_curves_come_when_they_are_asked_for(client):
    plain = _search(client, query="red", floor=0.0)["hits"][0]
    assert "picture" not in plain
    assert plain["curve"]["scores"]
    asked = _search(client, query="red", floor=0.0, pictures=True, curves=False)["hits"][0]
    assert Moment.from_json(asked).picture.startswith(b"\xff\xd8")
    assert asked["curve"] is None


def test_filters_keep_to_their_videos(client, ids):
    form = {"query": "red", "floor": 0.0, "filters": {"video": ids["sea.mp4"]}}
    assert {hit["video"]["id"] for hit in _search(client, **form)["hits"]} <= {ids["sea.mp4"]}


def test_more_like_a_moment_leaves_the_moment_out(client, films):
    best = films.search("red", settings=_unsure())[0]
    form = {"moment": moment_id(best), "floor": 0.0}
    answer = client.post("/api/v1/search/like", json=form)
    assert answer.status_code == 200
    hits = [Moment.from_json(hit) for hit in answer.json()["hits"]]
    assert all(hit.video.id != best.video.id or hit.span.iou(best.span) < 0.5 for hit in hits)


def test_a_picture_finds_what_looks_like_it(client, ids):
    data = io.BytesIO()
    Image.fromarray(np.full((40, 60, 3), (40, 60, 220), np.uint8)).save(data, "PNG")
    answer = client.post(
        "/api/v1/search/image", content=data.getvalue(), headers={"content-type": "image/png"}
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["hits"][0]["video"]["id"] == ids["sea.mp4"]


def test_what_is_no_picture_is_refused(client):
    answer = client.post("/api/v1/search/image", content=b"no picture at all")
    assert answer.status_code == 415
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_list_of_videos_in_pages_and_orders(client):
    first = client.get("/api/v1/videos", params={"limit": 2, "sort": "name"}).json()
    rest = client.get("/api/v1/videos", params={"offset": 2, "sort": "name"}).json()
    assert first["total"] == len(FILMS)
    assert [one["name"] for one in first["videos"] + rest["videos"]] == sorted(FILMS)
    assert client.get("/api/v1/videos", params={"name": "SEA"}).json()["total"] == 1


def test_one_video_its_texts_and_its_captions(client, ids):
    sea = ids["sea.mp4"]
    assert client.get(f"/api/v1/videos/{sea}").json()["duration_s"] == pytest.approx(10, abs=0.2)
    texts = client.get(f"/api/v1/videos/{sea}/texts").json()["texts"]
    assert any("alert(1)" in one["text"] for one in texts)
    track = client.get(f"/api/v1/videos/{sea}/captions.vtt")
    assert track.headers["content-type"] == "text/vtt; charset=utf-8"
    assert track.text.startswith("WEBVTT")
    assert "<script>" not in track.text
    assert LINE not in track.text


def test_bytes_come_whole_and_in_ranges(client, films, ids):
    path = films.video(ids["sea.mp4"]).path
    whole = path.read_bytes()
    url = f"/api/v1/videos/{ids['sea.mp4']}/file"
    assert client.get(url).content == whole
    part = client.get(url, headers={"range": "bytes=10-29"})
    assert part.status_code == 206
    assert part.content == whole[10:30]
    assert part.headers["content-range"] == f"bytes 10-29/{len(whole)}"
    assert client.get(url, headers={"range": f"bytes={len(whole)}-"}).status_code == 416
    assert client.get(url, headers={"range": "bytes=-5"}).content == whole[-5:]
    assert client.head(url).headers["content-length"] == str(len(whole))


def test_a_picture_shows_the_time_that_was_asked_for(client, ids):
    def colour(t):
        url = f"/api/v1/videos/{ids['sea.mp4']}/picture"
        answer = client.get(url, params={"t": t, "exact": True})
        assert answer.headers["content-type"] == "image/jpeg"
        return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGB")).mean(axis=(0, 1))

    assert colour(1.0) == pytest.approx((40, 60, 220), abs=25)
    assert colour(8.0) == pytest.approx((245, 245, 245), abs=25)


def test_a_sprite_shows_the_shots_where_its_list_says(client, ids):
    url = f"/api/v1/videos/{ids['sunset.mp4']}/sprite"
    tiles = client.get(f"{url}.json").json()
    sheet = Image.open(io.BytesIO(client.get(url).content))
    width, height = tiles["tile_width"], tiles["tile_height"]
    assert sheet.size == (width * tiles["columns"], height * tiles["rows"])
    last = tiles["shots"][-1]
    left, top = last["column"] * width, last["row"] * height
    tile = sheet.crop((left, top, left + width, top + height)).convert("RGB")
    assert np.asarray(tile).mean(axis=(0, 1)) == pytest.approx((240, 220, 40), abs=40)


def test_the_heat_of_a_query_peaks_where_it_fits(client, ids):
    answer = client.get(f"/api/v1/videos/{ids['sunset.mp4']}/heat", params={"q": "yellow"}).json()
    curve = answer["curve"]
    best = max(zip(curve["scores"], curve["times_s"], strict=True))[1]
    assert best >= 7.5
    assert answer["moments"][0]["start_s"] >= 6


def test_the_library_tells_how_it_stands_as_the_command_does(client, films):
    from whenabouts.app.status_json import status_json

    assert client.get("/api/v1/library").json() == json.loads(
        json.dumps(status_json(films.status()))
    )


def test_health_and_figures(client):
    assert client.get("/api/v1/health").json()["status"] == "ok"
    text = client.get("/api/v1/metrics").text
    assert 'whenabouts_requests_total{method="GET",route="/api/v1/health",status="200"}' in text
    assert 'le="+Inf"' in text


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (("GET", "/api/v1/videos/" + "0" * 32), 404),
        (("GET", "/api/v1/jobs/" + "0" * 16), 404),
        (("GET", "/api/v1/nothing"), 404),
        (("PUT", "/api/v1/search"), 405),
        (("GET", "/api/v1/videos/../../etc/passwd"), 404),
        (("POST", "/api/v1/search"), 422),
    ],
)
def test_every_refusal_is_a_problem(client, call, status):
    answer = client.request(*call)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["detail"]


def test_grounding_and_highlights_need_no_language_model(client, ids):
    form = {"video": ids["sunset.mp4"], "query": "yellow", "wait_s": 50}
    answer = client.post("/api/v1/ground", json=form)
    assert answer.status_code == 200, answer.text
    assert answer.json()["moments"][0]["start_s"] >= 6
    answer = client.post("/api/v1/highlights", json=form)
    assert len(answer.json()["saliency"]["scores"]) == 6


def test_what_needs_a_language_model_says_so(client, ids):
    form = {"video": ids["sunset.mp4"], "question": "What is it?", "wait_s": 50}
    answer = client.post("/api/v1/ask", json=form)
    assert answer.status_code == 501
    assert "language model" in answer.json()["detail"]
    form["model"] = "/etc"
    answer = client.post("/api/v1/ask", json=form)
    assert answer.status_code == 404
    assert "known: frames" in answer.json()["detail"]


def test_the_schema_names_every_call_once_with_examples(client):
    schema = client.get("/api/v1/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    calls = [c for path in schema["paths"].values() for c in path.values()]
    names = [call["operationId"] for call in calls]
    assert len(set(names)) == len(names)
    assert all(call["summary"] and call["description"] for call in calls)
    forms = [s for n, s in schema["components"]["schemas"].items() if n.endswith("Form")]
    assert forms
    assert all(form["examples"] for form in forms)
