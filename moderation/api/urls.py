"""Addresses of moderation's endpoints."""

from django.urls import path, re_path

from moderation.api import publiclog, reports, standing, told

told.join()
_OWN = "api/v1/upscrolled"
_TILE = r"(?P<level>\d{1,2}|entries)/(?P<number>(?:x\d{3}/)*\d{3})(?:\.p/(?P<width>\d{1,3}))?$"

urlpatterns = [
    path("api/v1/reports", reports.Reports.as_view()),
    path(f"{_OWN}/policies", reports.Policies.as_view()),
    path(f"{_OWN}/reports", standing.OwnReports.as_view()),
    path(f"{_OWN}/reports/<str:report_id>/appeal", standing.ReportAppeal.as_view()),
    path(f"{_OWN}/standing", standing.StandingView.as_view()),
    path(f"{_OWN}/statements", standing.Statements.as_view()),
    path(f"{_OWN}/statements/<str:statement_id>", standing.StatementView.as_view()),
    path(f"{_OWN}/statements/<str:statement_id>/appeal", standing.StatementAppeal.as_view()),
    path(f"{_OWN}/log/inclusion", publiclog.Inclusion.as_view()),
    path(f"{_OWN}/log/consistency", publiclog.Consistency.as_view()),
    path("log/checkpoint", publiclog.checkpoint),
    path("log/key", publiclog.key),
    re_path(rf"^log/tile/{_TILE}", publiclog.tile),
]
