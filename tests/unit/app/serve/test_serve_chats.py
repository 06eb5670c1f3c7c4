"""Conversations over REST: turns, events, what is kept."""

import json

import pytest
from serving import served


@pytest.fixture
def chat(client):
    answer = client.post("/api/v1/chats")
    assert answer.status_code == 201
    assert answer.json()["turns"] == []
    return answer.headers["location"]


def _say(client, chat, text):
    answer = client.post(f"{chat}/turns", json={"text": text})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_talk_finds_and_remembers(client, chat, ids, films):
    first = _say(client, chat, "find red")
    assert first["role"] == "assistant"
    assert first["moments"][0]["video"]["id"] == ids["sunset.mp4"]
    second = _say(client, chat, "how long is the first one?")
    assert "12 s" in second["text"]
    turns = client.get(chat).json()["turns"]
    assert [turn["role"] for turn in turns] == ["user", "assistant"] * 2
    assert turns[-1]["text"] == second["text"]
    assert "memo" not in turns[-1]
    listed = client.get("/api/v1/chats").json()["chats"]
    assert [one["title"] for one in listed if chat.endswith(one["id"])] == ["find red"]
    with served(films) as later:  # a server that begins anew knows it, too
        third = _say(later, chat, "播放第一个")
        assert third["request"]["do"] == "play"


def test_a_talk_in_chinese(client, chat, ids):
    answer = _say(client, chat, "找红色的视频")
    assert answer["moments"][0]["video"]["id"] == ids["sunset.mp4"]
    assert any("\u4e00" <= c <= "\u9fff" for c in answer["text"])


def test_an_answer_comes_as_events_where_they_are_wanted(client, chat):
    headers = {"accept": "text/event-stream"}
    with client.stream("POST", f"{chat}/turns", json={"text": "find red"}, headers=headers) as said:
        assert said.headers["content-type"].startswith("text/event-stream")
        blocks = "".join(said.iter_text()).strip().split("\n\n")
    name, data = blocks[-1].split("\n")
    assert name == "event: turn"
    turn = json.loads(data.removeprefix("data: "))
    assert turn == client.get(chat).json()["turns"][-1]


def test_one_turn_at_a_time(client, chat):
    open_chat = client.app._app.state.chats.get(chat.rsplit("/", 1)[-1])
    with open_chat.busy:
        answer = client.post(f"{chat}/turns", json={"text": "hello"})
    assert answer.status_code == 409
    assert _say(client, chat, "hello")["text"]


def test_a_talk_can_be_forgotten(client, chat):
    _say(client, chat, "find red")
    assert client.delete(chat).status_code == 204
    assert client.get(chat).status_code == 404
    assert client.delete(chat).status_code == 404
    assert client.get("/api/v1/chats/..%2Fx").status_code == 404
