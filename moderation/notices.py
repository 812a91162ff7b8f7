"""Deliver what is owed to people: the statement as a notification and a mail, each exactly once.

The notification, the mail that is owed and the mark on the notice are one transaction: there is no moment in which
one of them stands alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction

from moderation import links, wording
from upscrolled import acting
from upscrolled.models import Notification
from upscrolled.operations import notify
from upscrolled.operations.owed_mail import owe_mail

_OWED: Final = """
SELECT n.id, n.statement_id, n.account_id, a.email, a.locale, s.measure
FROM moderation_notice n JOIN moderation_statement s ON s.id = n.statement_id
JOIN upscrolled_account a ON a.id = n.account_id
WHERE n.sent_at IS NULL AND n.account_id IS NOT NULL AND {which}
  AND coalesce(moderation_not_before(n.statement_id) <= %(now)s, true)
ORDER BY n.id LIMIT %(limit)s FOR UPDATE OF n SKIP LOCKED
"""
_SENT: Final = (
    "UPDATE moderation_notice SET sent_at = %(now)s, delivery_id = %(delivery)s WHERE id = %(notice)s"
)


def deliver(*, now: datetime, decision_id: int | None = None, at_most: int = 200) -> int:
    """Deliver notices that nobody was sent yet, the oldest first; return how many."""
    which = (
        "true"
        if decision_id is None
        else "n.statement_id = (SELECT d.statement_id FROM moderation_decision d WHERE d.id = %(decision)s)"
    )
    with transaction.atomic():
        owed = _rows(_OWED.format(which=which), {"limit": at_most, "decision": decision_id, "now": now})
        for notice_id, statement_id, account_id, email, locale, measure in owed:
            delivery = tell(
                account_id, Notification.Kind.MODERATION_WARNING, subject_id=statement_id, now=now
            )
            _rows(_SENT, {"now": now, "delivery": delivery, "notice": notice_id})
            words, link = wording.of(locale), statement_address(statement_id)
            facts = {
                "subject": words.MAIL_SUBJECT.format(site=settings.SITE_NAME),
                "body": words.MAIL.format(measure=words.MEASURES[measure], link=link),
            }
            owe_mail(to=email, language=locale, template="moderation/email/statement", facts=facts, now=now)
    return len(owed)


# The outcome takes the place of the receipt: one line a report, and it is new again.
_OUTCOMES: Final = """
WITH due AS (
  SELECT id, reporter_id FROM moderation_report
  WHERE outcome <> '' AND outcome_told_at IS NULL AND reporter_id IS NOT NULL
  ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), gone AS (
  DELETE FROM upscrolled_notification n USING due
  WHERE n.recipient_id = due.reporter_id AND n.kind = 'report' AND n.subject_id = due.id
)
UPDATE moderation_report r SET outcome_told_at = %(now)s FROM due JOIN upscrolled_account a ON a.id = due.reporter_id
WHERE r.id = due.id RETURNING r.id, r.reporter_id, r.outcome, a.email, a.locale
"""
_ANSWERS: Final = """
UPDATE moderation_appeal a SET told_at = %(now)s FROM (
  SELECT id FROM moderation_appeal WHERE state IN ('upheld', 'overturned') AND told_at IS NULL
  ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED) AS due
