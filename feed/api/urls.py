"""Addresses of the feed's endpoints. A trailing slash is taken off before it comes to this."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from feed.api import discover, interactions, notifications, search, statuses, timelines

_status = [
    path("", statuses.StatusView.as_view()),
    path("/context", statuses.ContextView.as_view()),
    path("/source", statuses.Source.as_view()),
    path("/history", statuses.History.as_view()),
    path("/favourited_by", statuses.FavouritedBy.as_view()),
    path("/reblogged_by", statuses.RebloggedBy.as_view()),
    path("/favourite", interactions.Favourite.as_view()),
    path("/unfavourite", interactions.Unfavourite.as_view()),
    path("/reblog", interactions.Reblog.as_view()),
    path("/unreblog", interactions.Unreblog.as_view()),
    path("/bookmark", interactions.Bookmark.as_view()),
    path("/unbookmark", interactions.Unbookmark.as_view()),
]
_notifications = [
    path("", notifications.Notifications.as_view()),
    path("/clear", notifications.Clear.as_view()),
    path("/dismiss", notifications.Dismiss.as_view()),
    path("/unread_count", notifications.UnreadCount.as_view()),
    path("/<str:notification_id>", notifications.NotificationView.as_view()),
    path("/<str:notification_id>/dismiss", notifications.Dismiss.as_view()),
]
_v1: list[URLPattern | URLResolver] = [
    path("timelines/home", timelines.Home.as_view()),
    path("timelines/public", timelines.Public.as_view()),
    path("timelines/tag/<str:name>", timelines.Hashtag.as_view()),
    path("statuses", statuses.Statuses.as_view()),
    path("statuses/<str:post_id>", include(_status)),
    path("accounts/<str:account_id>/statuses", timelines.AccountStatuses.as_view()),
    path("notifications", include(_notifications)),
    path("favourites", interactions.Favourites.as_view()),
    path("bookmarks", interactions.Bookmarks.as_view()),
    path("tags/<str:name>", search.TagView.as_view()),
    path("trends/statuses", discover.Trends.as_view()),
    path("upscrolled/discover", discover.Discover.as_view()),
]
urlpatterns = [
    path("api/v1/", include(_v1)),
    path("api/v2/search", search.SearchView.as_view()),
]
