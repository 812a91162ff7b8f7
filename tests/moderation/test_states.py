"""Reports, claims, decisions, ends, appeals, blocks, edits and deletions in any order, beside a model of a few sets.

After every step: readers see what the model says, each restriction has its chain, and the database would commit.
Decisions are made in the past of a clock of our own, and some end before today.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
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
from feed.operations.revise import delete_post
from moderation import effects, notices, publishing, queue
from moderation.models import Appeal, Case, Decision
from moderation.operations import appeals, audit, cases
from moderation.operations.cases import Claim, LostClaim, Wish
from moderation.operations.decide import AlreadySo, reverse
from moderation.operations.report import Complaint, file_report
from moderation.states import APPEAL, CASE, OutOfOrder, advance
from moderation.subjects import Subject
from tests.people import make_account, publish
from tests.restricting import REASONS, moderator
from upscrolled.models import Account
from upscrolled.operations.relationships import block, unblock
from upscrolled.viewer import Viewer
from upscrolled.visibility import Surface, why_hidden

pytestmark = pytest.mark.django_db
TODAY = datetime.now(UTC)
HIDING = ("removed", "hidden_from_discover", "sensitive", "warn", "account_suspended")
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
    deleted: set[int] = field(default_factory=set)
    blocks: set[tuple[int, int]] = field(default_factory=set)
    ruled: dict[int, Ruled] = field(default_factory=dict)

    def shows(self, post: int, viewer: int, surface: Surface) -> bool:
        author = self.posts[post]
        pair = {(author, viewer), (viewer, author)}
        on_post, on_author = self._kinds("post", post), self._kinds("account", author)
        if post in self.deleted or pair & self.blocks:
            return False
        if viewer != author and ("removed" in on_post or "account_suspended" in on_author):
            return False
        return surface != Surface.DISCOVER or "hidden_from_discover" not in on_post | on_author

    def _kinds(self, kind: str, number: int) -> set[str]:
        subject = Subject(kind, number)
        return {ruled.action for ruled in self.ruled.values() if ruled.subject == subject and ruled.holds()}


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
        suspended = any(
            ruled.action == "account_suspended" and ruled.author == writer.id and ruled.holds()
            for ruled in self.model.ruled.values()
        )
        if not suspended:
            self.model.posts[publish(writer, "hello", now=self.clock)] = writer.id

    @rule(data=st.data())
    def report(self, data: st.DataObject) -> None:
        post = data.draw(st.sampled_from(sorted(self.model.posts)))
        complaint = Complaint(target_id=self.model.posts[post], post_ids=[post], reason="hate")
        file_report(reporter=self.reader, complaint=complaint, now=self.clock)

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        left = sorted(set(self.model.posts) - self.model.deleted)
        if left:
            post = data.draw(st.sampled_from(left))
            author = next(one for one in self.authors if one.id == self.model.posts[post])
            delete_post(post, by=author, now=self.clock)
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
        held = cases.next_case(by=self.staff[who], now=self.clock)
        if held is not None:
            self.claims[held.case_id] = (held, self.staff[who])

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), action=st.sampled_from(HIDING), days=st.sampled_from([None, 2, 90]))
    def decide(self, data: st.DataObject, action: str, days: int | None) -> None:
        case, held, by = self._held(data)
        kind = "account" if action == "account_suspended" else "post"
        subject = (
            Subject(kind, case.account_id or 0) if kind == "account" else Subject("post", case.subject_id)
        )
        ends = None if days is None or action == "warn" else self.clock + timedelta(days=days)
        try:
            with transaction.atomic():
                wish = Wish(subject, action, "hate", REASONS, ends_at=ends)
                recorded = cases.decide_case(held, wish, by=by, now=self.clock)
        except LostClaim:
            assert self._is_lost(case, held)
            return
        except AlreadySo:
            return
        self.claims.pop(case.pk, None)
        self.model.ruled[recorded.decision_id] = Ruled(action, subject, case.account_id or 0, ends)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), skips=st.booleans())
    def let_go(self, data: st.DataObject, skips: bool) -> None:
        case, held, by = self._held(data)
        verb = cases.release if skips else cases.dismiss
        try:
            with transaction.atomic():
                verb(held, by=by, reason="not for me", now=self.clock)
        except LostClaim:
            assert self._is_lost(case, held)
            return
        self.claims.pop(case.pk, None)

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

    @invariant()
    def readers_see_what_the_model_says(self) -> None:
        for account in (self.reader, *self.authors):
            for surface in (Surface.THREAD, Surface.DISCOVER):
                viewer = Viewer(account)
                posts = facts.load(viewer, sorted(self.model.posts))
                shown = {post.id for post in posts if why_hidden(post, viewer, surface) is None}
                due = {post for post in self.model.posts if self.model.shows(post, account.id, surface)}
                assert shown == due, (account, surface)

    @invariant()
    def everything_has_its_chain(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        found = audit.audit(now=self.clock)
        assert [
            finding for finding in found if finding.wrong and finding.name != "notices that nobody was sent"
        ] == []

    def _held(self, data: st.DataObject) -> tuple[Case, Claim, Account]:
        number = data.draw(st.sampled_from(sorted(self.claims)))
        held, by = self.claims[number]
        return Case.objects.get(pk=number), held, by

    def _is_lost(self, case: Case, held: Claim) -> bool:
        lost = case.state != "claimed" or case.version != held.version
        return lost or (case.claimed_until is not None and case.claimed_until <= self.clock)


def _block(target: Account, *, by: Account) -> None:
    block(target, by=by, now=TODAY)


def test_any_order_of_steps_leaves_what_the_model_says() -> None:
    run_state_machine_as_test(
        Moderation,
        settings=settings(
            max_examples=25,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("table", [CASE, APPEAL])
def test_a_step_out_of_order_is_refused(table) -> None:
    with pytest.raises(OutOfOrder):
        advance(table, "decided" if table is CASE else "upheld", "claim")
