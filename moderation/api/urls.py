"""Addresses of moderation's endpoints."""

from django.urls import path

from moderation.api import reports

urlpatterns = [path("api/v1/reports", reports.Reports.as_view())]
