"""No row says that something was done which was not, and what is beside a decision is decided; by raw SQL of web and
workers, as in `test_in_anothers_name.py` (docs/adr/0028).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection

from feed.models import FrozenPool, Link, PostCard, PostEdit, PostLink
from messaging.models import Reaction
from messaging.operations import conversations
from messaging.operations import report as confided
from moderation import notices, transparency
from moderation.models import Case, PublicNotice, Report, ScreenMode
from moderation.operations import appeals, cases, claims
from moderation.operations.decide import Wish, decide, reverse
from moderation.operations.report import Complaint, file_report
from moderation.statements import seal
from moderation.subjects import Subject
from tests.chat import say
from tests.moderation.attempts import Attempt, Scene, as_app, bent, refused, run, scene
from tests.people import make_account, publish
from tests.restricting import REASONS
from upscrolled.models import Follow, LegalHold, MediaAttachment, Switch

__all__ = ["as_app", "scene"]
pytestmark = pytest.mark.django_db
HAND = "SELECT set_config('upscrolled.actor', %({})s::text, true)"
MIA = "(SELECT id FROM upscrolled_account WHERE username = 'mia')"
DAVE = "(SELECT id FROM upscrolled_account WHERE username = 'dave')"
CASE = "(SELECT min(id) FROM moderation_case)"
APPEAL = """INSERT INTO moderation_appeal (decision_id, account_id, text, filed_at, deadline, state, version, answer)
  VALUES (%(warning)s, {}, 'x', {}, {}, 'filed', 0, '')"""
ANSWER = """UPDATE moderation_appeal SET state = '{}', decided_by_id = (SELECT id FROM upscrolled_account
  WHERE username = 'noor'), decided_at = now(), answer = 'It stands as it is, I say.', claimed_by_id = NULL,
  claimed_until = NULL WHERE state = 'claimed'"""
APPEAL_EVENT = """INSERT INTO moderation_appealevent (appeal_id, at, kind, actor_id, reason)
  SELECT id, now(), '{}', claimed_by_id, 'x' FROM moderation_appeal WHERE state = 'claimed'"""
ACT = """INSERT INTO moderation_publicact (kind, ref, data, hash, created_at)
  SELECT '{0}', {2}, x, sha256('\\x00'::bytea || convert_to(x, 'UTF8')), now() FROM (SELECT '{1}' AS x) AS said"""
HOLD = """INSERT INTO moderation_casehold (case_id, kind, because, placed_at, until)
  SELECT id, '{}', 'an order', {}, {} FROM moderation_case WHERE id = {}"""
HELD = f"""INSERT INTO moderation_caseevent (case_id, at, kind, actor_id, reason)
  VALUES ({CASE}, now(), '{{}}', {{}}, 'x')"""
STRIKE = """INSERT INTO moderation_strike (decision_id, account_id, weight, given_at, expires_at)
  SELECT d.id, %(alice)s, {}, d.decided_at, d.decided_at + interval '{}' FROM moderation_decision d
  JOIN moderation_policyversion v ON v.id = d.policy_id WHERE d.action = '{}' ORDER BY d.id LIMIT 1"""
WRONG_SEVERING = """INSERT INTO moderation_severedfollow
  (decision_id, follower_id, target_id, created_at, reposts, notify)
  VALUES (%(decision)s, %(bob)s, %(alice)s, now(), true, false)"""
SUSPENSION = "(SELECT id FROM moderation_decision WHERE action = 'account_suspended')"


def telling(**said: Any) -> Attempt:
    """The whole chain of a removal, but that its entry in the public log says this of it."""

    def attempt(cursor: psycopg.Cursor[Any], scene: Scene) -> None:
        sealed = seal(REASONS, "The whole statement, as alice would read it. " * 8)
        now = datetime.now(UTC)
        entry = transparency.canonical(
            {
                **{"v": 2, "action": "removed", "subject": "post", "day": f"{now:%Y-%m-%d}", "days": None},
                **{"policy": "hate", "policy_version": 1, "category": _CATEGORY[0], "ground": "policy"},
                **{"source": "report", "automated_detection": False, "automated_decision": False},
                **{"countries": [], "digest": sealed.digest, "prior": "", "lane": "", "took": None},
                **{"in_time": None, **said},
            }
        )
        parts = {"facts": sealed.facts, "explanation": sealed.explanation, "body": sealed.body}
        bent(statement={**parts, "digest": sealed.digest}, statementkey={"key": sealed.key}, entry=entry)(
            cursor, scene
        )

    return attempt


_CATEGORY: list[str] = []  # of the policy in the scene
ATTEMPTS: dict[str, Attempt] = {
    # reporters and whoever appealed are told, or nothing says so
    "an outcome said to be told": run(
        "UPDATE moderation_report SET outcome_told_at = now() WHERE outcome <> ''"
    ),
    "an outcome told before there is one": run(
        "UPDATE moderation_report SET outcome_told_at = now() WHERE outcome = ''"
    ),
    "a report that begins with its answer": run(
        HAND.format("bob"),
        """INSERT INTO moderation_report (reporter_id, target_id, post_ids, rule_ids, category, comment, created_at,
             reason, cases, outcome)
           VALUES (%(bob)s, %(alice)s, '{}', '{}', 'other', '', now(), 'hate', '{}', 'refused')""",
    ),
    "a report in another's name": run(
        """INSERT INTO moderation_report (reporter_id, target_id, post_ids, rule_ids, category, comment, created_at,
             reason, cases) VALUES (%(bob)s, %(alice)s, '{}', '{}', 'other', '', now(), 'hate', '{}')"""
    ),
    "a notifier said to be told": run("UPDATE moderation_publicnotice SET told_at = now()"),
    "a notifier who cannot be reached any more": run(
        "UPDATE moderation_publicnotice SET email = '', name = ''"
    ),
    "a notifier at another's address": run("UPDATE moderation_publicnotice SET email = 'eve@example.org'"),
    "an answer said to be told": run("UPDATE moderation_appeal SET told_at = now() WHERE state = 'upheld'"),
    "an answer told before there is one": run(
        "UPDATE moderation_appeal SET told_at = now() WHERE state = 'claimed'"
    ),
    "what told of a report taken away": run("DELETE FROM upscrolled_notification WHERE kind = 'report'"),
    "what told of a report tells of another": run(
        "UPDATE upscrolled_notification SET subject_id = 7 WHERE kind = 'report'"
    ),
    "messages said to be looked at": run(
        "UPDATE messaging_report SET handed_at = now() WHERE handed_at IS NULL"
    ),
    "a report of messages that says something else": run("UPDATE messaging_report SET comment = 'nothing'"),
    "a report of messages that is gone": run("DELETE FROM messaging_reported; DELETE FROM messaging_report"),
    "messages reported in another's name": run(
        """INSERT INTO messaging_report (reporter_id, target_id, conversation_id, category, rule_ids, comment,
             created_at)
           VALUES (%(bob)s, %(alice)s, 7, 'other', '[]', '', now())"""
    ),
    # appeals
    "an appeal in another's name": run(APPEAL.format("%(alice)s", "now()", "now() + interval '1 day'")),
    "an appeal by whom it does not concern": run(
        HAND.format("bob"), APPEAL.format("%(bob)s", "now()", "now() + interval '1 day'")
    ),
    "an appeal that is answered next year": run(
        HAND.format("alice"), APPEAL.format("%(alice)s", "now()", "now() + interval '1 year'")
    ),
    "an appeal of last year": run(
        HAND.format("alice"),
        APPEAL.format("%(alice)s", "now() - interval '1 year'", "now() - interval '359 days'"),
    ),
    "an appeal that is gone": run("DELETE FROM moderation_appeal"),
    "an appeal upheld without a word": run(ANSWER.format("upheld")),
    "an appeal upheld that the log does not tell": run(
        APPEAL_EVENT.format("upheld"), ANSWER.format("upheld")
    ),
    "an appeal overturned, and the decision stands": run(
        APPEAL_EVENT.format("overturned"),
        ANSWER.format("overturned"),
        ACT.format("appeal", '{"outcome":"overturned"}', "(SELECT max(id) FROM moderation_appeal)"),
    ),
    "an appeal let go without a word": run(
        """UPDATE moderation_appeal SET state = 'filed', claimed_by_id = NULL, claimed_until = NULL
           WHERE state = 'claimed'"""
    ),
    "a refusal at the door that is upheld without a word": run(
        """INSERT INTO moderation_doorappeal (ticket, rule, version, field, said, digest, language, email, text,
             filed_at, deadline, state, answer)
           VALUES ('x', 'slurs', 1, 'bio', 'x', 'x', 'en', '', 'x', now(), now(), 'filed', '')""",
        f"UPDATE moderation_doorappeal SET state = 'upheld', decided_at = now(), decided_by_id = {MIA}, "
        "answer = 'It stands as it is, I say.'",
    ),
    # strikes, the log, notices
    "a strike of its own": run(STRIKE.format("9", "99 days", "restore")),
    "a strike for what brings none": run(
        STRIKE.format("v.strike_weight", "1 day' * v.strike_days + '0 s", "sensitive")
    ),
    "a log entry of another day": telling(day="2020-01-01"),
    "a log entry of another country": telling(countries=["FR"]),
    "a log entry of another end": telling(days=3),
    "a log entry of another policy": telling(policy="spam"),
    "a log entry of another source": telling(source="notice"),
    "a log entry of another ground": telling(ground="law"),
    "a log entry of a machine": telling(automated_decision=True),
    "a log entry of a machine's finding": telling(automated_detection=True),
    "a log entry that takes something back": telling(prior="ab" * 32),
    "a log entry that says more": telling(account=7),
    "an act that never was": run(ACT.format("kept", "{}", "7")),
    "a place of the log far away": run(
        "INSERT INTO moderation_logleaf (index, entry_id) SELECT 10^6, max(decision_id) FROM moderation_logentry"
    ),
    "a notice that was read by nobody": run(
        "UPDATE moderation_notice SET read_at = now() WHERE statement_id = %(statement)s"
    ),
    "a notice sent next year": run(
        """INSERT INTO upscrolled_notification (recipient_id, actor_id, kind, subject_id, created_at)
           SELECT account_id, account_id, 'moderation_warning', statement_id, now() FROM moderation_notice
           WHERE sent_at IS NULL AND account_id = %(alice)s ORDER BY id LIMIT 1""",
        """UPDATE moderation_notice n SET sent_at = now() + interval '1 year', delivery_id = t.id
           FROM upscrolled_notification t WHERE t.kind = 'moderation_warning' AND t.subject_id = n.statement_id
             AND n.sent_at IS NULL""",
    ),
    # what a suspension severed
    "a follow that never was": run(WRONG_SEVERING),
    "a follow that does not come back": run("DELETE FROM moderation_severedfollow"),
    "effects said to be undone": run(
        f"INSERT INTO moderation_endedeffect (decision_id, at) VALUES ({SUSPENSION}, now())"
    ),
    # cases, evidence, holds of law
    "a copy that nobody looks at": run("DELETE FROM moderation_casecopy"),
    "a copy that is another's": run("UPDATE moderation_casecopy SET subject_id = %(removed)s"),
    "evidence that is gone": run("DELETE FROM moderation_evidence"),
    "a hold of law without a word": run(HOLD.format("authority", "now()", "now() + interval '9 days'", CASE)),
    "a hold of law for ever": run(
        HELD.format("held", "NULL"), HOLD.format("authority", "now()", "'infinity'", CASE)
    ),
    "a hold of law longer than its kind": run(
        HELD.format("held", "NULL"), HOLD.format("eu_terrorist", "now()", "now() + interval '300 days'", CASE)
    ),
    "a hold of law that began before": run(
        HELD.format("held", "NULL"),
        HOLD.format("authority", "now() - interval '9 days'", "now() + interval '9 days'", CASE),
    ),
    "a hold of law by who moderates nothing": run(
        HELD.format("held", "%(bob)s"), HOLD.format("authority", "now()", "now() + interval '9 days'", CASE)
    ),
    "a hold of law released without a word": run("UPDATE moderation_casehold SET released_at = now()"),
    "a hold of law that is longer": run("UPDATE moderation_casehold SET until = 'infinity'"),
    "a hold of law that is gone": run("DELETE FROM moderation_casehold"),
    "a hold on a medium that is gone": run("DELETE FROM upscrolled_legalhold"),
    "a hold on a medium that was released before": run(
        "UPDATE upscrolled_legalhold SET released_at = '2020-01-01'"
    ),
    "a hold on another medium": run("UPDATE upscrolled_legalhold SET because = 'nothing'"),
    "a case granted by who moderates nothing": run(
        f"""INSERT INTO moderation_reviewgrant (case_id, to_id, by_id, because, created_at, until)
            VALUES ({CASE}, {DAVE}, %(bob)s, 'to look', now(), now() + interval '1 day')"""
    ),
    "a case granted for a year": run(
        f"""INSERT INTO moderation_reviewgrant (case_id, to_id, by_id, because, created_at, until)
            VALUES ({CASE}, {DAVE}, {MIA}, 'to look', now(), now() + interval '1 year')"""
    ),
    "a note that is gone": run("DELETE FROM moderation_caseevent"),
    "a note that says something else": run("UPDATE moderation_caseevent SET reason = 'nothing'"),
    # the door, and switches of the site
    "a rule that refuses without a word": run("UPDATE moderation_screenmode SET mode = 'refuse'"),
    "another rule that refuses without a word": run(
        "INSERT INTO moderation_screenmode (rule, mode, because, changed_at) VALUES ('x', 'refuse', 'x', now())"
    ),
    "a mode that is gone": run("DELETE FROM moderation_screenmode"),
    "a turn that says something else": run("UPDATE moderation_screenturn SET because = 'nothing'"),
    "a switch turned without a word": run("UPDATE upscrolled_switch SET value = 'closed'"),
    "another switch turned without a word": run(
        "INSERT INTO upscrolled_switch (name, value, changed_at, because) VALUES ('y', 'off', now(), 'x')"
    ),
    "a turn of a switch that is gone": run("DELETE FROM upscrolled_switchturn"),
    # home, discover, pages of a link
    "a delivery struck off": run("DELETE FROM feed_delivery WHERE post_id = %(post)s"),
    "a delivery of another post": run(
        "UPDATE feed_delivery SET post_id = %(restored)s WHERE post_id = %(post)s"
    ),
    "a post that discover does not draw": run("DELETE FROM feed_candidate WHERE post_id = %(post)s"),
    "a post that discover draws elsewhere": run("UPDATE feed_candidate SET day = 0 WHERE post_id = %(post)s"),
    "tickets that do not count": run(
        "INSERT INTO feed_uncounted (account_id, since) VALUES (%(bob)s, now())"
    ),
    "a pool without somebody": run("UPDATE feed_frozenpool SET posts = 0"),
    "a pool that is gone": run("DELETE FROM feed_frozenpool"),
    "a post that its link does not lead to": run("DELETE FROM feed_postlink"),
    "a post without its card": run("DELETE FROM feed_postcard"),
    "a version that nobody wrote": run(
        """INSERT INTO feed_postedit (post_id, text, html, warning, sensitive, language, written_at)
           VALUES (%(post)s, 'x', 'x', '', false, 'en', now())"""
    ),
    "a version that is gone": run("DELETE FROM feed_postedit"),
    "an account that reads another language": run(
        "UPDATE upscrolled_account SET locale = 'fr' WHERE id = %(alice)s"
    ),
    "an account that is shown no media": run(
        """UPDATE upscrolled_account SET reading = '{"reading:expand:media": "hide_all"}' WHERE id = %(alice)s"""
    ),
    "an account that is a program": run("UPDATE upscrolled_account SET bot = true WHERE id = %(alice)s"),
    # messages
    "a reaction that is gone": run("DELETE FROM messaging_reaction"),
    "another reaction": run("UPDATE messaging_reaction SET emoji = '👎'"),
    "news that a device never gets": run("DELETE FROM messaging_event"),
    "news of something else": run("UPDATE messaging_event SET thing = 7"),
    "a message at another place": run("UPDATE messaging_message SET seq = seq + 1000"),
    "a conversation where nobody can write": run("UPDATE messaging_conversation SET last_seq = 0"),
    "an inbox that begins anew": run("UPDATE messaging_inbox SET last_seq = 0"),
}


@pytest.fixture(scope="module")
def furnished(scene: Scene, django_db_blocker: Any) -> Scene:
    """Something in each of these tables."""
    with django_db_blocker.unblock():
        _furnish(scene)
    return scene


def _furnish(scene: Scene) -> None:
    now = datetime.now(UTC)
    alice, bob, mia = scene.alice, scene.bob, scene.mia
    dave, noor = make_account("dave"), make_account("noor", role="senior")
    with connection.cursor() as cursor:
        cursor.execute("SELECT category FROM moderation_policyversion WHERE id = %s", [scene.policy])
        _CATEGORY[:] = cursor.fetchone()  # type: ignore[arg-type]
        cursor.execute("INSERT INTO feed_delivery (post_id) VALUES (%s) ON CONFLICT DO NOTHING", [scene.post])
    # a report that was upheld and is not told, two near copies that wait, a notice
    answer = publish(alice, "an answer")
    file_report(reporter=bob, complaint=Complaint(alice.pk, [answer], reason="hate"), now=now)
    held = claims.claim(Case.objects.latest("id").pk, by=mia, now=now)
    cases.decide_case(held, Wish(Subject("post", answer), "sensitive", "hate", REASONS), by=mia, now=now)
    wave = "Win a new telephone today, only the first hundred people get one, just follow the link"
    copied = [publish(dave, f"{wave} {n}") for n in range(2)]
    file_report(reporter=bob, complaint=Complaint(dave.pk, copied, reason="spam"), now=now)
    report = Report.objects.create(target=alice, created_at=now, outcome="upheld", decided_at=now)
    PublicNotice.objects.create(report=report, name="Eve", email="mallory@example.org", language="en")
    # appeals: one answered and not told, one claimed
    for statement in (scene.statement, Case.objects.earliest("id").decisions.get().statement_id):
        filed = appeals.appeal_decision(statement, by=alice, text="Why?", now=now)
        claim = appeals.claim_appeal(filed.pk, by=noor, now=now)
        if statement == scene.statement:
            appeals.uphold(claim, by=noor, answer="It calls people vermin, whoever said it first.", now=now)
    # a suspension that severed a follow and was taken back: the follow did not come back yet
    erin = make_account("erin")
    Follow.objects.create(account=dave, target=erin, created_at=now)
    suspended = decide(
        Wish(Subject("account", erin.pk), "account_suspended", "spam", REASONS), by=mia, now=now
    )
    Follow.objects.filter(target=erin).delete()
    reverse(
        suspended.decision_id,
        by=mia,
        facts="It was looked at again.",
        explanation="It was somebody else.",
        now=now,
    )
    notices.deliver(now=now, decision_id=scene.decision)
    # holds, a mode, a switch, a pool
    with connection.cursor() as cursor:
        cursor.execute(HOLD.format("authority", "now()", "now() + interval '9 days'", CASE))
    medium = MediaAttachment.objects.create(id=1, owner=alice, kind="image", state="ready", attached_at=now)
    LegalHold.objects.create(attachment=medium, because="an order", placed_at=now)
    ScreenMode.objects.create(rule="slurs", mode="shadow", because="x", changed_at=now)
    Switch.objects.create(name="x", value="on", because="x", changed_at=now)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO moderation_screenturn (rule, before, after, because, at) VALUES ('slurs', 'queue', 'shadow',
                 'x', now() - interval '1 day')"""
        )
        cursor.execute(
            """INSERT INTO upscrolled_switchturn (name, before, after, turned_at, because)
               VALUES ('x', 'off', 'on', now(), 'x')"""
        )
    FrozenPool.objects.create(
        **{"pool": "all", "epoch_ms": 1, "frozen_at": now, "version": 1, "digest": b"x", "previous": b"y"},
        **{
            "posts": 1,
            "popular": 1,
            "fresh": 1,
            "arc_start": 0,
            "arc_end": 0,
            "key_id": "x",
            "signature": b"x",
        },
        **{"is_keyframe": True, "size": 1, "frame": b"x"},
    )
    # parts of a post, and messages
    link = Link.objects.create(url="https://example.org/", digest=b"x" * 16)
    PostLink.objects.create(link=link, post_id=scene.post)
    PostCard.objects.create(link=link, post_id=scene.post)
    PostEdit.objects.create(post_id=scene.post, text="x", html="x", sensitive=False, written_at=now)
    talk = conversations.begin_pair(bob.pk, by=alice, now=now)
    said = say(talk, alice, "one", now=now)
    Reaction.objects.create(message_id=said, account=bob, emoji="👍", created_at=now)
    complaint = confided.Complaint(message_ids=[said], comment="", category="violation")
    confided.file_report(talk, complaint=complaint, by=bob, now=now + timedelta(seconds=1))


@pytest.mark.parametrize("name", ATTEMPTS)
def test_it_is_refused(as_app: psycopg.Connection[Any], furnished: Scene, name: str) -> None:
    refused(as_app, furnished, ATTEMPTS[name])


def test_the_truth_of_it_is_let_in(as_app: psycopg.Connection[Any], furnished: Scene) -> None:
    """The log entry of these attempts is refused for what it says alone."""
    with as_app.cursor() as cursor:
        telling()(cursor, furnished)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    as_app.rollback()
