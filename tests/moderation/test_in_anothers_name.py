"""Whatever lowers what somebody sees, or who sees them, is refused in another's name; and a case is closed once.

Each attempt is raw SQL of the role of web and workers, table by table. That people do all of it with what is theirs:
`test_in_ones_own_name.py`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection

from feed.finding import ledger
from feed.models import (
    DiscoverChoice,
    FeaturedTag,
    Filter,
    FilterKeyword,
    FilterPost,
    HiddenPost,
    Like,
    ListMember,
    Pin,
    Poll,
    PollVote,
    Post,
    PostMedia,
    ReadingList,
    ScheduledPost,
    Tag,
    TagFollow,
    ThreadMute,
)
from messaging.operations import conversations
from messaging.operations import report as confided
from moderation.models import Case
from moderation.operations import cases, claims, messages
from moderation.operations.decide import Wish
from moderation.operations.report import Complaint, file_report
from moderation.subjects import Subject
from tests.chat import say
from tests.moderation.attempts import Attempt, Scene, as_app, refused, run, scene
from tests.people import make_account, publish
from tests.restricting import REASONS
from upscrolled.models import (
    Block,
    DismissedSuggestion,
    Endorsement,
    Follow,
    FollowRequest,
    MediaAttachment,
    Mute,
    NotificationChoice,
    NotificationSender,
)

__all__ = ["as_app", "scene"]
pytestmark = pytest.mark.django_db
HAND = "SELECT set_config('upscrolled.actor', %({})s::text, true)"
EVENT = """INSERT INTO moderation_caseevent (case_id, at, kind, actor_id, reason)
  SELECT id, now(), '{}', {}, 'x' FROM moderation_case WHERE state = 'claimed'"""
CLOSE = """UPDATE moderation_case SET state = 'decided', outcome = '{}', closed_at = {}, claimed_by_id = NULL,
  claimed_until = NULL WHERE state = 'claimed'"""
MIA = "(SELECT id FROM upscrolled_account WHERE username = 'mia')"
NEW = {  # rows that somebody else would find in their own name
    "feed_hiddenpost": "(account_id, post_id, created_at) VALUES (%(alice)s, %(post)s, now())",
    "feed_filter": """(account_id, title, contexts, action, irreversible)
      VALUES (%(alice)s, 'x', '{home}', 'hide', false)""",
    "feed_filterkeyword": "(filter_id, keyword, whole_word) SELECT id, 'bread', true FROM feed_filter",
    "feed_filterpost": "(filter_id, post_id) SELECT id, %(removed)s FROM feed_filter",
    "feed_threadmute": "(account_id, thread_id, created_at) VALUES (%(alice)s, %(post)s, now())",
    "feed_readinglist": """(account_id, title, replies, exclusive, created_at)
      VALUES (%(alice)s, 'x', 'list', true, now())""",
    "feed_listmember": """(reading_list_id, account_id, follow_id)
      SELECT l.id, %(bob)s, f.id FROM feed_readinglist l, upscrolled_follow f""",
    "feed_discoverchoice": "(account_id, languages, sensitive, followed) VALUES (%(alice)s, '{xx}', false, false)",
    "upscrolled_dismissedsuggestion": "(account_id, target_id, created_at) VALUES (%(alice)s, %(bob)s, now())",
    "upscrolled_notificationsender": "(recipient_id, sender_id, accepted) VALUES (%(alice)s, %(bob)s, false)",
    "upscrolled_departure": "(account_id, left_at, erase_at) VALUES (%(alice)s, now(), now())",
    "messaging_hidden": "(message_id, account_id) SELECT id, %(bob)s FROM messaging_message",
    "messaging_inbox": """(account_id, writers) SELECT id, 'nobody' FROM upscrolled_account
      WHERE username = 'mia'""",
}
GONE = (  # rows that would be missed
    "feed_hiddenpost",
    "feed_filter WHERE title = 'empty'",
    "feed_filterkeyword",
    "feed_filterpost",
    "feed_threadmute",
    "feed_readinglist WHERE title = 'empty'",
    "feed_listmember",
    "feed_discoverchoice",
    "feed_tagfollow",
    "feed_featuredtag",
    "feed_pin",
    "feed_scheduledpost",
    "feed_like",
    "feed_posttag",
    "feed_postmedia",
    "feed_postwords",
    "feed_pollvote",
    "upscrolled_mute",
    "upscrolled_block",
    "upscrolled_follow",
    "upscrolled_followrequest",
    "upscrolled_endorsement",
    "upscrolled_dismissedsuggestion",
    "upscrolled_notificationchoice",
    "upscrolled_notificationsender",
    "upscrolled_mediaattachment",
    "messaging_member",
    "messaging_reported WHERE id NOT IN (SELECT reported_id FROM messaging_reading)",
    "messaging_reading",
)
CHANGES = {
    "a hidden post that is another": "feed_hiddenpost SET post_id = %(restored)s",
    "a filter that hides": "feed_filter SET action = 'hide', contexts = '{home,public}'",
    "a word of a filter": "feed_filterkeyword SET keyword = 'bread'",
    "a post of a filter": "feed_filterpost SET post_id = %(removed)s",
    "another thread muted": "feed_threadmute SET thread_id = %(post)s",
    "a list that keeps people out of home": "feed_readinglist SET exclusive = true",
    "somebody else's place on a list": "feed_listmember SET account_id = %(bob)s",
    "languages of discover": "feed_discoverchoice SET languages = '{xx}'",
    "another hashtag followed": "feed_tagfollow SET account_id = %(alice)s",
    "a scheduled post put off for ever": "feed_scheduledpost SET publish_at = 'infinity'",
    "a scheduled post refused": "feed_scheduledpost SET refused = 'x'",
    "a like moved to another post": "feed_like SET post_id = %(removed)s",
    "a like given to another": "feed_like SET account_id = %(alice)s",
    "a post that is found by no word": "feed_postwords SET words = ''",
    "a post under another hashtag": "feed_posttag SET post_id = %(restored)s",
    "a picture moved to another post": "feed_postmedia SET post_id = %(restored)s",
    "a picture that only history shows": "feed_postmedia SET position = NULL",
    "a poll that is over": "feed_poll SET expires_at = now()",
    "the options of a poll": "feed_poll SET options = '{x,y}'",
    "a mute of somebody else": "upscrolled_mute SET target_id = %(alice)s",
    "a block of somebody else": "upscrolled_block SET target_id = %(alice)s",
    "a follow that shows no shares": "upscrolled_follow SET reposts = false",
    "a follow of one language": "upscrolled_follow SET languages = '{xx}'",
    "a follow of somebody else": "upscrolled_follow SET target_id = account_id, account_id = target_id",
    "what is set aside": "upscrolled_notificationchoice SET not_following = 'drop'",
    "a sender who is dismissed": "upscrolled_notificationsender SET dismissed_at = now()",
    "an account that is private": "upscrolled_account SET locked = true WHERE id = %(alice)s",
    "posts for followers by default": "upscrolled_account SET default_audience = 'followers' WHERE id = %(alice)s",
    "posts behind a cover by default": "upscrolled_account SET default_sensitive = true WHERE id = %(alice)s",
    "another name": "upscrolled_account SET username = 'nobody' WHERE id = %(alice)s",
    "another face": "upscrolled_account SET avatar = '' WHERE id = %(bob)s",
    "another bio": "upscrolled_account SET note = 'x' WHERE id = %(alice)s",
    "a post that answers nothing any more": "feed_post SET in_reply_to_id = NULL",
    "a post in another thread": "feed_post SET thread_id = %(removed)s WHERE id = %(post)s",
    "a quotation that is ended": "feed_post SET quote_state = 'revoked'",
    "media without files": "upscrolled_mediaattachment SET files = '{}'",
    "somebody out of a conversation": "messaging_member SET state = 'removed', until_seq = 0",
    "a conversation that begins later": "messaging_member SET from_seq = 99",
    "a conversation that ended": "messaging_member SET until_seq = 0",
    "a conversation in nobody's list": "messaging_member SET activity_id = NULL",
    "a conversation put away": "messaging_member SET archived_at = now()",
    "a conversation that is muted": "messaging_member SET muted_until = 'infinity'",
    "a conversation of other people": """messaging_conversation SET high =
      (SELECT id FROM upscrolled_account WHERE username = 'dave') WHERE high = %(bob)s""",
    "a group of another owner": "messaging_conversation SET owner_id = %(bob)s WHERE owner_id IS NOT NULL",
    "a message without words": "messaging_message SET body = ''",
    "another message": "messaging_message SET body = '\\x00'",
    "a message without pictures": "messaging_message SET attachments = '{7}'",
    "evidence without words": "messaging_reported SET body = ''",
    "evidence without pictures": "messaging_reported SET attachments = '{7}'",
    "a report without evidence": "messaging_reported SET message_id = 7",
    "who read it": "messaging_reading SET reader_id = %(alice)s",
    # cases
    "a case that was closed at another time": "moderation_case SET closed_at = '2020-01-01' WHERE state = 'decided'",
    "a case that is open again": """moderation_case SET state = 'open', closed_at = NULL, outcome = ''
      WHERE state = 'decided'""",
    "a case of another outcome": "moderation_case SET outcome = 'refused' WHERE outcome = 'upheld'",
    "a case undone without a word": "moderation_case SET outcome = 'undone' WHERE outcome = 'upheld'",
    "a case of another policy": "moderation_case SET policy = 'terror' WHERE state = 'decided'",
    "a case with an end and no outcome": "moderation_case SET closed_at = now() WHERE state = 'claimed'",
    "a case that is taken without a word": """moderation_case SET state = 'claimed', claimed_by_id = %(bob)s,
      claimed_until = now() WHERE state = 'open'""",
    "a case that is let go without a word": """moderation_case SET state = 'open', claimed_by_id = NULL,
      claimed_until = NULL WHERE state = 'claimed'""",
    "a case that is held for ever": "moderation_case SET claimed_until = 'infinity' WHERE state = 'claimed'",
    "a case with more time": "moderation_case SET deadline = deadline + interval '1 day' WHERE state = 'open'",
    "a case without a deadline": "moderation_case SET deadline = NULL WHERE state = 'open'",
    "a case in a lighter lane": "moderation_case SET lane = 'sample' WHERE state = 'open'",
    "a report by another": "moderation_report SET reporter_id = %(alice)s",
    "a report that says something else": "moderation_report SET comment = 'x', post_ids = '{}'",
    "a report that nobody looks at": "moderation_report SET cases = '{}'",
    "a report that is answered before its case": "moderation_report SET outcome = 'refused'",
}
ATTEMPTS: dict[str, Attempt] = {
    **{f"new in {table}": run(f"INSERT INTO {table} {row}") for table, row in NEW.items()},
    **{f"gone from {table}": run(f"DELETE FROM {table}") for table in GONE},
    **{name: run(f"UPDATE {change}") for name, change in CHANGES.items()},
    "gone from feed_poll": run("DELETE FROM feed_pollvote; DELETE FROM feed_poll"),
    "gone from messaging_message": run("DELETE FROM messaging_message WHERE seq > 2"),
    "a share taken back": run("DELETE FROM feed_post WHERE repost_of_id IS NOT NULL"),
    "in the name of another than whose it is": run(HAND.format("bob"), "DELETE FROM feed_postwords"),
    "a block moved into another's name": run(
        HAND.format("bob"), "UPDATE upscrolled_block SET account_id = %(alice)s"
    ),
    "a block that its target takes back": run(HAND.format("alice"), "DELETE FROM upscrolled_block"),
    "a case that begins closed": run(
        """INSERT INTO moderation_case (subject_kind, subject_id, state, lane, policy, source, opened_at, place,
             factors, second_opinion, version, cluster, outcome, closed_at)
           VALUES ('post', %(post)s, 'decided', 'ordinary', 'hate', 'report', now(), 0, '{}', false, 0, '', 'refused',
             now())"""
    ),
    "a case closed without a word": run(CLOSE.format("upheld", "now()")),
    "a case closed without a decision": run(CLOSE.format("upheld", "now()"), EVENT.format("decided", MIA)),
    "a case dismissed that the log does not tell": run(
        CLOSE.format("refused", "now()"), EVENT.format("dismissed", MIA)
    ),
    "a case closed by nobody": run(CLOSE.format("upheld", "now()"), EVENT.format("decided", "NULL")),
    "a case closed by who moderates nothing": run(
        CLOSE.format("upheld", "now()"), EVENT.format("decided", "%(bob)s")
    ),
    "a case closed last year": run(CLOSE.format("upheld", "now() - interval '1 year'")),
}


@pytest.fixture(scope="module")
def furnished(scene: Scene, django_db_blocker: Any) -> Scene:
    """Something in each of these tables: bob's, or alice's where it is hers."""
    with django_db_blocker.unblock():
        _furnish(scene)
    return scene


def _furnish(scene: Scene) -> None:
    now = datetime.now(UTC)
    alice, bob, mia, dave = scene.alice, scene.bob, scene.mia, make_account("dave")
    about = {"created_at": now}
    tagged = publish(alice, "bread #bread")
    tag = Tag.objects.get(name="bread")
    for post in Post.objects.filter(pk__in=(scene.post, tagged)):
        HiddenPost.objects.create(account=bob, post=post, **about)
        Like.objects.create(account=bob, post=post, **about)
    held = Filter.objects.create(account=bob, title="x", contexts=["home"], action="warn")
    Filter.objects.create(account=bob, title="empty", contexts=["home"], action="warn")
    ReadingList.objects.create(account=bob, title="empty", replies="list", exclusive=False, **about)
    FilterKeyword.objects.create(filter=held, keyword="x", whole_word=True)
    FilterPost.objects.create(filter=held, post_id=scene.post)
    ThreadMute.objects.create(account=bob, thread_id=7, **about)
    follow = Follow.objects.create(account=bob, target=alice, **about)
    some = ReadingList.objects.create(account=bob, title="x", replies="list", exclusive=False, **about)
    ListMember.objects.create(reading_list=some, account=alice, follow_id=follow.pk)
    DiscoverChoice.objects.create(account=bob, languages=[], sensitive=False, followed=True)
    TagFollow.objects.create(account=bob, tag=tag, **about)
    FeaturedTag.objects.create(account=bob, tag=tag, **about)
    Pin.objects.create(account=alice, post_id=scene.post, **about)
    ScheduledPost.objects.create(account=bob, publish_at=now, wanted={}, updated_at=now, **about)
    for kind in (Mute, Block, DismissedSuggestion, Endorsement, FollowRequest):
        kind.objects.create(account=bob, target=dave, **about)
    NotificationChoice.objects.create(account=bob)
    NotificationSender.objects.create(recipient=bob, sender=dave, accepted=True)
    MediaAttachment.objects.create(
        id=1, owner=alice, kind="image", state="ready", attached_at=now, files={"original": "x"}
    )
    PostMedia.objects.create(attachment_id=1, post_id=scene.post, position=0)
    Poll.objects.create(
        post_id=scene.post, options=["a", "b"], votes=[0, 0], expires_at=now + timedelta(days=1)
    )
    PollVote.objects.create(poll_id=scene.post, account=bob, choices=[0], **about)
    answer = publish(alice, "an answer")
    Post.objects.filter(pk=answer).update(in_reply_to_id=scene.post, thread_id=scene.post)
    quoting = publish(dave, "a quotation")
    Post.objects.filter(pk=quoting).update(quote_of_id=scene.post, quote_state="accepted")
    Post.objects.create(id=quoting + 1, author=dave, repost_of_id=scene.post, audience="public")
    ledger.enter([scene.post, tagged])
    connection.cursor().execute("UPDATE upscrolled_account SET avatar = 'x' WHERE id = %s", [bob.pk])

    talk = conversations.begin_pair(bob.pk, by=alice, now=now)
    conversations.begin_group([dave.pk], title="x", by=alice, now=now)
    said = [say(talk, alice, text) for text in ("one", "two", "three")]
    complaint = confided.Complaint(message_ids=said[:2], comment="", category="violation")
    confided.file_report(talk, complaint=complaint, by=bob, now=now)
    messages.take_up(now=now)
    confided.read_evidence(said[0], reader=mia, because="case", now=now)

    file_report(reporter=bob, complaint=Complaint(alice.pk, [answer], reason="hate"), now=now)
    decided = claims.claim(Case.objects.latest("id").pk, by=mia, now=now)
    cases.decide_case(decided, Wish(Subject("post", answer), "sensitive", "hate", REASONS), by=mia, now=now)
    for _ in range(2):
        file_report(reporter=bob, complaint=Complaint(dave.pk, [quoting], reason="hate"), now=now)
        quoting = publish(dave, "something else altogether")
    claims.claim(Case.objects.filter(subject_kind="post", state="open").latest("id").pk, by=mia, now=now)


@pytest.mark.parametrize("name", ATTEMPTS)
def test_it_is_refused(as_app: psycopg.Connection[Any], furnished: Scene, name: str) -> None:
    refused(as_app, furnished, ATTEMPTS[name])


@pytest.mark.parametrize("whose", ["alice", "bob"])
def test_with_its_name_each_of_them_says_it(
    as_app: psycopg.Connection[Any], furnished: Scene, whose: str
) -> None:
    """What is refused above is refused for its name alone: none of the attempts is wrong in itself."""
    mine = {
        "alice": ("feed_postwords", "feed_posttag", "feed_postmedia", "feed_pin"),
        "bob": ("feed_filterkeyword", "feed_listmember", "feed_hiddenpost", "feed_like", "upscrolled_follow"),
    }
    with as_app.cursor() as cursor:
        run(HAND.format(whose))(cursor, furnished)
        for table in mine[whose]:
            cursor.execute(f"DELETE FROM {table}")
            assert cursor.rowcount > 0, table
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    as_app.rollback()
