"""Addresses of moderation's pages."""

from django.urls import path

from moderation.pages import crisis, door, figures, flaggers, log, notice, statements

urlpatterns = [
    path("disputes/strikes", statements.statements, name="statements"),
    path("disputes/strikes/<int:statement_id>", statements.statement, name="statement"),
    path("crisis", crisis.crisis, name="crisis"),
    path("door/answer/<str:secret>", door.answer, name="door_answer"),
    path("door/<str:token>", door.appeal, name="door_appeal"),
    path("transparency", figures.figures, name="figures"),
    path("transparency/log", log.log, name="log"),
    path("transparency.json", figures.as_json, name="figures_json"),
    path("trusted-flaggers", flaggers.flaggers, name="trusted_flaggers"),
    path("notice", notice.form, name="notice"),
    path("notice/<str:secret>", notice.receipt, name="notice_receipt"),
]
