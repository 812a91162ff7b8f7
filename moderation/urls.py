"""Addresses of moderation's pages."""

from django.urls import path

from moderation.pages import flaggers, notice, statements

urlpatterns = [
    path("disputes/strikes", statements.statements, name="statements"),
    path("disputes/strikes/<int:statement_id>", statements.statement, name="statement"),
    path("trusted-flaggers", flaggers.flaggers, name="trusted_flaggers"),
    path("notice", notice.form, name="notice"),
    path("notice/<str:secret>", notice.receipt, name="notice_receipt"),
]
