"""Newcomers find the link of their mail where the worker prints it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from upscrolled.surge.mailbox import Mailbox

MAIL = """[2026-01-15 12:00:00,000: WARNING/ForkPoolWorker-1] Content-Type: text/plain; charset="utf-8"
Subject: Confirm your address
From: UpScrolled <noreply@upscrolled.example>
To: {to}
Date: Thu, 15 Jan 2026 12:00:00 -0000

Hello,

http://127.0.0.1:8000/accounts/confirm-email/{key}/
-------------------------------------------------------------------------------
"""


def link(mailbox: Mailbox, address: str) -> str | None:
    """What somebody who looks now finds."""

    async def find() -> str | None:
        mailbox.look()
        return await mailbox.link(address, seconds=0.01)

    return asyncio.run(find())


def test_everybody_gets_their_own_link_however_the_mails_were_cut(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text(MAIL.format(to="old@example.org", key="of-an-earlier-run"))
    mailbox = Mailbox(log)
    text = MAIL.format(to="Ann@example.org", key="k:1-a") + MAIL.format(to="ben@example.org", key="k:2_b")

    for cut in (text[:200], text[200:431], text[431:]):
        with open(log, "a") as file:
            file.write(cut)
        mailbox.look()

    assert link(mailbox, "ben@example.org") == "/accounts/confirm-email/k:2_b/"
    assert link(mailbox, "ann@example.org") == "/accounts/confirm-email/k:1-a/"
    assert link(mailbox, "old@example.org") is None
    mailbox.close()


def test_a_log_that_starts_over_or_begins_late_loses_nobodys_mail(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    mailbox = Mailbox(log)
    mailbox.look()

    log.write_text(MAIL.format(to="ann@example.org", key="first"))
    assert link(mailbox, "ann@example.org") == "/accounts/confirm-email/first/"

    log.rename(tmp_path / "worker.log.1")
    mailbox.look()
    log.write_text(MAIL.format(to="ben@example.org", key="second"))
    assert link(mailbox, "ben@example.org") == "/accounts/confirm-email/second/"
    mailbox.close()
