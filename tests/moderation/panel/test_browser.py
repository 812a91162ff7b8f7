"""The panel in a real Chromium: by the keyboard alone, two people at once, in Arabic, on a phone.

With PANEL_PICTURES=1 the pictures in docs/panel/ are taken anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from moderation.models import Case, Decision, Statement
from tests import chromium
from tests.chromium import Chromium, Tab
from tests.desks import desk_of, reported
from tests.people import make_account, publish
from tests.restricting import REASONS, moderator
from upscrolled.models import Account, Restriction

PICTURES = Path(__file__).resolve().parents[3] / "docs" / "panel"
LARGEST = 150_000  # bytes of a picture
pytestmark = [
    pytest.mark.long,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        chromium.installed() is None,
        reason="NO BROWSER: the panel is not tested in Chromium here; install it (apt install chromium)",
    ),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with chromium.chromium() as started:
        yield started


@pytest.fixture
def at_desk(browser: Chromium, live_server: Any) -> Any:
    """Somebody of the staff in front of the panel."""

    def sit_down(account: Account, path: str = "queue/", **facts: Any) -> Tab:
        tab = browser.tab(**facts)
        name = settings.SESSION_COOKIE_NAME
        tab.cookie(name, desk_of(account).cookies[name].value, live_server.url)
        tab.open(f"{live_server.url}/admin/{path}")
        return tab

    return sit_down


@pytest.fixture
def posts(alice: Account, dave: Account) -> list[Case]:
    author = make_account("omar", display_name="عمر", locale="ar")
    return [
        reported(alice, dave, "They are vermin, all of them, and should be driven out."),
        reported(author, dave, "منشور ثانٍ أُبلغ عنه", "harassment"),
        reported(alice, dave, "Cheap followers, click here now.", "spam"),
    ]


def take(tab: Tab, name: str) -> None:
    """Keep a picture for the docs, if asked to, and see that it is small."""
    if os.environ.get("PANEL_PICTURES"):
        assert len(tab.picture(PICTURES / f"{name}.webp")) < LARGEST


def fits(tab: Tab) -> bool:
    """Whether nothing is wider than the screen."""
    return bool(tab.ask("document.documentElement.scrollWidth <= innerWidth"))


def test_from_claim_to_decision_by_the_keyboard_alone(at_desk: Any, posts: list[Case]) -> None:
    mia = moderator()
    tab = at_desk(mia)
    take(tab, "queue")
    first = int(tab.ask("document.querySelector('[data-open]').href.split('/').at(-2)"))
    tab.press("j", "j", "k", "c")
    tab.until(f"document.querySelector('.case')?.dataset.case === '{first}'")
    assert tab.ask("document.querySelector('.case').dataset.mine") == "yes"
    assert tab.ask("document.querySelector('[data-cover] blockquote').checkVisibility()") is False
    tab.until("document.readyState === 'complete' && ahead !== null")
    upcoming = tab.ask("ahead.id")
    tab.press("v")
    assert tab.ask("document.querySelector('[data-cover] blockquote').checkVisibility()") is True
    wanted = "post:removed"
    tab.press(tab.ask(f"document.querySelector('[value=\"{wanted}\"]').dataset.digit"))
    assert tab.ask("document.querySelector('[name=action]:checked').value") == wanted
    tab.press("d")
    tab.write(REASONS.facts)
    tab.press("Tab")
    tab.write(REASONS.explanation)
    tab.press("Escape", "p")
    tab.until("!document.querySelector('[data-statement]').hidden")
    assert REASONS.facts in tab.ask("document.querySelector('[data-statement] pre').textContent")
    take(tab, "case")
    tab.press("Enter", ctrl=True)
    tab.until(f"document.querySelector('.case')?.dataset.case === '{upcoming}'")

    decision = Decision.objects.get()
    assert (decision.decided_by_id, decision.action, decision.case_id) == (mia.id, "removed", first)
    assert Restriction.objects.get().decision_id == decision.pk
    assert tab.ask("document.querySelector('.case').dataset.mine") == "yes"

    tab.press("0", "d")
    tab.write("It is a quotation that is meant to condemn.")
    tab.press("Enter", ctrl=True)
    tab.until(f"document.querySelector('.case')?.dataset.case !== '{upcoming}'")
    assert Case.objects.get(pk=int(upcoming)).outcome == "refused"


def test_the_next_case_stands_there_at_once_and_can_be_decided(at_desk: Any, posts: list[Case]) -> None:
    mia = moderator()
    tab = at_desk(mia)
    tab.press("n")
    tab.until("document.querySelector('.case') && ahead !== null")
    tab.ask("window.sameDocument = true")
    upcoming = tab.ask("ahead.id")
    tab.press("n")
    tab.until(f"document.querySelector('.case').dataset.case === '{upcoming}'")
    assert tab.ask("window.sameDocument") is True
    assert tab.ask("location.pathname") == f"/admin/cases/{upcoming}/"
    tab.press("1", "d")
    tab.write(REASONS.facts)
    tab.press("Tab")
    tab.write(REASONS.explanation)
    tab.press("Enter", ctrl=True)
    tab.until(f"document.querySelector('.case')?.dataset.case !== '{upcoming}'")
    assert Decision.objects.get().case_id == int(upcoming)


def test_two_moderators_reach_for_the_same_case(at_desk: Any, posts: list[Case]) -> None:
    case = posts[0]
    mia, noor = at_desk(moderator(), f"cases/{case.pk}/"), at_desk(moderator("noor"), f"cases/{case.pk}/")
    mia.press("c")
    mia.until("document.querySelector('.case')?.dataset.mine === 'yes'")
    noor.press("c")
    noor.until("document.querySelector('.problem')?.textContent.includes('Somebody else looks at this case')")
    case.refresh_from_db()
    assert (case.state, case.claimed_by.username, case.version) == ("claimed", "mia", 1)
    noor.press("n")
    noor.until(
        f"document.querySelector('.case') && document.querySelector('.case').dataset.case !== '{case.pk}'"
    )


def test_in_arabic_everything_reads_from_the_right(at_desk: Any, posts: list[Case]) -> None:
    tab = at_desk(moderator(), "", language="ar")
    take(tab, "dashboard-ar")
    assert tab.ask("getComputedStyle(document.querySelector('td')).textAlign") == "start"
    tab = at_desk(moderator(), f"cases/{posts[1].pk}/", language="ar")
    tab.press("c")
    tab.until("document.querySelector('.case')?.dataset.mine === 'yes'")
    assert tab.ask("document.documentElement.dir") == "rtl"
    title, column = "document.querySelector('h1').getBoundingClientRect()", "document.querySelector('aside')"
    assert tab.ask(f"{title}.right > innerWidth / 2")
    assert tab.ask(f"{column}.getBoundingClientRect().right < innerWidth / 2")
    tab.press("2", "d")
    tab.write("هاجم المنشور أشخاصًا وطلب من آخرين ملاحقتهم.")
    tab.press("Tab")
    tab.write("هذه ملاحقة لا تسمح بها السياسة.")
    tab.press("Escape", "p")
    tab.until("!document.querySelector('[data-statement]').hidden")
    assert tab.ask("document.querySelector('[data-statement] pre').dir") == "rtl"
    take(tab, "case-ar")
    assert fits(tab)
    tab.press("Enter", ctrl=True)
    tab.until("!location.pathname.includes('/" + str(posts[1].pk) + "/')")
    assert Statement.objects.get().language == "ar"


def test_on_a_phone_nothing_runs_out_of_the_screen(at_desk: Any, posts: list[Case]) -> None:
    paths = (
        "",
        "queue/",
        f"cases/{posts[0].pk}/",
        "appeals/",
        "log/",
        "policies/",
        "rules/",
        "people/",
        "figures/",
    )
    for path in paths:
        tab = at_desk(moderator(), path, width=360, height=740, phone=True)
        assert fits(tab), path
    tab = at_desk(moderator(), f"cases/{posts[0].pk}/", width=360, height=740, phone=True)
    tab.press("c")
    tab.until("document.querySelector('.case')?.dataset.mine === 'yes'")
    assert fits(tab)
    take(tab, "case-phone")


def test_what_somebody_wrote_never_runs(at_desk: Any, alice: Account, dave: Account) -> None:
    case = reported(alice, dave, "<img src=x onerror='window.ran=1'><script>window.ran=1</script> hello")
    tab = at_desk(moderator(), f"cases/{case.pk}/")
    tab.press("v")
    assert "<script>" in tab.ask("document.querySelector('blockquote').textContent")
    inline = "const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s)"
    tab.ask(f"(() => {{ {inline} }})()")
    assert tab.ask("window.ran") is None
    publish(alice, "after")
