"""People over the API: one, several, by name, by search."""

from __future__ import annotations

from random import Random

import pytest

from tests.people import NOON, make_account, publish
from tests.restricting import restrict
from upscrolled.core import scripts
from upscrolled.operations.accounts import close_account
from upscrolled.operations.relationships import block, follow
from upscrolled.queries import search
from upscrolled.viewer import Viewer


def names(response) -> list[str]:
    """User names of a list."""
    assert response.status_code == 200, response.content
    return [account["username"] for account in response.json()]


def suspend(account) -> None:
    """Suspend an account, as a decision would."""
    restrict("account", account.id, "account_suspended", starts_at=NOON)


class TestOnePerson:
    def test_a_stranger_without_a_token_sees_a_profile(self, client_of, db):
        noor = make_account(
            "Noor",
            display_name="نور",
            note="I read <b>maps</b>\n\nhttps://example.org/a?b=1&c=2 #Cairo",
            fields=[{"name": "Web", "value": "https://noor.example"}],
        )
        publish(noor)

        shown = client_of().get(f"/api/v1/accounts/{noor.id}").json()

        assert (shown["id"], shown["username"], shown["acct"]) == (str(noor.id), "Noor", "Noor")
        assert shown["display_name"] == "نور"
        assert shown["note"].startswith("<p>I read &lt;b&gt;maps&lt;/b&gt;</p><p><a href=")
        assert 'class="mention hashtag"' in shown["note"]
        assert shown["fields"][0]["name"] == "Web"
        assert 'href="https://noor.example"' in shown["fields"][0]["value"]
        assert shown["url"].endswith("/@Noor")
        assert shown["created_at"] == "2026-01-15T00:00:00.000Z"
        assert shown["last_status_at"] == "2026-01-15"
        assert (shown["statuses_count"], shown["followers_count"], shown["following_count"]) == (1, 0, 0)
        assert "suspended" not in shown
        assert "email" not in str(shown)

    def test_every_field_that_clients_insist_on_is_there(self, client_of, alice):
        shown = client_of().get(f"/api/v1/accounts/{alice.id}").json()

        for field in ("avatar", "avatar_static", "header", "header_static", "url", "uri"):
            assert shown[field].startswith("http"), field
        for field in ("locked", "bot", "group", "indexable"):
            assert isinstance(shown[field], bool), field
        assert shown["emojis"] == shown["roles"] == shown["fields"] == []

    @pytest.mark.parametrize("account_id", ["1", "0", "-1", "abc", "9" * 27, "%00", "1e3", "١٢"])
    def test_an_id_of_nobody_is_not_found(self, client_of, alice, account_id):
        response = client_of(alice).get(f"/api/v1/accounts/{account_id}")

        assert response.status_code == 404
        assert response.json() == {"error": "Record not found"}

    def test_closed_and_unconfirmed_accounts_are_not_found(self, client_of, alice):
        newcomer = make_account("newcomer", confirmed=False)
        leaver = make_account("leaver")
        close_account(account=leaver)

        for account in (newcomer, leaver):
            assert client_of(alice).get(f"/api/v1/accounts/{account.id}").status_code == 404
            assert (
                client_of(alice).get("/api/v1/accounts/lookup", {"acct": account.username}).status_code == 404
            )

    def test_of_a_suspended_account_the_name_stays(self, client_of, bob):
        mallory = make_account(
            "mallory", display_name="Mal", note="spam", fields=[{"name": "a", "value": "b"}]
        )
        suspend(mallory)

        shown = client_of(bob).get(f"/api/v1/accounts/{mallory.id}").json()

        assert shown["suspended"] is True
        assert (shown["username"], shown["display_name"], shown["note"], shown["fields"]) == (
            "mallory",
            "",
            "",
            [],
        )

    def test_somebody_who_blocks_me_is_still_a_name(self, client_of, alice, carol):
        assert client_of(carol).get(f"/api/v1/accounts/{alice.id}").json()["username"] == "alice"

    def test_a_token_for_something_else_does_not_do(self, client_of, alice):
        client = client_of(alice, scopes="write:media")

        response = client.get(f"/api/v1/accounts/{alice.id}")

        assert response.status_code == 403
        assert response.json()["error"] == "This action is outside the authorized scopes"

    def test_it_costs_two_statements(self, client_of, alice, bob, django_assert_num_queries):
        client = client_of(bob)

        with django_assert_num_queries(2):  # who asks, and whom they meet
            client.get(f"/api/v1/accounts/{alice.id}")


