"""One's own account: who am I, change my profile, my preferences."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.people import NOON, make_account, token_of
from upscrolled import people
from upscrolled.api import entities
from upscrolled.models import Account
from upscrolled.operations.accounts import close_account
from upscrolled.operations.relationships import follow
from upscrolled.viewer import Viewer

PATH = "/api/v1/accounts/update_credentials"


def test_somebody_learns_who_they_are_with_what_they_typed(client_of, db):
    noor = make_account(
        "noor", note="I read #maps", fields=[{"name": "Web", "value": "https://noor.example"}]
    )

    me = client_of(noor).get("/api/v1/accounts/verify_credentials").json()

    assert me["username"] == "noor"
    assert me["note"].startswith("<p>I read <a")
    assert me["source"]["note"] == "I read #maps"
    assert me["source"]["fields"][0] == {"name": "Web", "value": "https://noor.example", "verified_at": None}
    assert me["source"]["privacy"] == "public"
    assert me["source"]["sensitive"] is False
    assert me["source"]["language"] is None
    assert me["source"]["follow_requests_count"] == 0
    assert me["role"]["id"] == "-99"


def test_requests_are_counted(client_of, alice, dave):
    Account.objects.filter(pk=alice.pk).update(locked=True)
    follow(alice, by=dave, now=NOON)

    me = client_of(alice).get("/api/v1/accounts/verify_credentials").json()

    assert me["source"]["follow_requests_count"] == 1
    assert me["source"]["privacy"] == "private"  # a private account posts for followers unless it says so


@pytest.mark.parametrize(("role", "name"), [("moderator", "Moderator"), ("admin", "Admin")])
def test_staff_are_told_their_role_and_nobody_else_is(client_of, db, role, name):
    mia = make_account("mia", role=role)

    told = client_of(mia).get("/api/v1/accounts/verify_credentials").json()["role"]
    shown = client_of().get(f"/api/v1/accounts/{mia.id}").json()

    assert (told["name"], told["highlighted"], shown["roles"]) == (name, False, [])


@pytest.mark.parametrize("scopes", ["profile", "read:accounts", "read"])
def test_each_of_these_scopes_will_do(client_of, alice, scopes):
    client = client_of(alice, scopes=scopes)

    assert client.get("/api/v1/accounts/verify_credentials").status_code == 200


class TestEditing:
    def test_a_form_changes_what_is_in_it_and_nothing_else(self, client_of, alice):
        response = client_of(alice).form(
            PATH,
            {
                "note": "First line\r\nsecond",
                "bot": "true",
                "source[privacy]": "unlisted",
                "source[sensitive]": "1",
                "source[language]": "AR",
                "fields_attributes[0][name]": "Web",
                "fields_attributes[0][value]": "https://alice.example",
                "fields_attributes[1][name]": "Town",
                "fields_attributes[1][value]": "Tunis",
            },
            method="patch",
        )

        me = response.json()
        assert response.status_code == 200
        assert (me["display_name"], me["bot"]) == ("Alice", True)
        assert me["source"]["note"] == "First line\nsecond"
        assert [field["name"] for field in me["fields"]] == ["Web", "Town"]
        assert (me["source"]["privacy"], me["source"]["sensitive"], me["source"]["language"]) == (
            "unlisted",
            True,
            "ar",
        )

    @pytest.mark.parametrize(
        "fields",
        [
            [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}],
            {"0": {"name": "a", "value": "1"}, "1": {"name": "b", "value": "2"}},
        ],
    )
    def test_fields_come_as_a_list_or_an_object(self, client_of, alice, fields):
        me = client_of(alice).patch(PATH, {"fields_attributes": fields}).json()

        assert [(field["name"], field["value"]) for field in me["source"]["fields"]] == [
            ("a", "1"),
            ("b", "2"),
        ]

    def test_empty_fields_are_dropped_and_an_empty_list_clears(self, client_of, alice):
        client = client_of(alice)
        client.patch(PATH, {"fields_attributes": [{"name": "a", "value": "1"}, {"name": "", "value": ""}]})

        assert len(client.get("/api/v1/accounts/verify_credentials").json()["fields"]) == 1
        assert client.patch(PATH, {"fields_attributes": []}).json()["fields"] == []

    def test_a_number_in_a_field_is_what_it_looks_like(self, client_of, alice):
        fields = [{"name": 7, "value": 0}, {"name": "none", "value": None}]
        me = client_of(alice).patch(PATH, {"fields_attributes": fields}).json()

        assert [(line["name"], line["value"]) for line in me["fields"]] == [("7", "0"), ("none", "")]

    def test_multipart_works_too(self, alice):
        response = Client().generic(
            "PATCH",
            PATH,
            b'--x\r\nContent-Disposition: form-data; name="display_name"\r\n\r\nAlicia\r\n--x--\r\n',
            content_type="multipart/form-data; boundary=x",
            headers={"Authorization": f"Bearer {token_of(alice)}"},
        )

        assert response.json()["display_name"] == "Alicia"

    def test_a_name_is_one_line(self, client_of, alice):
        me = client_of(alice).patch(PATH, {"display_name": " Al\n\nice\u202e "}).json()

        assert me["display_name"].startswith("Al ice")
        assert "\n" not in me["display_name"]

    def test_markup_is_text(self, client_of, alice):
        me = client_of(alice).patch(PATH, {"note": "<script>alert(1)</script>"}).json()

        assert "<script>" not in me["note"]

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ({"display_name": "x" * 31}, ("31", "30")),
            ({"note": "x" * 501}, ("501", "500")),
            ({"fields_attributes": [{"name": "a", "value": "b"}] * 5}, ("5", "4")),
            ({"fields_attributes": [{"name": "a", "value": "b" * 256}]}, ("256", "255")),
            ({"fields_attributes": ["a"]}, ("fields_attributes",)),
            ({"source": {"privacy": "direct"}}, ("privacy",)),
            ({"source": {"language": "english"}}, ("english",)),
            ({"source": "public"}, ("source",)),
            ({"locked": "perhaps"}, ("locked",)),
            ({"pronouns": "x" * 41}, ("41", "40")),
            ({"avatar_description": "x" * 1_501}, ("1501", "1500")),
            ({"source": {"quote_policy": "friends"}}, ("quote_policy",)),
        ],
    )
    def test_what_cannot_stand_is_refused_with_limit_and_number(self, client_of, alice, body, words):
        response = client_of(alice).patch(PATH, body)

        assert response.status_code == 422
        assert response.json()["error"].startswith("Validation failed: ")
        assert all(word in response.json()["error"] for word in words)
        assert Account.objects.get(pk=alice.pk).display_name == "Alice"

    def test_null_leaves_things_as_they_are_where_clients_send_it(self, client_of, alice):
        response = client_of(alice).patch(PATH, {"discoverable": None, "hide_collections": None})

        assert response.json()["discoverable"] is True

    def test_null_is_the_empty_text_and_leaves_every_setting(self, client_of, alice):
        client = client_of(alice)
        fields = [{"name": "Town", "value": "Tunis"}]
        chosen = {"privacy": "unlisted", "sensitive": True, "quote_policy": "nobody"}
        flags = {"bot": True, "locked": True, "discoverable": False, "indexable": False}
        client.patch(PATH, {"note": "hi", "pronouns": "she", **flags, "fields_attributes": fields})
        before = client.patch(PATH, {"source": chosen, "hide_collections": True}).json()

        nothing = dict.fromkeys((*flags, "source", "upscrolled", "fields_attributes", "hide_collections"))
        response = client.patch(PATH, {"display_name": None, "note": None, "pronouns": None, **nothing})

        assert response.status_code == 200
        after = response.json()
        assert (after["display_name"], after["source"]["note"]) == ("", "")
        assert after["upscrolled"]["pronouns"] == ""
        for name in (*flags, "hide_collections", "fields"):
            assert after[name] == before[name], name
        for name in chosen:
            assert after["source"][name] == chosen[name], name
        within = client.patch(PATH, {"source": dict.fromkeys((*chosen, "pronouns"))}).json()
        assert within["source"] == after["source"]

    def test_an_empty_field_of_a_form_leaves_every_setting(self, client_of, alice):
        client = client_of(alice)
        client.patch(PATH, {"locked": True, "source": {"sensitive": True}})

        empty = {"locked": "", "bot": "", "source": "", "avatar": ""}
        whole = client.form(PATH, empty, method="patch")
        part = client.form(PATH, {"source[sensitive]": "", "source[privacy]": ""}, method="patch")

        for response in (whole, part):
            assert response.status_code == 200, response.content
            assert (response.json()["locked"], response.json()["bot"]) == (True, False)
            assert response.json()["source"]["sensitive"] is True

    def test_opening_a_private_account_lets_everybody_in_who_asked(self, client_of, alice, dave):
        client = client_of(alice)
        client.patch(PATH, {"locked": "true"})
        follow(alice, by=dave, now=NOON)

        me = client.patch(PATH, {"locked": "false"}).json()

        assert (me["followers_count"], me["source"]["follow_requests_count"]) == (1, 0)

    def test_it_needs_the_scope(self, client_of, alice):
        assert client_of(alice, scopes="read").patch(PATH, {"note": "x"}).status_code == 403


def test_preferences_are_the_accounts_own(client_of, alice):
    client_of(alice).patch(PATH, {"source": {"privacy": "private", "sensitive": True, "language": "fr"}})

    assert client_of(alice).get("/api/v1/preferences").json() == {
        "posting:default:visibility": "private",
        "posting:default:sensitive": True,
        "posting:default:language": "fr",
        "posting:default:quote_policy": "public",
        "posting:show_application": True,
        "reading:expand:media": "default",
        "reading:expand:spoilers": False,
        "reading:autoplay:gifs": False,
    }


class TestCountingAsPeopleCount:
    def test_a_letter_with_its_vowel_sign_is_one(self, client_of, alice):
        name, note = "مُحَمَّدٌ " * 5, "سَلَامٌ " * 100
        me = client_of(alice).patch(PATH, {"display_name": name, "note": note})

        assert me.status_code == 200
        assert me.json()["display_name"] == name.strip()
        assert me.json()["source"]["note"] == note.strip()

    def test_a_family_is_one_as_long_as_it_can_be_stored(self, client_of, alice):
        family = "👨‍👩‍👧‍👦"
        kept = client_of(alice).patch(PATH, {"display_name": family * 17})
        refused = client_of(alice).patch(PATH, {"display_name": family * 18})

        assert (kept.status_code, kept.json()["display_name"]) == (200, family * 17)
        assert refused.status_code == 422
        assert "display_name has 126 characters; at most 30" in refused.json()["error"]

    @pytest.mark.parametrize("unseen", ["\u200b\u200d", "\u202e \u2066", "\u3164", "\u00ad\ufe0f"])
    def test_a_name_that_nobody_can_see_is_none(self, client_of, alice, unseen):
        assert client_of(alice).patch(PATH, {"display_name": unseen}).json()["display_name"] == ""


class TestMentionsInBios:
    def shown(self, client_of, account):
        told = client_of().get(f"/api/v1/accounts/{account.id}").json()
        return [told["note"], *(line["value"] for line in told["fields"])]

    def test_whoever_is_there_is_linked_in_the_note_and_in_fields(self, client_of, alice, bob):
        here = entities.HOST
        note = f"With @BOB, @nobody, @bob@{here} and @bob@elsewhere.example; mail a@bob.example"
        fields = [{"name": "@bob", "value": '@bob "and" @alice'}]
        client_of(alice).patch(PATH, {"note": note, "fields_attributes": fields})

        said, value = self.shown(client_of, alice)

        to_bob, to_alice = (
            f'<span class="h-card"><a href="{entities.ORIGIN}/@{name}" class="u-url mention">'
            f"@<span>{name}</span></a></span>"
            for name in ("bob", "alice")
        )
        assert said == (
            f"<p>With {to_bob}, @nobody, {to_bob} and @bob@elsewhere.example; mail a@bob.example</p>"
        )
        assert value == f"{to_bob} &quot;and&quot; {to_alice}"

    def test_nobody_is_linked_who_has_left_and_somebody_is_who_came_later(self, client_of, alice, bob):
        client_of(alice).patch(PATH, {"note": "@bob and @zora"})
        close_account(account=bob)
        make_account("Zora")

        (said,) = self.shown(client_of, alice)

        assert (said.count("<a "), "/@Zora" in said, "/@bob" in said) == (1, True, False)

    def test_they_cost_a_page_no_statement_more(self, client_of, alice, bob, django_assert_num_queries):
        viewer = Viewer()
        client_of(alice).patch(PATH, {"note": "@bob @nobody " * 20})

        with django_assert_num_queries(1):
            entities.account(people.load(viewer, [alice.id, bob.id])[alice.id])
