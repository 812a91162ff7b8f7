"""Addresses of the records, which Unfold draws."""

from moderation.panel.site import site

urlpatterns, app_name, _ = site.urls