class TestSeveralPeople:
    def test_they_come_in_the_order_asked_for_and_strangers_to_us_are_left_out(self, client_of, alice, bob):
        client = client_of()

        for path in (
            f"/api/v1/accounts?id[]={bob.id}&id[]=1&id[]={alice.id}&id[]=abc",
            f"/api/v1/accounts?id[0]={bob.id}&id[1]={alice.id}",
            f"/api/v1/accounts/?id[]={bob.id}&id[]={alice.id}",
        ):
            assert names(client.get(path)) == ["bob", "alice"]
        assert names(client.get(f"/api/v1/accounts?id={bob.id}")) == ["bob"]
        assert names(client.get("/api/v1/accounts")) == []

    def test_too_many_are_refused_with_the_number(self, client_of, db):
        query = "&".join(f"id[]={number}" for number in range(1, 600))

        response = client_of().get(f"/api/v1/accounts?{query}")

        assert response.status_code == 422
        assert "500" in response.json()["error"]


class TestLookup:
    @pytest.mark.parametrize("acct", ["alice", "@alice", "ALICE", "alice@{host}", "@Alice@{host}"])
    def test_somebody_is_found_by_name(self, client_of, alice, settings, acct):
        host = settings.PUBLIC_URL.partition("://")[2]

        response = client_of().get("/api/v1/accounts/lookup", {"acct": acct.format(host=host)})

        assert response.json()["id"] == str(alice.id)

    @pytest.mark.parametrize("acct", ["nobody", "alice@elsewhere.example", "al ice", "' OR 1=1", "a" * 5000])
    def test_nobody_else_is(self, client_of, alice, acct):
        assert client_of().get("/api/v1/accounts/lookup", {"acct": acct}).status_code == 404

    def test_a_name_must_be_given(self, client_of, db):
        assert client_of().get("/api/v1/accounts/lookup").status_code == 400


