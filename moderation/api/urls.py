"""Addresses of moderation's endpoints."""

from django.urls import path, re_path

from moderation.api import admin, admin_reports, admin_site, publiclog, reports, standing, told

told.join()
_OWN, _STAFF = "api/v1/upscrolled", "api/v1/admin"
_UNUSED = ("canonical_email_blocks", "ip_blocks")
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
    path("api/v2/admin/accounts", admin.AccountsAsOf4.as_view()),
    path(f"{_STAFF}/accounts", admin.Accounts.as_view()),
    path(f"{_STAFF}/accounts/<str:account_id>", admin.Account.as_view()),
    path(f"{_STAFF}/accounts/<str:account_id>/action", admin.AccountAction.as_view()),
    path(f"{_STAFF}/accounts/<str:account_id>/approve", admin.Approve.as_view()),
    path(f"{_STAFF}/accounts/<str:account_id>/reject", admin.Reject.as_view()),
    path(f"{_STAFF}/accounts/<str:account_id>/enable", admin.NothingToLift.as_view()),
    path(f"{_STAFF}/accounts/<str:account_id>/unsensitive", admin.NothingToLift.as_view()),
    path(f"{_STAFF}/accounts/<str:account_id>/unsilence", admin.Unsilence.as_view()),
    path(f"{_STAFF}/accounts/<str:account_id>/unsuspend", admin.Unsuspend.as_view()),
    path(f"{_STAFF}/reports", admin_reports.Reports.as_view()),
    path(f"{_STAFF}/reports/<str:report_id>", admin_reports.Report.as_view()),
    path(f"{_STAFF}/reports/<str:report_id>/assign_to_self", admin_reports.Assign.as_view()),
    path(f"{_STAFF}/reports/<str:report_id>/unassign", admin_reports.Unassign.as_view()),
    path(f"{_STAFF}/reports/<str:report_id>/resolve", admin_reports.Resolve.as_view()),
    path(f"{_STAFF}/reports/<str:report_id>/reopen", admin_reports.Reopen.as_view()),
    *(
        path(f"{_STAFF}/{name}", admin_site.Figures.as_view())
        for name in ("measures", "dimensions", "retention")
    ),
    path(f"{_STAFF}/trends/links", admin_site.TrendingLinks.as_view()),
    path(f"{_STAFF}/trends/statuses", admin_site.TrendingStatuses.as_view()),
    path(f"{_STAFF}/trends/tags", admin_site.TrendingTags.as_view()),
    *(
        path(f"{_STAFF}/trends/{kind}/<str:trend_id>/{verb}", admin_site.Curate.as_view())
        for kind in ("links", "statuses", "tags")
        for verb in ("approve", "reject")
    ),
    path(f"{_STAFF}/email_domain_blocks", admin_site.EmailDomains.as_view()),
    path(f"{_STAFF}/email_domain_blocks/<str:block_id>", admin_site.OneEmailDomain.as_view()),
    *(path(f"{_STAFF}/{name}", admin_site.Unused.as_view()) for name in _UNUSED),
    *(path(f"{_STAFF}/{name}/<str:block_id>", admin_site.UnusedOne.as_view()) for name in _UNUSED),
    path("log/checkpoint", publiclog.checkpoint),
    path("log/key", publiclog.key),
    re_path(rf"^log/tile/{_TILE}", publiclog.tile),
]
