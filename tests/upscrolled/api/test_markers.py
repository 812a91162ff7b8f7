"""How far one has read, on all one's devices."""

from __future__ import annotations

import pytest

PATH = "/api/v1/markers"


def test_a_position_is_remembered_for_each_timeline(client_of, alice, bob):
    client = client_of(alice)

    stored = client.post(PATH, {"home": {"last_read_id": "103"}, "notifications": {"last_read_id": 7}}).json()

    assert (stored["home"]["last_read_id"], stored["home"]["version"]) == ("103", 1)
    assert client.get(PATH, {"timeline[]": ["home", "notifications"]}).json() == stored
    assert client.get(PATH, {"timeline[]": "home"}).json() == {"home": stored["home"]}
    assert client.get(PATH, {"timeline": "notifications"}).json() == {
        "notifications": stored["notifications"]
    }
    assert client.get(PATH).json() == client.get(PATH, {"timeline[]": "cinema"}).json() == {}
    assert client_of(bob).get(PATH, {"timeline[]": "home"}).json() == {}


def test_forms_say_it_with_brackets(client_of, alice):
    stored = client_of(alice).form(PATH, {"home[last_read_id]": "103"}).json()

    assert stored["home"]["last_read_id"] == "103"


def test_it_may_go_back_and_counts_its_changes(client_of, alice):
    client = client_of(alice)
    client.post(PATH, {"home": {"last_read_id": "103"}})

    stored = client.post(PATH, {"home": {"last_read_id": "5"}}).json()

    assert (stored["home"]["last_read_id"], stored["home"]["version"]) == ("5", 2)


def test_a_device_that_names_an_old_version_is_told(client_of, alice):
    client = client_of(alice)
    client.post(PATH, {"home": {"last_read_id": "1"}})
    client.post(PATH, {"home": {"last_read_id": "2", "version": 1}})

    answer = client.post(
        PATH, {"notifications": {"last_read_id": "9"}, "home": {"last_read_id": "3", "version": "1"}}
    )

    assert answer.status_code == 409
    shown = client.get(PATH, {"timeline[]": ["home", "notifications"]}).json()
    assert (set(shown), shown["home"]["last_read_id"]) == ({"home"}, "2")


@pytest.mark.parametrize(
    "body",
    [
        {"home": {"last_read_id": "abc"}},
        {"home": {"last_read_id": "9" * 30}},
        {"home": {"last_read_id": True}},
        {"home": {}},
        {"home": "103"},
        {"home": {"last_read_id": "1", "version": "x"}},
    ],
)
def test_what_is_no_position_is_refused(client_of, alice, body):
    answer = client_of(alice).post(PATH, body)

    assert answer.status_code == 422
    assert "home" in answer.json()["error"]