class TestSearch:
    @pytest.fixture
    def crowd(self, alice):
        return {
            name: make_account(name, display_name=display)
            for name, display in (
                ("omar", "عمر الخيام"),
                ("omarion", "Omarion"),
                ("leila", "ليلى مراد"),
                ("muhammad", "محمد علي"),
                ("fifi", "Élodie Omar"),
                ("under_score", "100% _real_"),
            )
        }

    def search(self, client, q, **more) -> list[str]:
        return names(client.get("/api/v1/accounts/search", {"q": q, **more}))

    def test_the_exact_name_comes_first_then_beginnings_then_words(self, client_of, alice, crowd):
        assert self.search(client_of(alice), "omar") == ["omar", "omarion", "fifi"]

    @pytest.mark.parametrize("q", ["@omar", "OMAR", " omar "])
    def test_case_at_sign_and_spaces_do_not_matter(self, client_of, alice, crowd, q):
        assert self.search(client_of(alice), q)[0] == "omar"

    @pytest.mark.parametrize(
        ("q", "found"),
        [
            ("عمر", "omar"),
            ("ليلى", "leila"),
            ("مراد", "leila"),
            ("محمد", "muhammad"),
            ("محمّد علي", "muhammad"),
        ],
    )
    def test_arabic_names_are_found_by_beginning_word_and_likeness(self, client_of, alice, crowd, q, found):
        assert self.search(client_of(alice), q) == [found]

    @pytest.mark.parametrize(
        ("written", "typed"),
        [
            ("أليس", "اليس"),
            ("اليس", "أَلِيس"),
            ("إبراهيم", "ابراه"),
            ("آدم", "ادم"),
            ("منى", "مني"),
            ("فاطمة", "فاطمه"),
            ("مـــحـمـد", "مُحَمَّد"),
            ("الحاجة أمينة", "امينه"),
            ("حسن", "ح"),
        ],
    )
    def test_arabic_is_found_as_it_is_typed(self, client_of, alice, written, typed):
        make_account("someone", display_name=written)

        assert self.search(client_of(alice), typed) == ["someone"]

    @pytest.mark.parametrize("q", ["ـ", "\u064b\u0651"])
    def test_signs_without_a_letter_find_nobody(self, client_of, alice, crowd, q):
        assert self.search(client_of(alice), q) == []

    @pytest.mark.parametrize(
        ("q", "found"),
        [
            ("muhamad", "muhammad"),  # a letter missing
            ("muhanmad", "muhammad"),  # another one
            ("muhammmad", "muhammad"),  # one too many
            ("uhammad", "muhammad"),  # the first missing
            ("muahmmad", "muhammad"),  # two exchanged
            ("muhamma_", "muhammad"),
            ("mohamm", "muhammad"),  # of a beginning
            ("under_sc0re", "under_score"),
            ("ليلا مراد", "leila"),
            ("عمرو الخيام", "omar"),
            ("محدم علي", "muhammad"),
        ],
    )
    def test_a_slip_of_the_finger_still_finds(self, client_of, alice, crowd, q, found):
        assert self.search(client_of(alice), q) == [found]

    @pytest.mark.parametrize("seed", range(40))
    def test_any_slip_anywhere_in_a_name_is_forgiven(self, alice, crowd, seed):
        chance = Random(seed)
        name = chance.choice(["muhammad", "under_score", "omarion", "ليلى مراد", "élodie omar"])
        at = chance.randrange(len(name) - 1)
        before, after, letter = name[:at], name[at + 1 :], chance.choice(scripts.letters(name))
        missing, wrong, more = before + after, before + letter + after, before + letter + name[at:]
        exchanged = before + after[0] + name[at] + after[1:]

        found = search.search_people(
            Viewer(alice, 1), chance.choice([missing, wrong, more, exchanged]), limit=20
        )

        assert name in {each for person in found for each in (person.username, person.display_name.lower())}

    @pytest.mark.parametrize(
        "q", ["moh", "omr", "muhxxmad", "zzzz", "ظظظظ", "🌸🌸🌸🌸", "____", "ليلى مراد علي"]
    )
    def test_a_name_of_nobody_finds_nobody(self, client_of, alice, crowd, q):
        """One slip is forgiven, and not in what is too short to know."""
        assert self.search(client_of(alice), q) == []

    @pytest.mark.parametrize("q", ["عبد", "عبد الله", "الله بن", "بن", "BIN AB"])
    def test_any_of_the_first_four_words_finds(self, client_of, alice, q):
        make_account("zaid", display_name="زيد عبد الله بن")
        make_account("hamad", display_name="Hamad Al Said Bin Abdu")

        assert self.search(client_of(alice), q) == (["hamad"] if q.isascii() else ["zaid"])

    def test_of_more_than_are_looked_at_those_one_follows_are_found(self, client_of, alice, monkeypatch):
        monkeypatch.setattr(search, "CANDIDATES", 3)
        for number in range(9):
            make_account(f"sami_{number}", display_name="Sam")
        friend, other = (
            make_account("samir", display_name="Samir"),
            make_account("z", display_name="Abu Sami"),
        )
        for each in (friend, other):
            follow(each, by=alice, now=NOON)

        assert self.search(client_of(alice), "sami")[0] == "samir"
        assert self.search(client_of(alice), "sami", following="true") == ["samir", "z"]

    def test_signs_of_patterns_are_letters_here(self, client_of, alice, crowd):
        assert self.search(client_of(alice), "%") == []
        assert self.search(client_of(alice), "100%") == ["under_score"]
        assert self.search(client_of(alice), "o_a") == []

    def test_blocked_people_are_found_by_exact_name_only(self, client_of, alice, carol):
        for viewer, other in ((alice, "carol"), (carol, "alice")):
            assert self.search(client_of(viewer), other) == [other]
            assert self.search(client_of(viewer), f"@{other}", resolve="true") == [other]
            assert self.search(client_of(viewer), other[:3]) == []

    def test_the_address_of_a_page_finds_its_owner(self, client_of, alice, bob, settings):
        assert self.search(client_of(alice), f"{settings.PUBLIC_URL}/@bob") == ["bob"]

    def test_names_of_other_sites_find_nobody_by_name(self, client_of, alice, crowd):
        assert self.search(client_of(alice), "omar@elsewhere.example")[:1] != ["omar"]

    def test_only_people_one_follows(self, client_of, alice, crowd):
        follow(crowd["omarion"], by=alice, now=NOON)

        assert self.search(client_of(alice), "omar", following="true") == ["omarion"]
        assert self.search(client_of(alice), "omar") == ["omar", "omarion", "fifi"]

    def test_limit_and_offset_walk_the_list(self, client_of, alice, crowd):
        client = client_of(alice)

        pages = [self.search(client, "omar", limit=1, offset=offset) for offset in range(4)]

        assert pages == [["omar"], ["omarion"], ["fifi"], []]
        assert self.search(client, "omar", limit=-2) == ["omar", "omarion"]
        assert self.search(client, "omar", limit="many", offset="x") == ["omar", "omarion", "fifi"]
        assert self.search(client, "omar", limit=10**30, offset=-5) == ["omar", "omarion", "fifi"]

    def test_suspended_unconfirmed_and_closed_accounts_are_left_out(self, client_of, alice):
        suspend(make_account("omar_a"))
        make_account("omar_b", confirmed=False)
        close_account(account=make_account("omar_c"))

        assert self.search(client_of(alice), "omar") == []

    @pytest.mark.parametrize("q", ["", " ", "@", "\x00", "x" * 100_000, "\\", "'"])
    def test_strange_questions_find_nobody(self, client_of, alice, q):
        response = client_of(alice).get("/api/v1/accounts/search", {"q": q})

        assert response.status_code == 200
        assert response.json() == []

    def test_it_costs_a_fixed_number_of_statements(self, client_of, alice, crowd, django_assert_num_queries):
        client = client_of(alice)

        with django_assert_num_queries(4):  # who asks, the exact name, the ids, the people
            self.search(client, "omar")

    def test_one_must_be_signed_in(self, client_of, db):
        assert client_of().get("/api/v1/accounts/search", {"q": "omar"}).status_code == 401