WHERE a.id = due.id
RETURNING a.account_id, (SELECT d.statement_id FROM moderation_decision d WHERE d.id = a.decision_id), a.report_id
"""
_FORGET: Final = f"""
DELETE FROM upscrolled_notification USING {acting.HAND}
WHERE recipient_id = %(account)s AND actor_id = %(account)s AND kind = %(kind)s AND subject_id = %(subject)s
"""


def tell_outcomes(*, now: datetime, at_most: int = 500) -> int:
    """Tell reporters of the outcomes that they were not told yet, by mail too; return how many.

    Mastodon's applications know no notification that says this: the mail reaches whoever has one of those.
    """
    with transaction.atomic():
        due = _rows(_OUTCOMES, {"now": now, "limit": at_most})
        for report_id, reporter_id, outcome, email, locale in due:
            tell(reporter_id, Notification.Kind.REPORT, subject_id=report_id, now=now)
            _mail_reporter(report_id, email, locale, outcome, now=now)
    return len(due)


_NOTIFIERS: Final = """
WITH due AS (
  SELECT n.report_id, r.outcome, n.email, n.language FROM moderation_publicnotice n
  JOIN moderation_report r ON r.id = n.report_id
  WHERE n.told_at IS NULL AND n.email <> '' AND r.outcome <> ''
  ORDER BY n.report_id LIMIT %(limit)s FOR UPDATE OF n SKIP LOCKED
), told AS (
  UPDATE moderation_report r SET outcome_told_at = %(now)s FROM due WHERE r.id = due.report_id
)
UPDATE moderation_publicnotice n SET told_at = %(now)s FROM due WHERE n.report_id = due.report_id
RETURNING due.report_id, due.email, due.language, due.outcome
"""


# Of reports (`untold`) whose outcome is another now: whoever sent one by the public form is mailed again, too.
TELL_NOTIFIERS_AGAIN: Final = """mailed AS (
  UPDATE moderation_publicnotice n SET told_at = NULL FROM untold WHERE n.report_id = untold.id
)"""


def tell_notifiers(*, now: datetime, at_most: int = 500) -> int:
    """Mail the outcome to people who used the public form; return how many."""
    with transaction.atomic():
        due = _rows(_NOTIFIERS, {"now": now, "limit": at_most})
        for report_id, email, language, outcome in due:
            mail_notifier(report_id, email, language, outcome, now=now)
    return len(due)


def mail_notifier(report_id: int, email: str, language: str, news: str, *, now: datetime) -> None:
    """Owe a mail about a notice: `received`, its outcome, or its second look `answered`; with the notice's link."""
    _mail_news(report_id, email, language, news, ("mail_subject", "mail"), now=now)


def _mail_reporter(report_id: int, email: str, language: str, news: str, *, now: datetime) -> None:
    if email:
        _mail_news(report_id, email, language, news, ("report_subject", "report_mail"), now=now)


def _mail_news(
    report_id: int, email: str, language: str, news: str, frame: tuple[str, str], *, now: datetime
) -> None:
    words = wording.of(language)
    said = words.OUTCOMES.get(news) or words.NOTICE[news]
    subject, body = (words.NOTICE[part] for part in frame)
    facts = {
        "subject": subject.format(site=settings.SITE_NAME),
        "body": body.format(said=said, link=notice_address(report_id)),
    }
    owe_mail(to=email, language=language, template="moderation/email/statement", facts=facts, now=now)


def tell_answers(*, now: datetime, at_most: int = 500) -> int:
    """Tell people that their appeal was answered: what it was about is new again in their notifications."""
    with transaction.atomic():
        due = _rows(_ANSWERS, {"now": now, "limit": at_most})
        for account_id, statement_id, report_id in due:
            if account_id is None:
                _answer_notifier(report_id, now=now)
                continue
            kind = Notification.Kind.REPORT if statement_id is None else Notification.Kind.MODERATION_WARNING
            facts = {"account": account_id, "kind": str(kind), "subject": statement_id or report_id}
            _rows(_FORGET, {**facts, "actor": account_id})
            tell(account_id, kind, subject_id=statement_id or report_id, now=now)
            if statement_id is None:
                for email, language in _rows(_REPORTER, {"account": account_id}):
                    _mail_reporter(report_id, email, language, "answered", now=now)
    return len(due)


_NOTIFIER: Final = (
    "SELECT email, language FROM moderation_publicnotice WHERE report_id = %(report)s AND email <> ''"
)

_REPORTER: Final = "SELECT email, locale FROM upscrolled_account WHERE id = %(account)s"


def _answer_notifier(report_id: int, *, now: datetime) -> None:
    for email, language in _rows(_NOTIFIER, {"report": report_id}):
        mail_notifier(report_id, email, language, "answered", now=now)


def tell(account_id: int, kind: str, *, subject_id: int, now: datetime) -> int:
    """Put something into somebody's notifications, once; return its number."""
    return notify.tell_oneself(account_id, kind, subject_id=subject_id, now=now)


def statement_address(statement_id: int) -> str:
    """Where the affected person reads the statement."""
    return f"{settings.PUBLIC_URL}/disputes/strikes/{statement_id}"


def notice_address(report_id: int) -> str:
    """Where whoever sent a public notice, or a report, reads what became of it."""
    return f"{settings.PUBLIC_URL}/notice/{links.secret_of('notice', report_id)}"


def _rows(sql: str, facts: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        rows: list[Any] = cursor.fetchall() if cursor.description is not None else []
        return rows
