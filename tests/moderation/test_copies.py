"""Near copies are one case and one decision, and each person has a statement of their own."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from feed.models import PostMedia
from moderation import near, tasks
from moderation.models import Case, CaseBand, Decision, Evidence, Statement
from moderation.operations import bulk, cases, claims
from moderation.operations.cases import Wish
from moderation.operations.decide import decide
from moderation.operations.interest import ConflictOfInterest
from moderation.operations.report import Complaint, file_report
from moderation.queries import desk
from moderation.subjects import Subject
from tests.people import client_of, make_account, publish
from tests.restricting import REASONS, moderator
from upscrolled.core import ids
from upscrolled.core.errors import NotFound
from upscrolled.models import MediaAttachment, MediaHash, Restriction
from upscrolled.operations.relationships import follow

db = pytest.mark.django_db
NOW = datetime.now(UTC)
WAVE = "Win a new telephone today, only the first hundred people get one, just follow the link https://example.org/{}"
QUOTED = "Somebody wrote to me: '{}' Do not follow it, this is how they take your money, tell your parents and friends."


class TestNear:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (WAVE.format(1), WAVE.format(2)),
            (WAVE, "WIN A NEW PHONE TODAY!!! only the first hundred people get one: just follow the link"),
            ("اربح هاتفًا جديدًا اليوم، أول مئة شخص فقط", "@someone اربح هاتفًا جديدًا اليوم، أول مئة شخص فقط!!"),
        ],
    )
    def test_near_copies_share_a_band_and_are_told(self, one, other) -> None:
        assert near.same_text(one, other)
        assert set(near.bands_of_text(one)) & set(near.bands_of_text(other))

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (WAVE, QUOTED.format(WAVE)),
            ("hello", "hello"),
            ("I baked bread again today, with olives", "I saw the ferry leave without my suitcase"),
        ],
    )
    def test_a_quotation_is_no_copy_and_what_is_short_is_not_told_apart(self, one, other) -> None:
        assert not near.same_text(one, other)

    def test_every_picture_within_the_distance_is_found(self) -> None:
        bits = random.Random(7).getrandbits(256)
        worst = sum(0b11 << 16 * word for word in range(15)) | 1 << 255  # two bits in each word but one
        for changes in (0, 1 << 100, worst):
            one, other = f"{bits:064x}", f"{bits ^ changes:064x}"
            assert near.same_picture(one, other)
            assert set(near.bands_of_picture(one)) & set(near.probes_of_picture(other))
        assert not near.same_picture(one, f"{bits ^ worst ^ 1 << 254:064x}")


def report(reporter, *posts: int, of, now: datetime = NOW, reason: str = "spam"):
    complaint = Complaint(target_id=of.id, post_ids=list(posts), reason=reason)
    return file_report(reporter=reporter, complaint=complaint, now=now)


@db
class TestCases:
    @pytest.fixture
    def wave(self, alice, bob, dave):
        """alice, bob and dave post the same; erin reports each."""
        erin, people = make_account("erin"), (alice, bob, dave)
        posts = [publish(one, WAVE.format(n), now=NOW) for n, one in enumerate(people)]
        reports = [report(erin, post, of=one) for post, one in zip(posts, people, strict=True)]
        return posts, reports

    def test_a_wave_is_one_case_and_one_decision_tells_each_in_their_language(
        self, alice, bob, dave, wave
    ) -> None:
        posts, reports = wave
        bob.locale = "ar"
        bob.save(update_fields=["locale"])
        case = Case.objects.get()
        assert [one.cases for one in reports] == [[case.pk]] * 3
        assert case.factors["cluster_size"] == 3
        shown = desk.case_file(case.pk)
        assert [each.content["text"] for each in shown.evidence] == [WAVE.format(n) for n in (0, 2, 1)]
        assert [(copy.account_id, each.content["text"]) for copy, each in shown.members] == [
            (bob.id, WAVE.format(1)),
            (dave.id, WAVE.format(2)),
        ]
        assert Evidence.objects.filter(case=case, content__copy__id=str(posts[2])).count() == 1

        held = claims.next_case(by=moderator(), now=NOW)
        recorded = cases.decide_case(
            held, Wish(Subject("post", posts[0]), "removed", "spam", REASONS), by=moderator(), now=NOW
        )
        tasks.tell_reporters()

        removed = Restriction.objects.filter(kind="removed").values_list("subject_id", flat=True)
        assert sorted(removed) == posts
        assert dict(Statement.objects.values_list("account_id", "language")) | {bob.id: "ar"} == dict(
            Statement.objects.values_list("account_id", "language")
        )
        assert Statement.objects.count() == 3
        for one in reports:
            one.refresh_from_db()
        assert [one.outcome for one in reports] == ["upheld"] * 3
        assert not CaseBand.objects.exists()

        together = Decision.objects.get(pk=recorded.decision_id).bulk
        undone = bulk.undo(together, by=moderator(), reason="It was an advertisement for a school.", now=NOW)
        assert len(undone.decided) == 3
        assert client_of(alice).get(f"/api/v1/statuses/{posts[1]}").status_code == 200

    def test_one_report_of_many_copies_opens_one_case(self, alice, dave) -> None:
        posts = [publish(alice, WAVE.format(n), now=NOW) for n in range(3)]
        other = publish(alice, "I baked bread again today, with olives", now=NOW)
        filed = report(dave, *posts, other, of=alice)
        assert Case.objects.count() == 2
        assert sorted(filed.cases) == sorted(Case.objects.values_list("pk", flat=True))
        report(make_account("erin"), posts[2], of=alice)
        assert Case.objects.count() == 2

    def test_who_has_to_do_with_the_author_of_a_copy_does_not_get_it(self, dave, wave) -> None:
        fan = moderator("fan")
        follow(dave, by=fan, now=NOW)
        assert claims.next_case(by=fan, now=NOW) is None
        with pytest.raises(ConflictOfInterest):
            claims.claim(Case.objects.get().pk, by=fan, now=NOW)
        assert claims.next_case(by=moderator(), now=NOW) is not None

    def test_a_copy_that_comes_while_somebody_looks_has_a_case_of_its_own(self, alice, dave, wave) -> None:
        posts, _ = wave
        held = claims.next_case(by=moderator(), now=NOW)
        late = publish(alice, WAVE.format("late"), now=NOW)
        report(make_account("frank"), late, of=alice)
        report(make_account("gina"), posts[2], of=dave)  # it is in the case that somebody looks at
        assert Case.objects.count() == 2

        cases.decide_case(
            held, Wish(Subject("post", posts[0]), "removed", "spam", REASONS), by=moderator(), now=NOW
        )
        assert not Restriction.objects.filter(subject_id=late).exists()

    def test_what_is_no_copy_is_set_apart_and_its_report_waits_for_it(self, bob, wave) -> None:
        posts, reports = wave
        mia = moderator()
        held = claims.next_case(by=mia, now=NOW)
        with pytest.raises(NotFound):
            cases.set_apart(held, Subject("post", 1), by=mia, reason="a parody", now=NOW)
        apart = cases.set_apart(held, Subject("post", posts[1]), by=mia, reason="a parody", now=NOW)
        cases.decide_case(held, Wish(Subject("post", posts[0]), "removed", "spam", REASONS), by=mia, now=NOW)

        assert not Restriction.objects.filter(subject_id=posts[1]).exists()
        reports[1].refresh_from_db()
        assert (reports[1].cases, reports[1].outcome) == ([apart.pk], "")
        again = claims.next_case(by=mia, now=NOW)
        assert again.case_id == apart.pk
        cases.dismiss(again, by=mia, reason="a parody", now=NOW)
        reports[1].refresh_from_db()
        assert reports[1].outcome == "refused"

    def test_to_suspend_one_decides_nothing_about_the_others(self, alice, wave) -> None:
        posts, reports = wave
        mia = moderator()
        held = claims.next_case(by=mia, now=NOW)
        cases.decide_case(
            held, Wish(Subject("account", alice.id), "account_suspended", "spam", REASONS), by=mia, now=NOW
        )
        left = Case.objects.exclude(state="decided")
        assert sorted(left.values_list("subject_id", flat=True)) == posts[1:]
        for one in reports:
            one.refresh_from_db()
        assert [one.outcome for one in reports] == ["upheld", "", ""]

    def test_to_dismiss_lets_go_what_was_held_of_all_copies(self, wave) -> None:
        posts, reports = wave
        decide(
            Wish(Subject("post", posts[2]), "hold", "spam", REASONS), by=None, now=NOW - timedelta(hours=1)
        )
        held = claims.next_case(by=moderator(), now=NOW)
        cases.dismiss(held, by=moderator(), reason="a school fair", now=NOW)
        assert not Restriction.objects.filter(ends_at__gt=NOW).exists()
        reports[2].refresh_from_db()
        assert reports[2].outcome == "refused"

    def test_the_same_picture_pressed_harder_is_a_copy(self, alice, bob, dave) -> None:
        bits = random.Random(3).getrandbits(256)
        posts = [
            picture_of(alice, "look at this", bits),
            picture_of(bob, "and at that", bits ^ 0b1011 << 100),
            picture_of(alice, "another", bits ^ (1 << 64) - 1),
        ]
        for post, author in zip(posts, (alice, bob, alice), strict=True):
            report(dave, post, of=author)
        assert Case.objects.count() == 2
        assert Case.objects.get(subject_id=posts[0]).copies.get().subject_id == posts[1]


def picture_of(author, text: str, bits: int) -> int:
    """A post with a picture that has that PDQ."""
    post = publish(author, text, now=NOW)
    media = MediaAttachment.objects.create(
        id=ids.at(NOW), owner=author, kind="image", state="ready", attached_at=NOW
    )
    PostMedia.objects.create(attachment=media, post_id=post, position=0)
    MediaHash.objects.create(attachment=media, second=0, pdq=f"{bits:064x}", quality=90)
    return post