class TestFollowersAndFollowing:
    def walk(self, client, path) -> list[list[str]]:
        """Follow the Link header to the end, as clients do."""
        pages = []
        while path:
            response = client.get(path)
            pages.append(names(response))
            links = dict(
                reversed(part.split("; rel=")) for part in response.get("Link", "").split(", ") if part
            )
            path = links.get('"next"', "").strip("<>").partition("://")[2].partition("/")[2]
            path = f"/{path}" if path else ""
        return pages

    def test_followers_come_newest_first_in_pages_told_by_link(self, client_of, alice):
        for number in range(5):
            follow(alice, by=make_account(f"fan{number}"), now=NOON)

        pages = self.walk(client_of(), f"/api/v1/accounts/{alice.id}/followers?limit=2")

        assert pages == [["fan4", "fan3"], ["fan2", "fan1"], ["fan0"]]

    def test_following_too(self, client_of, alice, bob):
        for number in range(3):
            follow(make_account(f"star{number}"), by=alice, now=NOON)

        pages = self.walk(client_of(bob), f"/api/v1/accounts/{alice.id}/following?limit=2")

        assert pages == [["star2", "star1"], ["star0"]]

    def test_one_can_walk_back_up(self, client_of, alice):
        for number in range(4):
            follow(alice, by=make_account(f"fan{number}"), now=NOON)
        client, path = client_of(), f"/api/v1/accounts/{alice.id}/followers"
        below = client.get(path, {"limit": 2})
        cursor = below["Link"].partition("max_id=")[2].partition(">")[0]
        second = client.get(path, {"limit": 2, "max_id": cursor})
        up = second["Link"].partition("min_id=")[2].partition(">")[0]

        assert names(second) == ["fan1", "fan0"]
        assert names(client.get(path, {"limit": 1, "min_id": up})) == ["fan2"]
        assert names(client.get(path, {"limit": 1, "since_id": up})) == ["fan3"]

    def test_blocked_people_are_left_out_for_the_viewer_only(self, client_of, alice, bob):
        eve = make_account("eve")
        follow(alice, by=eve, now=NOON)
        block(eve, by=bob, now=NOON)
        path = f"/api/v1/accounts/{alice.id}/followers"

        assert names(client_of(bob).get(path)) == ["bob"]
        assert names(client_of(eve).get(path)) == ["eve"]
        assert names(client_of(alice).get(path)) == ["eve", "bob"]

    def test_who_hides_the_lists_shows_them_to_nobody_else(self, client_of, alice, bob):
        hider = make_account("hider", hide_collections=True)
        follow(hider, by=bob, now=NOON)
        path = f"/api/v1/accounts/{hider.id}/followers"

        assert names(client_of(bob).get(path)) == names(client_of().get(path)) == []
        assert names(client_of(hider).get(path)) == ["bob"]

    def test_a_blocked_viewer_and_a_suspended_owner_give_empty_lists(self, client_of, alice, bob, carol):
        path = f"/api/v1/accounts/{alice.id}/followers"

        assert names(client_of(carol).get(path)) == []
        suspend(alice)
        assert names(client_of(bob).get(path)) == []

    def test_closed_followers_are_left_out(self, client_of, alice, bob):
        close_account(account=bob)

        response = client_of().get(f"/api/v1/accounts/{alice.id}/followers")

        assert names(response) == []
        assert "Link" not in response

    @pytest.mark.parametrize("query", ["max_id=abc", "min_id=-1", "since_id=١"])
    def test_what_is_no_cursor_is_said_to_be_none(self, client_of, alice, query):
        assert client_of().get(f"/api/v1/accounts/{alice.id}/followers?{query}").status_code == 400

    def test_lists_cost_the_same_however_long(self, client_of, alice, bob, django_assert_num_queries):
        for number in range(6):
            follow(alice, by=make_account(f"fan{number}"), now=NOON)
        client = client_of(bob)

        for limit in (1, 7):
            with django_assert_num_queries(4):  # who asks, the owner, the rows, the people
                client.get(f"/api/v1/accounts/{alice.id}/followers?limit={limit}")
