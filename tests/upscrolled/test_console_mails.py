"""Mails that are printed for whoever develops: in letters, not as they travel."""

from __future__ import annotations

from io import StringIO

from django.core.mail import EmailMessage

from upscrolled.console import EmailBackend


def test_a_mail_is_printed_as_people_read_it() -> None:
    said = StringIO()
    mail = EmailMessage(
        "تأكيد عنوانك", "مرحبًا\n\nhttps://up.example/x\n", "UpScrolled <up@example.org>", ["a@example.org"]
    )
    EmailBackend(stream=said).send_messages([mail])

    shown = said.getvalue().strip().splitlines()
    assert shown[:4] == [
        "Subject: تأكيد عنوانك",
        "From: UpScrolled <up@example.org>",
        "To: a@example.org",
        "",
    ]
    assert shown[4:7] == ["مرحبًا", "", "https://up.example/x"]
