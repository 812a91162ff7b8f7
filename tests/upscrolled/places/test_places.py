"""The location menu: what people are offered, what the operator may change, and what is kept of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import NOON, ApiClient, client_of, make_account
from tests.upscrolled.places import cldr
from upscrolled import places
from upscrolled.core import placefile
from upscrolled.models import Place, PlaceChange
from upscrolled.operations import places as verbs

REPORTED = verbs.SHIPPED / "reported-2026.toml"
NOBODY: dict[str, Any] = {"by": None, "because": "", "now": NOON}


@pytest.fixture
def loaded(transactional_db: None) -> None:
    places.forget()
    verbs.load(verbs.DEFAULT, **NOBODY)


def offered(language: str = "en") -> dict[str, str]:
    """Codes and names as people see them, in order."""
    return {place.code: place.name(language) for place in places.menu().offered(language)}


def test_the_default_menu_is_what_cldr_says() -> None:
    assert verbs.DEFAULT.read_text(encoding="utf-8") == cldr.text()


def test_one_command_loads_the_reported_menu_and_one_brings_the_default_back(loaded: None) -> None:
    before = offered()
    call_command("places", "load", "reported-2026.toml", "--yes", because="the owner asked for it")
    reported = offered()
    menu = places.menu()

    assert {"IL", "PS"} <= set(before)
    assert "IL" not in reported
    assert reported["PS"] == "Palestine"
    city = next(place for place in menu.places.values() if place.code == "tel-aviv")
    assert menu.places[city.parent or 0].name("en") == "Occupied Territories of Palestine"
    assert len(reported) == len(before) - 1 + 8

    call_command("places", "load", "--yes")
    assert offered() == before


def test_a_preview_changes_nothing(loaded: None, capsys: pytest.CaptureFixture[str]) -> None:
    before, changes = offered(), PlaceChange.objects.count()
    call_command("places", "load", "reported-2026.toml", "--preview")

    assert "hide   IL" in capsys.readouterr().out
    assert (offered(), PlaceChange.objects.count()) == (before, changes)


def test_each_change_leaves_a_row_with_before_after_who_and_why(loaded: None, alice: Any) -> None:
    call_command("places", "rename", "FR", "fr", "La France", by="alice", because="she likes it so")
    row = PlaceChange.objects.latest("id")

    assert (row.action, row.code, row.changed_by) == ("rename", "FR", alice)
    assert (row.before["names"]["fr"], row.after["names"]["fr"]) == ("France", "La France")
    assert (row.because, row.after["names"]["en"]) == ("she likes it so", "France")


def test_loading_again_what_stands_changes_nothing(loaded: None) -> None:
    assert verbs.load(verbs.DEFAULT, **NOBODY) == []


def test_a_merged_place_is_shown_as_the_other_and_offered_no_more(loaded: None) -> None:
    made = verbs.change("AN" if "AN" in verbs.current() else "CQ", merged_into="GB", **NOBODY)
    menu = places.menu()
    merged = next(place for place in menu.places.values() if place.code == made.after.code)

    assert menu.shown(merged.id).code == "GB"
    assert not menu.offers(merged.id)


def test_a_hidden_place_stays_with_those_who_chose_it(loaded: None) -> None:
    verbs.change("FR", hidden=True, **NOBODY)
    france = next(place for place in places.menu().places.values() if place.code == "FR")

    assert not places.menu().offers(france.id)
    assert places.menu().shown(france.id) == france


def test_a_group_is_a_heading_and_cannot_be_chosen(loaded: None) -> None:
    verbs.load(REPORTED, **NOBODY)
    group = next(place for place in places.menu().places.values() if place.code == "occupied")

    assert "occupied" in offered()
    assert not places.menu().offers(group.id)


@pytest.mark.parametrize(
    ("wanted", "language"),
    [("ckb-IQ,ar;q=0.8,en;q=0.5", "ar"), ("fr-CA", "fr"), ("ar_EG", "en"), ("*", "en"), ("", "en")],
)
def test_the_menu_comes_in_the_first_language_of_the_phone_that_the_site_speaks(
    loaded: None, wanted: str, language: str
) -> None:
    found = client_of().get("/api/v1/upscrolled/places", **{"Accept-Language": wanted}).json()

    assert found["language"] == language


def test_the_menu_reads_in_the_order_of_its_language(loaded: None) -> None:
    english, arabic = list(offered("en")), list(offered("ar"))

    assert english.index("AX") < english.index("AL") < english.index("EG")
    assert arabic.index("PS") < arabic.index("JO") < arabic.index("YE")  # الأراضي before الأردن


def test_the_api_serves_the_menu_with_an_etag(loaded: None) -> None:
    client = ApiClient()
    first = client.get("/api/v1/upscrolled/places", {"language": "ar"})
    again = client.get("/api/v1/upscrolled/places", {"language": "ar"}, **{"If-None-Match": first["ETag"]})
    english = client.get("/api/v1/upscrolled/places", **{"Accept-Language": "de, en;q=0.5"})
    verbs.change("FR", names={"ar": "فرانسا"}, **NOBODY)
    changed = client.get("/api/v1/upscrolled/places", {"language": "ar"}, **{"If-None-Match": first["ETag"]})

    assert {"code": "EG", "name": "مصر"}.items() <= next(
        place for place in first.json()["places"] if place["code"] == "EG"
    ).items()
    assert (again.status_code, again.content) == (304, b"")
    assert english.json()["language"] == "en"
    assert english["ETag"] != first["ETag"]
    assert changed.status_code == 200


def test_the_menu_is_read_once_and_then_kept(loaded: None) -> None:
    places.menu()
    with CaptureQueriesContext(connection) as asked:
        offered()
    assert len(asked) == 0


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("place = 3", "there is no list"),
        ("nonsense", "is not TOML"),
        ("place = [{}]", "a place needs a code"),
        ('place = [{ code = "x y" }]', "this is 'x y'"),
        ('place = [{ code = "a" }]', "needs a name"),
        ('place = [{ code = "a", names = { en = " " } }]', "is empty"),
        ('place = [{ code = "a", names = { en = 3 } }]', "is empty"),
        ('place = [{ code = "a", colour = "red" }]', "'colour' is no field"),
        ('place = [{ code = "a", kind = "moon" }]', "not 'moon'"),
        ('place = [{ code = "a", hidden = "yes" }]', "hidden has the wrong type"),
        ('place = [{ code = "a", parent = "b", names = { en = "A" } }]', "which is no place"),
        ('place = [{ code = "a", parent = "a", names = { en = "A" } }]', "leads back to a"),
        ('place = [{ code = "a", names = { en = "A" } }, { code = "a" }]', "stands in the file twice"),
        (
            f'place = [{{ code = "a", names = {{ en = "{"x" * 101}" }} }}]',
            "has 101 characters; the limit is 100",
        ),
        (
            'place = [\n  { code = "a", names = { en = "A" } },\n  { code = "b", kind = "moon" },\n]',
            r"menu.toml, line 3, place 2 \(b\): kind",
        ),
        (
            '[[place]]\ncode = "a"\nnames = { en = "A" }\n\n[[place]]\ncode = "b"\nnames = { en = "code = 2" }\n'
            'parent = "c"\n',
            r"menu.toml, line 6, place 2 \(b\): parent is 'c'",
        ),
        ("place = [\n  3 4\n]", "at line 2"),
        ('base = "absent.toml"', "cannot be read"),
        ('base = "menu.toml"', "based on one another"),
    ],
)
def test_a_bad_file_is_refused_with_the_line_the_place_and_the_reason(
    text: str, complaint: str, tmp_path: Path
) -> None:
    path = tmp_path / "menu.toml"
    path.write_text(text)

    with pytest.raises(placefile.BadMenu, match=complaint):
        placefile.read(path)


def test_a_bad_file_changes_nothing(loaded: None, tmp_path: Path) -> None:
    before = verbs.current()
    path = tmp_path / "menu.toml"
    path.write_text('place = [{ code = "FR", hidden = true, parent = "XX", names = { en = "F" } }]')

    with pytest.raises(CommandError, match="no place of the menu"):
        call_command("places", "load", str(path), "--yes")
    assert verbs.current() == before


@pytest.mark.parametrize("language", ["", "english", "e", "en us"])
def test_a_name_is_in_a_language(loaded: None, language: str) -> None:
    with pytest.raises(CommandError, match="is no language"):
        call_command("places", "rename", "EG", language, "Egypt")


def test_the_history_says_from_what_to_what_by_whom_and_why(loaded: None, capsys: Any) -> None:
    make_account("alice")
    call_command("places", "rename", "EG", "en", "Kemet", because="a vote", by="alice")
    call_command("places", "hide", "EG", because="another vote")
    capsys.readouterr()
    call_command("places", "history", "EG")
    hidden, how, renamed, what, added, names = capsys.readouterr().out.splitlines()

    assert hidden.endswith("by the shell: another vote")
    assert how.strip() == "hidden: False → True"
    assert renamed.endswith("by @alice: a vote")
    assert ("'en': 'Egypt'" in what.partition("→")[0], "'en': 'Kemet'" in what.partition("→")[2]) == (
        True,
        True,
    )
    assert added.endswith("by the shell: cldr.toml")
    assert "Egypt" in names


def test_an_entry_that_never_changed_has_no_history(loaded: None, capsys: Any) -> None:
    call_command("places", "history", "NOPE")

    assert capsys.readouterr().out == "Nothing was ever changed of NOPE.\n"


def test_a_profile_shows_a_place_of_the_menu(loaded: None) -> None:
    alice = make_account("alice")
    menu = {place.code: place.id for place in places.menu().places.values()}
    client = client_of(alice)
    own = client.patch("/api/v1/accounts/update_credentials", {"upscrolled": {"place_id": menu["PS"]}}).json()
    verbs.change("PS", names={"en": "Palestine"}, **NOBODY)
    shown = ApiClient().get(f"/api/v1/accounts/{alice.id}").json()["upscrolled"]["place"]

    assert own["upscrolled"]["place"]["code"] == "PS"
    assert (shown["id"], shown["names"]["en"], shown["names"]["ar"]) == (
        str(menu["PS"]), "Palestine", "الأراضي الفلسطينية",
    )  # fmt: skip
    cleared = client.patch("/api/v1/accounts/update_credentials", {"upscrolled": {"place_id": None}}).json()
    assert cleared["upscrolled"]["place"] is None


def test_what_another_process_changed_is_offered_and_can_be_chosen_at_once(loaded: None) -> None:
    alice, client = make_account("alice"), ApiClient()
    before = client.get("/api/v1/upscrolled/places")
    nablus = Place.objects.create(code="nablus", kind="city", names={"en": "Nablus"}, changed_at=NOON)
    PlaceChange.objects.create(code="nablus", action="add", after={}, changed_at=NOON)  # as a shell does

    after = client.get("/api/v1/upscrolled/places", **{"If-None-Match": before["ETag"]})
    chosen = client_of(alice).patch(
        "/api/v1/accounts/update_credentials", {"upscrolled": {"place_id": nablus.id}}
    )

    assert "nablus" in {place["code"] for place in after.json()["places"]}
    assert chosen.json()["upscrolled"]["place"]["code"] == "nablus"


def test_a_place_that_a_process_has_not_heard_of_is_shown_all_the_same(loaded: None) -> None:
    alice = make_account("alice")
    places.menu()
    nablus = Place.objects.create(code="nablus", kind="city", names={"en": "Nablus"}, changed_at=NOON)
    PlaceChange.objects.create(code="nablus", action="add", after={}, changed_at=NOON)
    type(alice).objects.filter(pk=alice.pk).update(place_id=nablus.id)  # chosen where it is known already

    shown = ApiClient().get(f"/api/v1/accounts/{alice.id}").json()

    assert shown["upscrolled"]["place"]["code"] == "nablus"


def test_a_form_has_no_null_and_takes_a_place_away_by_an_empty_text(loaded: None) -> None:
    alice, path = make_account("alice"), "/api/v1/accounts/update_credentials"
    (egypt,) = (place.id for place in places.menu().places.values() if place.code == "EG")
    chosen = client_of(alice).form(path, {"upscrolled[place_id]": egypt}, method="patch").json()
    cleared = client_of(alice).form(path, {"upscrolled[place_id]": ""}, method="patch")

    assert chosen["upscrolled"]["place"]["code"] == "EG"
    assert (cleared.status_code, cleared.json()["upscrolled"]["place"]) == (200, None)


def test_what_the_menu_does_not_offer_cannot_be_chosen_but_what_was_chosen_stays(loaded: None) -> None:
    alice, bob = make_account("alice"), make_account("bob")
    menu = {place.code: place.id for place in places.menu().places.values()}
    client_of(alice).patch("/api/v1/accounts/update_credentials", {"upscrolled": {"place_id": menu["IL"]}})
    verbs.load(REPORTED, **NOBODY)
    refused = client_of(bob).patch(
        "/api/v1/accounts/update_credentials", {"upscrolled": {"place_id": menu["IL"]}, "note": "hello"}
    )

    assert refused.status_code == 422
    assert "no entry" in refused.json()["error"]
    assert ApiClient().get(f"/api/v1/accounts/{bob.id}").json()["note"] == ""
    assert ApiClient().get(f"/api/v1/accounts/{alice.id}").json()["upscrolled"]["place"]["code"] == "IL"
