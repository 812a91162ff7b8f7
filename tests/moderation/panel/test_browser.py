"""The panel in a real Chromium: by the keyboard alone, two people at once, in Arabic, on a phone.

With PANEL_PICTURES=1 the pictures in docs/panel/ are taken anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from feed.models import PostMedia
from moderation import publishing, tasks, tickets
from moderation.models import Case, Crisis, Decision, DoorAppeal, Exposure, LegalOrder, Statement
from moderation.operations import cases, claims, sealing
from moderation.operations.crisis import begin
from moderation.operations.decide import Wish
from moderation.operations.door_appeals import file_appeal
from moderation.operations.orders import NewOrder, enter_order
from moderation.operations.report import Complaint, file_report
from moderation.subjects import Subject
from tests import chromium
from tests.chromium import Chromium, Tab
from tests.desks import desk_of, reported
from tests.people import make_account, publish
from tests.restricting import REASONS, moderator
from upscrolled.models import Account, MediaAttachment, Restriction
from upscrolled.operations.relationships import follow

PICTURES = Path(__file__).resolve().parents[3] / "docs" / "panel"
LARGEST = 150_000  # bytes of a picture
# A key that is pressed before the page's script has run presses nothing.
THERE = "document.readyState === 'complete'"
HELD = f"{THERE} && document.querySelector('.case')?.dataset.mine === 'yes'"
TOP = "document.querySelector('{}').getBoundingClientRect().top"
BOTTOM = "document.querySelector('body > header').getBoundingClientRect().bottom"
INLINE = (
    "const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s)"
)
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
        tab.open(live_server.url + (path if path.startswith("/") else f"/admin/{path}"))
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
    """Keep a picture for the docs, and see that it is small."""
    assert len(tab.picture(PICTURES / f"{name}.webp")) < LARGEST


def fits(tab: Tab) -> bool:
    """Whether nothing is wider than the screen."""
    # Not `innerWidth`: on a phone that grows with what is too wide.
    root = "document.documentElement"
    return bool(tab.ask(f"{root}.scrollWidth <= {root}.clientWidth"))


def test_from_claim_to_decision_by_the_keyboard_alone(at_desk: Any, posts: list[Case]) -> None:
    mia = moderator()
    tab = at_desk(mia)
    first = int(tab.ask("document.querySelector('[data-open]').href.split('/').at(-2)"))
    tab.press("j", "j", "k", "c")
    tab.until(f"document.querySelector('.case')?.dataset.case === '{first}'")
    assert tab.ask("document.querySelector('.case').dataset.mine") == "yes"
    assert tab.ask("document.querySelector('[data-cover] blockquote').checkVisibility()") is False
    tab.until(f"{THERE} && ahead !== null")
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
    tab.press("Enter", ctrl=True)
    tab.until(f"document.querySelector('.case')?.dataset.case === '{upcoming}'")

    decision = Decision.objects.get()
    assert (decision.decided_by_id, decision.action, decision.case_id) == (mia.id, "removed", first)
    assert Restriction.objects.get().decision_id == decision.pk
    assert tab.ask("document.querySelector('.case').dataset.mine") == "yes"

    tab.press("0", "d")
    assert (
        tab.ask("document.querySelector('#facts').checkVisibility()") is False
    )  # nobody reads why it stands
    assert tab.ask("document.activeElement.id") == "explanation"
    tab.write("It is a quotation that is meant to condemn.")
    tab.press("Enter", ctrl=True)
    tab.until(f"document.querySelector('.case')?.dataset.case !== '{upcoming}'")
    assert Case.objects.get(pk=int(upcoming)).outcome == "refused"

    tab.until(HELD)
    case_id = int(tab.ask("document.querySelector('.case').dataset.case"))
    further = reported(make_account("gina"), make_account("hugo"), "One more thing to look at.", "spam")
    tab.press("s")
    tab.write("I know too little about it")
    tab.press("Enter", ctrl=True)
    tab.until(f"document.querySelector('.case')?.dataset.case === '{further.pk}'")
    assert (Case.objects.get(pk=case_id).state, Case.objects.get(pk=further.pk).state) == ("open", "claimed")


def test_the_next_case_stands_there_at_once_and_can_be_decided(at_desk: Any, posts: list[Case]) -> None:
    mia = moderator()
    tab = at_desk(mia)
    tab.press("n")
    tab.until(f"{HELD} && ahead !== null")
    tab.ask("window.sameDocument = true")
    upcoming = tab.ask("ahead.id")
    tab.press("n")
    tab.until(f"document.querySelector('.case').dataset.case === '{upcoming}'")
    assert tab.ask("window.sameDocument") is True
    assert tab.ask("location.pathname") == f"/admin/cases/{upcoming}/"
    assert tab.ask("document.querySelector('[data-state]').textContent") == "held"
    tab.press("1", "d")
    tab.write(REASONS.facts)
    tab.press("Tab")
    tab.write(REASONS.explanation)
    tab.press("Enter", ctrl=True)
    tab.until(f"document.querySelector('.case')?.dataset.case !== '{upcoming}'")
    assert Decision.objects.get().case_id == int(upcoming)
    # Neither the title nor what can be undone is behind the header.
    for selector in ("h1", "[data-undo]"):
        assert tab.ask(f"{TOP.format(selector)} >= {BOTTOM}"), selector


def test_two_moderators_reach_for_the_same_case(at_desk: Any, posts: list[Case]) -> None:
    case = posts[0]
    mia, noor = at_desk(moderator(), f"cases/{case.pk}/"), at_desk(moderator("noor"), f"cases/{case.pk}/")
    mia.press("c")
    mia.until(HELD)
    noor.press("c")
    noor.until(
        f"{THERE} && document.querySelector('main .problem')?.textContent.includes('Somebody else looks at this case')"
    )
    case.refresh_from_db()
    assert (case.state, case.claimed_by.username, case.version) == ("claimed", "mia", 1)
    noor.press("n")
    noor.until(f"{HELD} && document.querySelector('.case').dataset.case !== '{case.pk}'")


def test_in_arabic_everything_reads_from_the_right(at_desk: Any, posts: list[Case]) -> None:
    tab = at_desk(moderator(), "", language="ar")
    assert tab.ask("getComputedStyle(document.querySelector('td')).textAlign") == "start"
    assert fits(tab)
    tab = at_desk(moderator(), f"cases/{posts[1].pk}/", language="ar")
    # On an Arabic keyboard other letters stand where `c` and `v` do.
    for letter, place in (("ر", "KeyV"), ("ؤ", "KeyC")):
        tab.call("Input.dispatchKeyEvent", type="keyDown", key=letter, code=place, text=letter)
        tab.call("Input.dispatchKeyEvent", type="keyUp", key=letter, code=place)
        if place == "KeyV":
            assert tab.ask("document.querySelector('[data-cover]').open") is True
    tab.until(HELD)
    assert tab.ask("document.documentElement.dir") == "rtl"
    title, column = (
        "document.querySelector('h1').getBoundingClientRect()",
        "document.querySelector('.deciding')",
    )
    assert tab.ask(f"{title}.right > innerWidth / 2")
    assert tab.ask(f"{column}.getBoundingClientRect().right < innerWidth / 2")
    tab.press("2", "d")
    tab.write("هاجم المنشور أشخاصًا وطلب من آخرين ملاحقتهم.")
    tab.press("Tab")
    tab.write("هذه ملاحقة لا تسمح بها السياسة.")
    tab.press("Escape", "p")
    tab.until("!document.querySelector('[data-statement]').hidden")
    assert tab.ask("document.querySelector('[data-statement] pre').dir") == "rtl"
    assert fits(tab)
    tab.press("Enter", ctrl=True)
    tab.until("!location.pathname.includes('/" + str(posts[1].pk) + "/')")
    assert Statement.objects.get().language == "ar"


def test_on_a_phone_nothing_runs_out_of_the_screen(at_desk: Any, posts: list[Case]) -> None:
    paths = (
        "",
        "queue/",
        f"cases/{posts[0].pk}/",
        f"together/?like={posts[0].pk}",
        "appeals/",
        "appeals/door/",
        "orders/",
        f"orders/seals/?case={posts[0].pk}",
        "crisis/",
        "log/",
        "policies/",
        "rules/",
        "people/",
        f"people/{posts[0].account_id}/",
        "people/waiting/",
        "people/rings/",
        "figures/",
    )
    tab = at_desk(moderator(), width=360, height=740, phone=True)
    for path in paths:
        for language in ("en", "ar", "fr"):
            tab.speaks(language)
            tab.open(tab.ask(f"new URL('/admin/{path}', location.href).href"))
            assert fits(tab), (path, language)
    tab.speaks("en")
    tab = at_desk(moderator(), f"cases/{posts[0].pk}/", width=360, height=740, phone=True)
    tab.press("c")
    tab.until(HELD)
    assert fits(tab)


def test_what_somebody_wrote_never_runs(at_desk: Any, alice: Account, dave: Account) -> None:
    case = reported(alice, dave, "<img src=x onerror='window.ran=1'><script>window.ran=1</script> hello")
    tab = at_desk(moderator(), f"cases/{case.pk}/")
    tab.press("v")
    assert "<script>" in tab.ask("document.querySelector('blockquote').textContent")
    tab.ask(f"(() => {{ {INLINE} }})()")
    assert tab.ask("window.ran") is None
    publish(alice, "after")


def test_a_wrong_key_is_undone_at_once(at_desk: Any, posts: list[Case]) -> None:
    mia = moderator()
    tab = at_desk(mia)
    tab.press("n")
    tab.until(f"{HELD} && ahead !== null")
    first = tab.ask("document.querySelector('.case').dataset.case")
    decide(tab, "1")
    tab.until(f"document.querySelector('.case')?.dataset.case !== '{first}'")
    assert Decision.objects.get().action == "warn"
    tab.press("u")
    tab.until(f"{HELD} && !location.search")
    assert tab.ask("document.querySelector('[data-undo]').checkVisibility()") is False
    again = Case.objects.get(pk=int(tab.ask("document.querySelector('.case').dataset.case")))
    assert (again.source, again.subject_id) == ("report", Case.objects.get(pk=int(first)).subject_id)
    assert [one.action for one in Decision.objects.order_by("id")] == ["warn", "restore"]

    # The same words are at hand, so that only what was wrong is done anew.
    tab.press("r")
    assert tab.ask("document.querySelector('#facts').value") == REASONS.facts


def test_what_is_refused_leaves_what_was_written(at_desk: Any, posts: list[Case]) -> None:
    tab = at_desk(moderator())
    tab.press("n")
    tab.until(HELD)
    held = tab.ask("document.querySelector('.case').dataset.case")
    tab.press("1", "d")
    tab.write("too short")
    tab.press("Enter", ctrl=True)
    tab.until("document.querySelector('[data-problem]').textContent.includes('it needs 20 to 5000')")
    assert tab.ask("document.querySelector('#facts').value") == "too short"
    assert tab.ask("document.querySelector('.case').dataset.case") == held


def test_the_keys_are_explained_and_the_focus_is_seen(at_desk: Any, posts: list[Case]) -> None:
    tab = at_desk(moderator())
    tab.press("?")
    assert tab.ask("document.querySelector('dialog').open") is True
    tab.press("Escape")
    assert tab.ask("document.querySelector('dialog').open") is False
    tab.press("Tab")
    assert tab.ask("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_pictures_stay_blurred_and_mute_until_they_are_asked_for(
    at_desk: Any, alice: Account, dave: Account, settings: Any
) -> None:
    post = publish(alice, "look")
    for number, kind in enumerate(("image", "video")):
        media = MediaAttachment.objects.create(
            pk=post + 1 + number, owner=alice, kind=kind, state="ready", files={"original": f"ab/{kind}"}
        )
        PostMedia.objects.create(attachment_id=media.pk, post_id=post, position=number)
    file_report(reporter=dave, complaint=Complaint(alice.id, [post], reason="adult"), now=datetime.now(UTC))
    tab = at_desk(moderator(), f"cases/{Case.objects.get().pk}/")
    assert tab.ask("document.querySelector('.veil img').checkVisibility()") is False
    tab.press("v")
    blurred = (
        "[...document.querySelectorAll('.veil img, .veil video')].map(one => getComputedStyle(one).filter)"
    )
    assert tab.ask(blurred) == ["blur(28px) grayscale(1)"] * 2
    assert tab.ask("document.querySelector('video').muted && document.querySelector('video').paused") is True
    tab.press("b")
    tab.until(f"{blurred}.every(one => one === 'none')")
    tab.until("document.querySelector('[data-seen]').textContent === 'Media uncovered today: 2 of 200'")
    tab.press("b")
    tab.until(f"{blurred}.every(one => one !== 'none')")
    settings.EXPOSURE_A_DAY = 2
    case = Case.objects.get()
    Exposure.objects.update(seen=[f"{case.pk}/{post + 1}", f"{case.pk}/another"])
    tab.press("b")
    tab.until("document.querySelector('main .problem:not([hidden])')?.textContent.includes('at most 2')")
    tab.until(f"{blurred}.filter(one => one === 'none').length === 1")
    left = "[...document.querySelectorAll('.exhibit:not(.clear) img, .exhibit:not(.clear) video')]"
    # Past the limit nothing that was not counted stays in the page.
    assert tab.ask(f"{left}.map(one => one.hasAttribute('src'))") == [False]


def test_the_records_work_under_their_policy(at_desk: Any) -> None:
    tab = at_desk(make_account("ada", role="admin"), "records/moderation/policyversion/")
    # What is evaluated from an attribute is there: without its part of the policy it would not be.
    assert tab.ask("Alpine.$data(document.body).sidebarDesktopOpen") is True
    assert tab.ask("document.styleSheets.length") > 0
    tab.ask(f"(() => {{ {INLINE} }})()")
    assert tab.ask("window.ran") is None


def test_from_a_report_to_an_appeal_that_is_right(
    at_desk: Any, posts: list[Case], dave: Account, browser: Chromium, live_server: Any
) -> None:
    omar, case = Account.objects.get(username="omar"), posts[1]
    noor = moderator("noor")
    follow(omar, by=noor, now=datetime.now(UTC))
    conflicted = at_desk(noor, f"cases/{case.pk}/")
    conflicted.press("c")
    conflicted.until("document.querySelector('main .problem')?.textContent.includes('not for you')")

    mia = at_desk(moderator(), f"cases/{case.pk}/", language="ar")
    mia.press("c")
    mia.until(HELD)
    decide(mia, mia.ask("document.querySelector('[value=\"post:removed\"]').dataset.digit"))
    mia.until(f"document.querySelector('.case')?.dataset.case !== '{case.pk}'")
    tasks.deliver_notices()
    publishing.publish(now=datetime.now(UTC), delay=timedelta(0))

    author = at_desk(omar, f"/disputes/strikes/{Statement.objects.get().pk}", language="ar")
    assert author.ask("document.querySelector('article').dir") == "rtl"
    assert REASONS.facts in author.ask("document.querySelector('article').textContent")
    assert "index 0" in author.ask("document.querySelector('#proof').textContent")
    author.ask("document.querySelector('#text').focus()")
    author.write("نقلتُ الإهانة لأدينها.")
    author.ask("document.querySelector('#appeal form').requestSubmit()")
    author.until("document.querySelector('#appeal blockquote')")

    salma = at_desk(moderator("salma"), "appeals/")
    salma.press("j", "Enter")
    salma.until(f"{THERE} && location.pathname !== '/admin/appeals/'")
    salma.press("c")
    salma.until(f"{THERE} && document.querySelector('[name=answer]')")
    salma.press("v")
    assert "منشور ثانٍ" in salma.ask("document.querySelector('[data-cover] blockquote').innerText")
    salma.press("2", "d")
    salma.write("The post quotes the insult in order to condemn it, which is allowed.")
    salma.press("Enter", ctrl=True)
    salma.until("location.pathname === '/admin/appeals/'")

    assert [one.action for one in Decision.objects.order_by("id")] == ["removed", "restore"]
    assert not Restriction.objects.filter(ends_at=None).exists()
    author.call("Page.reload")
    author.until("document.querySelector('#appeal').textContent.includes('in order to condemn it')")


def test_an_order_a_refusal_at_the_door_and_a_crisis_by_the_keyboard_alone(
    at_desk: Any, alice: Account
) -> None:
    post, token = (
        publish(alice, "hello"),
        tickets.address_of(rule="slurs", version=1, field="bio", text="Scunthorpe").rpartition("/door/")[2],
    )
    file_appeal(token, text="It is a town.", email="", language="en", now=datetime.now(UTC))
    tab = at_desk(moderator(), "")
    tab.press("g", "o")
    tab.until(f"{THERE} && location.pathname === '/admin/orders/'")
    tab.press("d")
    for typed in ("", str(post), "Office of Examples", "R-17", "Remove it."):
        tab.write(typed)
        tab.press("Tab")
    tab.press("Enter", ctrl=True)
    tab.until(f"{THERE} && document.querySelector('.case')")
    assert LegalOrder.objects.get().case.subject_id == post

    tab.press("g", "a")
    tab.until(f"{THERE} && location.pathname === '/admin/appeals/'")
    tab.ask("document.querySelector('.tabs a:not([aria-current])').focus()")
    tab.press("Enter")
    tab.until(f"{THERE} && location.pathname === '/admin/appeals/door/'")
    tab.press("j", "Enter")
    tab.until(f"{THERE} && document.querySelector('[data-cover]')")
    tab.press("v", "2", "d")
    assert tab.ask("document.querySelector('[data-cover] blockquote').innerText") == "Scunthorpe"
    tab.write("It is the name of a town, and is let in.")
    tab.press("Enter", ctrl=True)
    tab.until(f"{THERE} && location.pathname === '/admin/appeals/door/'")
    assert DoorAppeal.objects.get().state == "overturned"

    tab.open(tab.ask("new URL('/admin/crisis/', location.href).href"))
    tab.press("d")
    tab.write("More comes in than we can look at.")
    tab.press("Enter", ctrl=True)
    tab.until(f"{THERE} && document.querySelector('.look .problem')")
    assert Crisis.objects.get().because == "More comes in than we can look at."


@pytest.mark.skipif(not os.environ.get("PANEL_PICTURES"), reason="PANEL_PICTURES=1 takes them anew")
def test_pictures_for_the_docs(at_desk: Any, posts: list[Case], alice: Account, dave: Account) -> None:
    # A desk on an ordinary day: some lanes, somebody who holds a case, a copy of another, what was closed before.
    lina = make_account("lina", display_name="Lina")
    for author, text, reason in (
        (lina, "I cannot go on. Tonight I will end it.", "self_harm"),
        (lina, "Her address is 12 Cedar Road, go and tell her.", "privacy"),
        (alice, "Cheap followers, click here now, only today.", "spam"),
        (lina, "Cheap followers, click here now, only today.", "spam"),
        (alice, "You are a fool and your team lost.", "harassment"),
    ):
        reported(author, dave, text, reason)
    noor = moderator("noor")
    held = claims.next_case(by=noor, now=datetime.now(UTC))
    for hours, action in ((30, "warn"), (20, "removed"), (5, "removed"), (4, ""), (2, "sensitive")):
        now = datetime.now(UTC) - timedelta(hours=hours)
        past = reported(lina, dave, f"Something of {hours} hours ago that was looked at.", "hate", now=now)
        claim = claims.claim(past.pk, by=noor, now=now + timedelta(minutes=10))
        wish = Wish(Subject("post", past.subject_id), action, "hate", REASONS)
        if action:
            cases.decide_case(claim, wish, by=noor, now=now + timedelta(minutes=11))
        else:
            cases.dismiss(claim, by=noor, reason="a quotation", now=now + timedelta(minutes=11))
    assert held is not None
    mia, now = moderator(), datetime.now(UTC)
    for number, (kind, minutes) in enumerate(
        (("eu_terrorist", 35), ("au_removal", 300), ("us_intimate", 90))
    ):
        ordered = Subject("post", publish(lina, f"About this came an order, the {number}."))
        came = now - timedelta(minutes=minutes)
        order = NewOrder(kind, "Office of Examples", f"R-{17 + number}/2026", "Remove it.", ordered, came)
        entered = enter_order(order, by=noor, now=now)
        paper = {
            "basis": "court_order",
            "reference": f"2 B {17 + number}/26",
            "until": now + timedelta(days=10),
        }
        step = sealing.propose(entered.case_id, by=noor, now=now, **paper)
        if number == 0:
            sealing.confirm(step.pk, by=moderator("salma"), now=now)
    for field, said in (("handle", "killer_queen"), ("bio", "Born in Scunthorpe")):
        token = tickets.address_of(rule="slurs", version=1, field=field, text=said).rpartition("/door/")[2]
        file_appeal(token, text="It is a name, of a song.", email="", language="en", now=now)
    take(at_desk(mia, ""), "dashboard")
    take(at_desk(mia), "queue")
    for name, case, facts in (
        ("case", posts[0], {}),
        ("case-ar", posts[1], {"language": "ar"}),
        ("case-phone", posts[2], {"width": 390, "height": 844, "phone": True}),
    ):
        tab = at_desk(mia, f"cases/{case.pk}/", **facts)
        tab.press("c")
        tab.until(HELD)
        tab.press("v")
        if name == "case-phone":
            take(tab, name)
            continue
        arabic = name == "case-ar"
        tab.press(tab.ask("document.querySelector('[value=\"post:removed\"]').dataset.digit"), "d")
        tab.write("وصف المنشور جماعة من الناس بالحشرات وطالب بطردهم." if arabic else REASONS.facts)
        tab.press("Tab")
        tab.write("يهاجم الناس بسبب هويتهم." if arabic else REASONS.explanation)
        tab.press("Escape")
        take(tab, name)
    take(at_desk(mia, "orders/"), "orders")
    take(at_desk(mia, "orders/seals/"), "seals")
    door = at_desk(mia, f"appeals/door/{DoorAppeal.objects.earliest('id').pk}/")
    door.press("v", "2")
    take(door, "door")
    begin(
        because="More comes in than we can look at; two schools are named in it.", hours=24, by=noor, now=now
    )
    take(at_desk(mia, "crisis/"), "crisis")


def decide(tab: Tab, digit: str) -> None:
    """Choose, write the reasons and send, all by keys."""
    tab.press(digit, "d")
    tab.write(REASONS.facts)
    tab.press("Tab")
    tab.write(REASONS.explanation)
    tab.press("Enter", ctrl=True)
