"""What one prefers: read by one set of names, and changed by the same."""

from __future__ import annotations

import pytest

PATH = "/api/v1/upscrolled/preferences"


def test_preferences_change_by_the_names_by_which_they_are_read(client_of, alice):
    client = client_of(alice)

    changed = client.patch(
        PATH,
        {
            "posting:default:visibility": "unlisted",
            "posting:default:quote_policy": "nobody",
            "reading:expand:media": "hide_all",
            "reading:autoplay:gifs": "1",
        },
    ).json()

    assert changed == {
        "posting:default:visibility": "unlisted",
        "posting:default:sensitive": False,
        "posting:default:language": None,
        "posting:default:quote_policy": "nobody",
        "posting:show_application": True,
        "reading:expand:media": "hide_all",
        "reading:expand:spoilers": False,
        "reading:autoplay:gifs": True,
    }
    assert client.get("/api/v1/preferences").json() == changed
    again = client.patch(PATH, {"reading:expand:spoilers": True}).json()
    assert again == {**changed, "reading:expand:spoilers": True}


def test_the_profile_form_sets_them_too(client_of, alice):
    client = client_of(alice)

    me = client.patch("/api/v1/accounts/update_credentials", {"source": {"quote_policy": "followers"}}).json()

    assert me["source"]["quote_policy"] == "followers"
    assert client.get("/api/v1/preferences").json()["posting:default:quote_policy"] == "followers"


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"reading:expand:media": "all"}, "reading:expand:media"),
        ({"reading:expand:spoilers": "maybe"}, "reading:expand:spoilers"),
        ({"posting:default:visibility": "direct"}, "posting:default:visibility"),
        ({"reading:colour": "red"}, "reading:colour"),
        ({"posting:default:language": "klingonese"}, "klingonese"),
    ],
)
def test_unknown_names_and_values_are_refused(client_of, alice, body, word):
    before = client_of(alice).get("/api/v1/preferences").json()

    answer = client_of(alice).patch(PATH, {"reading:autoplay:gifs": True, **body})

    assert answer.status_code == 422
    assert word in answer.json()["error"]
    assert client_of(alice).get("/api/v1/preferences").json() == before
