"""Messages: read, send, edit, delete, answer with an emoji, report."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from messaging.api import entities
from messaging.api.conversations import READ, WRITE
from messaging.api.entities import Message, MessageReport, MessageVersion
from messaging.api.forms import DeletionForm, MessageEditForm, MessageForm, MessageReportForm
from messaging.operations import messages, report
from messaging.operations.messages import Draft
from messaging.operations.report import Complaint
from messaging.queries import messages as found
from upscrolled import queries
from upscrolled.api import entities as ground
from upscrolled.api.base import ClientView, endpoint
from upscrolled.limits import Limit

MESSAGES = Limit("messages", 1_000, 3_600)


class MessageView(ClientView):
    """Base of what is done to one message, and answers how it then stands."""

    def number(self, conversation_id: str, message_id: str) -> int:
        """Return the id of a message of this conversation that the viewer sees. Raises NotFound."""
        return found.get_in(self.viewer, self.id_of(conversation_id), self.id_of(message_id)).id

    def show(self, message_id: int) -> HttpResponse:
        """Render a message."""
        return self.render(entities.message(found.get_message(self.viewer, message_id), now=self.now))


class Messages(MessageView):
    """GET, POST /api/v1/upscrolled/conversations/:id/messages"""

    @endpoint(scope=READ, answers=list[Message], paged=True)
    def get(self, request: Request, conversation_id: str) -> HttpResponse:
        """List messages, the newest first. Pages go by message number: max_id, min_id and since_id are `seq`."""
        page = self.page(default=40, maximum=100)
        listed = found.page(self.viewer, self.id_of(conversation_id), page)
        shown = [entities.message(each, now=self.now) for each in listed.messages]
        return self.paged(shown, page, first=listed.first, last=listed.last)

    @endpoint(scope=WRITE, answers=Message, body=MessageForm, limit=MESSAGES)
    def post(self, request: Request, conversation_id: str) -> HttpResponse:
        """Send a message. Sent again with the same `client_id`, it is the same message, however often.

        `media_ids` are uploads (`/api/v2/media`): photos, videos, voice notes; they need no text beside them, and have
        to be processed. What was answered stays. Messages are sealed where they are stored, but they are not end-to-end
        encrypted: whoever runs the site can read messages that are reported.
        """
        number, form = self.id_of(conversation_id), self.valid(MessageForm)
        reply_to = form["in_reply_to_id"]
        draft = Draft(
            text=form["text"],
            client_id=form["client_id"],
            reply_to_id=self.id_of(reply_to) if reply_to else None,
            media=tuple(form.get("media_ids") or ()),
        )
        sent = messages.send(number, by=self.me, draft=draft, token_id=self.token_id, now=self.now)
        if sent.facts is not None:
            return self.render(entities.message(sent.facts, now=self.now))
        return self.show(sent.id)


class OneMessage(MessageView):
    """GET, PUT, DELETE /api/v1/upscrolled/conversations/:id/messages/:message_id"""

    @endpoint(scope=READ, answers=Message)
    def get(self, request: Request, conversation_id: str, message_id: str) -> HttpResponse:
        """Return a message."""
        return self.show(self.number(conversation_id, message_id))

    @endpoint(scope=WRITE, answers=Message, body=MessageEditForm)
    def put(self, request: Request, conversation_id: str, message_id: str) -> HttpResponse:
        """Change a message of your own within fifteen minutes; it is marked, and what it said stays readable."""
        number = self.number(conversation_id, message_id)
        messages.edit(number, by=self.me, written=self.valid(MessageEditForm)["text"], now=self.now)
        return self.show(number)

    @endpoint(scope=WRITE, answers=Message, body=DeletionForm, query=("scope",))
    def delete(self, request: Request, conversation_id: str, message_id: str) -> HttpResponse:
        """Delete a message: for yourself (`scope` is `me`), or one of your own for all (`all`).

        The answer is the message as it was for you before, or as everybody sees it now.
        """
        number = self.number(conversation_id, message_id)
        if self.valid(DeletionForm)["scope"] == "all":
            messages.delete_for_all(number, by=self.me, now=self.now)
            return self.show(number)
        before = self.show(number)
        messages.delete_for_me(number, by=self.me, now=self.now)
        return before


class MessageHistory(MessageView):
    """GET /api/v1/upscrolled/conversations/:id/messages/:message_id/history"""

    @endpoint(scope=READ, answers=list[MessageVersion])
    def get(self, request: Request, conversation_id: str, message_id: str) -> HttpResponse:
        """Return what a message said, the first version first and the present one last."""
        versions = found.history(self.viewer, self.number(conversation_id, message_id))
        return self.render(
            [MessageVersion(text=each.text, created_at=ground.stamp(each.since) or "") for each in versions]
        )


class MessageReactionView(MessageView):
    """PUT, DELETE /api/v1/upscrolled/conversations/:id/messages/:message_id/reactions/:emoji"""

    @endpoint(scope=WRITE, answers=Message)
    def put(self, request: Request, conversation_id: str, message_id: str, emoji: str) -> HttpResponse:
        """Answer a message with an emoji, which takes the place of your former one."""
        number = self.number(conversation_id, message_id)
        messages.react(number, by=self.me, emoji=emoji, now=self.now)
        return self.show(number)

    @endpoint(scope=WRITE, answers=Message)
    def delete(self, request: Request, conversation_id: str, message_id: str, emoji: str) -> HttpResponse:
        """Take your emoji back, whichever it is."""
        number = self.number(conversation_id, message_id)
        messages.unreact(number, by=self.me, now=self.now)
        return self.show(number)


class ReportMessages(ClientView):
    """POST /api/v1/upscrolled/conversations/:id/report"""

    @endpoint(scope="write:reports", answers=MessageReport, body=MessageReportForm)
    def post(self, request: Request, conversation_id: str) -> HttpResponse:
        """Show the moderators messages of one person, as they stand now; they read these and no others.

        You may also report what was written while you were in a conversation that you left, or whose other you block.
        Every reading is written down. The sender, if anything is decided, is told which messages it is about.
        """
        form = self.valid(MessageReportForm)
        complaint = Complaint(
            message_ids=[self.id_of(each) for each in form["message_ids"]],
            comment=form["comment"] or "",
            category=form["category"] or "other",
            rule_ids=(form.get("rule_ids") or [])[:20],
        )
        filed = report.file_report(self.id_of(conversation_id), complaint=complaint, by=self.me, now=self.now)
        return self.render(
            MessageReport(
                id=str(filed.pk),
                category=filed.category,
                comment=filed.comment,
                created_at=ground.stamp(filed.created_at) or "",
                message_ids=[str(each) for each in complaint.message_ids],
                rule_ids=filed.rule_ids,
                target_account=ground.account(queries.fresh_person(self.viewer, filed.target_id)),
            )
        )
