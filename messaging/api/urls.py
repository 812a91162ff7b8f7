"""Addresses of conversations. A trailing slash is taken off before it comes to this."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from messaging.api import conversations, devices, messages

_message = [
    path("", messages.OneMessage.as_view()),
    path("/history", messages.MessageHistory.as_view()),
    path("/reactions/<str:emoji>", messages.MessageReactionView.as_view()),
]
_conversation: list[URLPattern | URLResolver] = [
    path("", conversations.OneConversation.as_view()),
    path("/accept", conversations.Accept.as_view()),
    path("/decline", conversations.Decline.as_view()),
    path("/leave", conversations.Leave.as_view()),
    path("/members", conversations.Members.as_view()),
    path("/members/<str:account_id>", conversations.OneMember.as_view()),
    path("/messages", messages.Messages.as_view()),
    path("/messages/<str:message_id>", include(_message)),
    path("/read", conversations.ReadConversation.as_view()),
    path("/report", messages.ReportMessages.as_view()),
    path("/typing", conversations.Typing.as_view()),
]
_conversations: list[URLPattern | URLResolver] = [
    path("", conversations.Conversations.as_view()),
    path("/search", devices.SearchMessages.as_view()),
    path("/settings", devices.Settings.as_view()),
    path("/sync", devices.Sync.as_view()),
    path("/unread", conversations.Unread.as_view()),
    path("/<str:conversation_id>", include(_conversation)),
]
urlpatterns = [path("api/v1/upscrolled/conversations", include(_conversations))]
