"""Addresses of moderation's pages."""

from django.urls import path

from moderation import pages

urlpatterns = [
    path("disputes/strikes", pages.statements, name="statements"),
    path("disputes/strikes/<int:statement_id>", pages.statement, name="statement"),
]
