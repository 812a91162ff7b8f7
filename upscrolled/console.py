"""Mails as a developer reads them: printed, not sent, with subjects and texts in letters (EMAIL_URL=console:)."""

from __future__ import annotations

from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.console import EmailBackend as Console


class EmailBackend(Console):
    """Prints what people would read. On its way over the network a subject in Arabic is no text any more."""

    def write_message(self, message: EmailMessage) -> None:
        """Print one mail between two lines."""
        headers: dict[str, Any] = {
            "Subject": message.subject,
            "From": message.extra_headers.get("From", message.from_email),
            "To": ", ".join(map(str, message.to)),
            **{name: value for name, value in message.extra_headers.items() if name != "From"},
        }
        lines = [f"{name}: {' '.join(str(value).split())}" for name, value in headers.items()]
        # At once: a worker puts a time before whatever is written.
        self.stream.write("\n".join(["", *lines, "", message.body.rstrip(), "-" * 79, ""]))
