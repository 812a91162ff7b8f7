"""Reports, claims, decisions, ends, appeals, blocks, edits and deletions in any order, beside a model of a few sets.

Each post shows a photo, which is reported, held and decided about by itself too. After every step: readers see what the
model says on every surface, each restriction has its chain, what was reported is kept as it was, each report has its
outcome as soon as all that it names is decided, and the database would commit. Once the clock has come, whoever
reported was told. Decisions are made in the past of a clock of our own, and some end
before today.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Q
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from feed import facts
from feed.models import Post, PostMedia
from feed.operations.revise import Edit, delete_post, edit_post
from feed.post_types.text import Words
from moderation import effects, notices, publishing, queue
from moderation.models import Appeal, Case, CaseEvent, Decision, Evidence, Report
from moderation.operations import appeals, audit, cases, claims, handling
from moderation.operations.cases import Wish
from moderation.operations.claims import Claim, LostClaim
from moderation.operations.decide import AlreadySo, decide, reverse
from moderation.operations.report import Complaint, file_report
from moderation.states import APPEAL, CASE, OutOfOrder, advance
from moderation.subjects import Subject
from tests.people import make_account, publish
from tests.restricting import REASONS, moderator
from upscrolled.core.errors import Conflict, Invalid, NotAllowed
from upscrolled.models import Account, MediaAttachment
from upscrolled.operations.relationships import block, unblock
from upscrolled.viewer import Viewer
from upscrolled.visibility import Surface, is_covered, why_hidden, why_withheld

pytestmark = pytest.mark.django_db
TODAY = datetime.now(UTC)
ON_POSTS = ("removed", "hidden_from_discover", "sensitive", "age_limited", "replies_off", "warn")
ON_MEDIA = ("removed", "sensitive", "age_limited", "warn")
ON_ACCOUNTS = ("account_suspended", "account_limited", "hidden_from_discover")
SILENT = {"account_suspended", "account_limited", "hold"}  # who is under one of them does not write
SURFACES = (Surface.THREAD, Surface.PROFILE, Surface.PUBLIC, Surface.SEARCH, Surface.DISCOVER)
OWED = {  # until the clock comes
    "notices that nobody was sent",
    "log entries that were not published",
    "reports and appeals whose answer nobody was told",
}
ANSWER = "It was looked at again by somebody else, and that is what they found."


@dataclass
class Ruled:
    """What the model knows of a decision."""

    action: str
    subject: Subject
    author: int
    ends: datetime | None
    reversed: bool = False

    def holds(self) -> bool:
        return not self.reversed and (self.ends is None or self.ends > TODAY)


@dataclass
class Model:
    """All that decides what a reader sees."""

    posts: dict[int, int] = field(default_factory=dict)  # to their authors
    media: dict[int, int] = field(default_factory=dict)  # of posts
    deleted: set[int] = field(default_factory=set)
    blocks: set[tuple[int, int]] = field(default_factory=set)
    ruled: dict[int, Ruled] = field(default_factory=dict)
    says: dict[int, str] = field(default_factory=dict)
    reported: dict[int, set[str]] = field(default_factory=dict)  # what posts said when somebody reported them

    def shows(self, post: int, viewer: int | None, surface: Surface) -> bool:
        author = self.posts[post]
        pair = {(author, viewer), (viewer, author)}
        on_post, on_author = self.kinds("post", post), self.kinds("account", author)
        if post in self.deleted or pair & self.blocks:
            return False
        if viewer != author and {"removed", "hold"} & on_post | {"account_suspended", "hold"} & on_author:
            return False
        if viewer is None and "age_limited" in on_post:
            return False
        return surface != Surface.DISCOVER or "hidden_from_discover" not in on_post | on_author

    def gives(self, post: int, viewer: int | None) -> bool:
        """Whether a reader of a post is given its photo."""
        on_it = self.kinds("media", self.media[post])
        withheld = {"removed", "hold"} & on_it or (viewer is None and "age_limited" in on_it)
        return viewer == self.posts[post] or not withheld

    def kinds(self, kind: str, number: int) -> set[str]:
        """What is in force on a subject today."""
        subject = Subject(kind, number)
        held = {ruled.action for ruled in self.ruled.values() if ruled.subject == subject and ruled.holds()}
        return held - {"warn"}

    def is_silent(self, author: int) -> bool:
        return bool(SILENT & self.kinds("account", author))

    def open_again(self, subject: Subject, *, reversed: bool, at: datetime) -> None:
        """A person has looked at what a machine held."""
        for ruled in self.ruled.values():
            if ruled.subject == subject and ruled.action == "hold":
                ruled.reversed = ruled.reversed or reversed
                ruled.ends = min(ruled.ends or at, at)


class Moderation(RuleBasedStateMachine):
    """Two authors, a reader, three moderators."""

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.clock = TODAY - timedelta(days=30)
        self.model = Model()
        self.authors = [make_account("alice"), make_account("bob")]
        self.reader = make_account("dave")
        self.staff = [moderator(name) for name in ("mia", "noor", "zoe")]
        self.claims: dict[int, tuple[Claim, Account]] = {}
        self.write(author=0)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    @rule(author=st.integers(0, 1))
    def write(self, author: int) -> None:
        writer = self.authors[author]
        if not self.model.is_silent(writer.id):
            post = publish(writer, "hello", now=self.clock)
            self.model.posts[post], self.model.says[post] = writer.id, "hello"
            self.model.media[post] = _show_photo(post, writer, self.clock)

    @rule(data=st.data(), words=st.sampled_from(["hello", "I never said that", "something else"]))
    def edit(self, data: st.DataObject, words: str) -> None:
        left = sorted(set(self.model.posts) - self.model.deleted)
        if not left:
            return
        post = data.draw(st.sampled_from(left))
        author = self._author_of(post)
        try:
            with transaction.atomic():
                edit_post(post, by=author, edit=Edit({"text": Words(words, "")}), now=self.clock)
        except NotAllowed:
            assert self.model.is_silent(author.id)
            return
        assert not self.model.is_silent(author.id)
        self.model.says[post] = words

    @rule(data=st.data(), photo=st.booleans())
    def report(self, data: st.DataObject, photo: bool) -> None:
        self._report(data.draw(st.sampled_from(sorted(self.model.posts))), photo)

    @rule(
        data=st.data(),
        photo=st.booleans(),
        action=st.sampled_from(ON_MEDIA),
        days=st.sampled_from([None, 90]),
        who=st.integers(0, 2),
    )
    def judge(self, data: st.DataObject, photo: bool, action: str, days: int | None, who: int) -> None:
        """Something is reported, taken up at once and decided: few orders of single steps would get there."""
        left = sorted(set(self.model.posts) - self.model.deleted)
        if not left:
            return
        post = data.draw(st.sampled_from(left))
        self._report(post, photo)
        about = Subject("media", self.model.media[post]) if photo else Subject("post", post)
        waiting = Case.objects.exclude(state="decided")
        case = waiting.get(subject_kind=about.kind, subject_id=about.id)
        try:
            with transaction.atomic():
                self.claims[case.pk] = (
                    claims.claim(case.pk, by=self.staff[who], now=self.clock),
                    self.staff[who],
                )
        except LostClaim:
            assert case.state == "claimed"
            return
        self._decide(case.pk, ("content", action), days)

    def _report(self, post: int, photo: bool) -> None:
        named = {"media_ids": [self.model.media[post]]} if photo else {"post_ids": [post]}
        complaint = Complaint(target_id=self.model.posts[post], reason="hate", **named)
        try:
            with transaction.atomic():
                file_report(reporter=self.reader, complaint=complaint, now=self.clock)
        except Invalid:
            assert photo
            assert post in self.model.deleted
            return
        if post not in self.model.deleted:
            self.model.reported.setdefault(post, set()).add(self.model.says[post])

    @rule(data=st.data(), photo=st.booleans())
    def hold(self, data: st.DataObject, photo: bool) -> None:
        """A machine holds back what a person has to look at."""
        post = data.draw(st.sampled_from(sorted(self.model.posts)))
        subject = Subject("media", self.model.media[post]) if photo else Subject("post", post)
        try:
            with transaction.atomic():
                recorded = decide(Wish(subject, "hold", "hate", REASONS), by=None, now=self.clock)
        except AlreadySo:
            return
        ends = self.clock + timedelta(hours=72)
        self.model.ruled[recorded.decision_id] = Ruled("hold", subject, self.model.posts[post], ends)

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        left = sorted(set(self.model.posts) - self.model.deleted)
        if left:
            post = data.draw(st.sampled_from(left))
            delete_post(post, by=self._author_of(post), now=self.clock)
            self.model.deleted.add(post)

    @rule(author=st.integers(0, 1), lifts=st.booleans())
    def block(self, author: int, lifts: bool) -> None:
        (unblock if lifts else _block)(self.authors[author], by=self.reader)
        pair = (self.reader.id, self.authors[author].id)
        (self.model.blocks.discard if lifts else self.model.blocks.add)(pair)

    @rule(minutes=st.sampled_from([1, 9, 11, 600]))
    def wait(self, minutes: int) -> None:
        self.clock = min(self.clock + timedelta(minutes=minutes), TODAY - timedelta(days=1))
        queue.free_leases(now=self.clock)

    @rule(who=st.integers(0, 2))
    def claim(self, who: int) -> None:
        held = claims.next_case(by=self.staff[who], now=self.clock)
        if held is not None:
            self.claims[held.case_id] = (held, self.staff[who])

    @precondition(lambda self: self.claims)
    @rule(
        data=st.data(),
        what=st.sampled_from([*(("content", a) for a in ON_POSTS), *(("account", a) for a in ON_ACCOUNTS)]),
        days=st.sampled_from([None, 2, 90]),
    )
    def decide(self, data: st.DataObject, what: tuple[str, str], days: int | None) -> None:
        self._decide(self._held(data)[0].pk, what, days)

    def _decide(self, number: int, what: tuple[str, str], days: int | None) -> None:
        case, (held, by) = Case.objects.get(pk=number), self.claims[number]
        kind, action = what
        about = Subject(case.subject_kind, case.subject_id)
        subject = Subject("account", case.account_id or 0) if kind == "account" else about
        ends = None if days is None or action == "warn" else self.clock + timedelta(days=days)
        try:
            with transaction.atomic():
                wish = Wish(subject, action, "hate", REASONS, ends_at=ends)
                recorded = cases.decide_case(held, wish, by=by, now=self.clock)
        except LostClaim:
            assert self._is_lost(case, held)
            return
        except Invalid:
            assert subject.kind == "media"
            assert action not in ON_MEDIA
            return
        except AlreadySo:
            return
        self.claims.pop(case.pk, None)
        self.model.open_again(about, reversed=False, at=self.clock)
        self.model.ruled[recorded.decision_id] = Ruled(action, subject, case.account_id or 0, ends)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), skips=st.booleans())
    def let_go(self, data: st.DataObject, skips: bool) -> None:
        case, held, by = self._held(data)
        verb = claims.release if skips else cases.dismiss
        try:
            with transaction.atomic():
                verb(held, by=by, reason="not for me", now=self.clock)
        except LostClaim:
            assert self._is_lost(case, held)
            return
        self.claims.pop(case.pk, None)
        if not skips:
            about = Subject(case.subject_kind, case.subject_id)
            self.model.open_again(about, reversed=True, at=self.clock)

    @precondition(lambda self: any(not one.reversed for one in self.model.ruled.values()))
    @rule(data=st.data(), overturns=st.booleans(), who=st.integers(0, 2))
    def appeal(self, data: st.DataObject, overturns: bool, who: int) -> None:
        number = data.draw(
            st.sampled_from(sorted(n for n, one in self.model.ruled.items() if not one.reversed))
        )
        decision = Decision.objects.select_related("statement").get(pk=number)
        author = next(one for one in self.authors if one.id == self.model.ruled[number].author)
        filed = Appeal.objects.filter(decision=decision).first()
        if filed is None:
            filed = appeals.appeal_decision(decision.statement_id, by=author, text="Why?", now=self.clock)
        by = self.staff[who]
        try:
            with transaction.atomic():
                held = appeals.claim_appeal(filed.pk, by=by, now=self.clock)
        except appeals.SamePerson:
            assert decision.decided_by_id == by.id
            return
        except OutOfOrder:
            assert filed.state in ("upheld", "overturned")
            return
        assert decision.decided_by_id != by.id
        (appeals.overturn if overturns else appeals.uphold)(held, by=by, answer=ANSWER, now=self.clock)
        self.model.ruled[number].reversed = overturns

    @precondition(lambda self: any(not one.reversed for one in self.model.ruled.values()))
    @rule(data=st.data(), who=st.integers(0, 2))
    def take_back(self, data: st.DataObject, who: int) -> None:
        number = data.draw(
            st.sampled_from(sorted(n for n, one in self.model.ruled.items() if not one.reversed))
        )
        reverse(
            number, by=self.staff[who], facts=ANSWER, explanation="It was a slip of the hand.", now=self.clock
        )
        self.model.ruled[number].reversed = True

    @rule(who=st.integers(0, 2))
    def undo(self, who: int) -> None:
        """Take back the last case that was decided, and look at it anew."""
        case = Case.objects.filter(state="decided").order_by("-id").first()
        if case is None:
            return
        standing = Decision.objects.filter(case=case, reverses=None, reversed_by=None)
        taken_back = list(standing.values_list("id", flat=True))
        try:
            with transaction.atomic():
                handling.undo(case.pk, by=self.staff[who], now=self.clock)
        except Conflict:
            assert not taken_back
            return
        for number in taken_back:
            self.model.ruled[number].reversed = True

    @precondition(lambda self: Report.objects.filter(outcome="refused").exists())
    @rule(overturns=st.booleans(), who=st.integers(0, 2))
    def second_look(self, overturns: bool, who: int) -> None:
        """The reporter of a refused report asks for it; whoever decided or took back there does not answer."""
        report = Report.objects.filter(outcome="refused").order_by("-id")[0]
        filed = Appeal.objects.filter(report=report).first()
        if filed is None:
            filed = appeals.appeal_refusal(report.pk, by=self.reader, text="Look again.", now=self.clock)
        by, closed = self.staff[who], Q(case__in=report.cases, kind__in=("decided", "dismissed"))
        hands = set(CaseEvent.objects.filter(closed).values_list("actor_id", flat=True))
        hands |= set(Decision.objects.filter(case__in=report.cases).values_list("decided_by_id", flat=True))
        try:
            with transaction.atomic():
                held = appeals.claim_appeal(filed.pk, by=by, now=self.clock)
        except appeals.SamePerson:
            assert by.id in hands
            return
        except OutOfOrder:
            assert filed.state in ("upheld", "overturned")
            return
        assert by.id not in hands
        (appeals.overturn if overturns else appeals.uphold)(held, by=by, answer=ANSWER, now=self.clock)

    @rule()
    def clockwork(self) -> None:
        """What the clock does, and doing it again changes nothing."""
        for _ in range(2):
            notices.deliver(now=self.clock)
            notices.tell_outcomes(now=self.clock)
            notices.tell_answers(now=self.clock)
            effects.undo_ended(now=self.clock)
            publishing.publish(now=self.clock, delay=timedelta())
            queue.refresh(now=self.clock)
        assert not Report.objects.exclude(outcome="").filter(outcome_told_at=None).exists()

    @invariant()
    def each_report_has_its_outcome_when_all_it_names_is_decided(self) -> None:
        waiting = set(Case.objects.exclude(state="decided").values_list("id", flat=True))
        for cases_of, outcome in Report.objects.values_list("cases", "outcome"):
            assert (outcome == "") == bool(waiting & set(cases_of))

    @invariant()
    def readers_see_what_the_model_says(self) -> None:
        for account in (None, self.reader, *self.authors):
            viewer = Viewer(account)
            posts = facts.load(viewer, sorted(self.model.posts))
            for surface in SURFACES:
                shown = {post.id for post in posts if why_hidden(post, viewer, surface) is None}
                number = account.id if account else None
                due = {post for post in self.model.posts if self.model.shows(post, number, surface)}
                assert shown == due, (account, surface)
            covers = {post.id: set(post.restrictions) for post in posts}
            assert covers == {post.id: self.model.kinds("post", post.id) for post in posts}
            for post in posts:
                photos = post.attached.get("media", [])
                assert [one.id for one in photos] == [self.model.media[post.id]] * (not post.deleted)
                on_photo = self.model.kinds("media", self.model.media[post.id]) if photos else set()
                given = [why_withheld(one, viewer) is None for one in photos]
                assert given == [self.model.gives(post.id, number)] * len(photos)
                assert is_covered(post, photos) == ("sensitive" in covers[post.id] | on_photo)

    @invariant()
    def what_was_reported_is_kept(self) -> None:
        shows = {media: post for post, media in self.model.media.items()}
        rows = Evidence.objects.values_list("case__subject_id", "content__text", "content__post__text")
        kept = {(shows.get(number, number), text or beside) for number, text, beside in rows}
        assert {(post, text) for post, texts in self.model.reported.items() for text in texts} <= kept

    @invariant()
    def everything_has_its_chain(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        found = audit.audit(now=self.clock)
        assert [finding for finding in found if finding.wrong and finding.name not in OWED] == []

    def _author_of(self, post: int) -> Account:
        return next(one for one in self.authors if one.id == self.model.posts[post])

    def _held(self, data: st.DataObject) -> tuple[Case, Claim, Account]:
        number = data.draw(st.sampled_from(sorted(self.claims)))
        held, by = self.claims[number]
        return Case.objects.get(pk=number), held, by

    def _is_lost(self, case: Case, held: Claim) -> bool:
        lost = case.state != "claimed" or case.version != held.version
        return lost or (case.claimed_until is not None and case.claimed_until <= self.clock)


def _show_photo(post: int, owner: Account, now: datetime) -> int:
    """Have a post show a photo that is nobody's copy; its number."""
    made = MediaAttachment.objects.create(
        id=post + 2**60, owner=owner, kind="image", state="ready", sha256=f"{post:064x}", attached_at=now
    )
    PostMedia.objects.create(attachment=made, post_id=post, position=0)
    Post.objects.filter(pk=post).update(parts=["media"])
    return int(made.pk)


def _block(target: Account, *, by: Account) -> None:
    block(target, by=by, now=TODAY)


def _run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Moderation,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_any_order_of_steps_leaves_what_the_model_says() -> None:
    _run(12, 20)


@pytest.mark.long
def test_many_more_orders_do_too() -> None:
    _run(150, 40)


@pytest.mark.parametrize("table", [CASE, APPEAL])
def test_a_step_out_of_order_is_refused(table) -> None:
    with pytest.raises(OutOfOrder):
        advance(table, "decided" if table is CASE else "upheld", "claim")
