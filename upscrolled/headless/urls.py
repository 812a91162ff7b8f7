"""Addresses below /_allauth/: ours first where a rule of ours differs, then the library's own."""

from __future__ import annotations

from allauth.headless.constants import Client
from django.urls import include, path

from upscrolled.headless import views

urlpatterns = [
    path("app/v1/auth/signup", views.SignUp.as_api_view(client=Client.APP)),
    path("app/v1/auth/code/request", views.RequestCode.as_api_view(client=Client.APP)),
    path("app/v1/auth/code/confirm", views.ConfirmCode.as_api_view(client=Client.APP)),
    path("app/v1/auth/email/verify", views.VerifyEmail.as_api_view(client=Client.APP)),
    path("app/v1/auth/email/verify/resend", views.ResendCode.as_api_view(client=Client.APP)),
    path("app/v1/auth/password/request", views.RequestReset.as_api_view(client=Client.APP)),
    path("app/v1/auth/password/reset", views.Reset.as_api_view(client=Client.APP)),
    path("app/v1/config", views.Config.as_api_view(client=Client.APP)),
    path("app/v1/account/email", views.Email.as_api_view(client=Client.APP)),
    path("", include("allauth.headless.urls")),
]
