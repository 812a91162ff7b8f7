"""Addresses of the panel's own screens, below /admin/."""

from django.urls import path

from moderation.panel import appeals, cases, handling, people, screens, together

app_name = "panel"
urlpatterns = [
    path("", screens.dashboard, name="dashboard"),
    path("queue/", cases.queue, name="queue"),
    path("queue/next/", cases.following, name="next"),
    path("cases/<int:case_id>/", cases.case, name="case"),
    path("cases/<int:case_id>/claim/", cases.claim, name="claim"),
    path("cases/<int:case_id>/heartbeat/", cases.heartbeat, name="heartbeat"),
    path("cases/<int:case_id>/preview/", cases.preview, name="preview"),
    path("cases/<int:case_id>/decide/", cases.decide, name="decide"),
    path("cases/<int:case_id>/read/", cases.read, name="read"),
    path("cases/<int:case_id>/note/", handling.note, name="note"),
    path("cases/<int:case_id>/hand_over/", handling.hand_over, name="hand_over"),
    path("cases/<int:case_id>/undo/", cases.undo, name="undo"),
    path("cases/<int:case_id>/release/", cases.release, name="release"),
    path("cases/open/", cases.open_own, name="open"),
    path("together/", together.together, name="together"),
    path("together/<uuid:bulk>/", together.batch, name="batch"),
    path("appeals/", appeals.appeals, name="appeals"),
    path("appeals/<int:appeal_id>/", appeals.appeal, name="appeal"),
    path("appeals/<int:appeal_id>/claim/", appeals.claim, name="claim_appeal"),
    path("appeals/<int:appeal_id>/answer/", appeals.answer, name="answer"),
    path("log/", screens.log, name="log"),
    path("log/<int:decision_id>/", screens.decision, name="decision"),
    path("policies/", screens.policies, name="policies"),
    path("rules/", screens.rules, name="rules"),
    path("rules/mode/", screens.mode, name="mode"),
    path("people/", people.people, name="people"),
    path("people/waiting/", people.waiting, name="waiting"),
    path("people/rings/", people.rings, name="rings"),
    path("people/<int:account_id>/", people.person, name="person"),
    path("people/<int:account_id>/let_in/", people.let_in, name="let_in"),
    path("people/<int:account_id>/turn_away/", people.turn_away, name="turn_away"),
    path("places/", screens.places, name="places"),
    path("places/change/", screens.place, name="place"),
    path("figures/", screens.numbers, name="figures"),
]
