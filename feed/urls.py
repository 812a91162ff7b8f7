"""Addresses of the feed's pages."""

from django.urls import path

from feed import pages

urlpatterns = [
    path("about/feed", pages.about_feed, name="about_feed"),
    path("@<str:username>/<str:post_id>", pages.post),
    path("tags/<str:name>", pages.tag),
]
