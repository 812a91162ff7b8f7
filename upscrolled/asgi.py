"""Entry point of the streaming process: WebSockets and server-sent events (`upscrolled/streaming/`)."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upscrolled.settings")
django.setup()

from upscrolled.streaming.server import Server  # noqa: E402  # needs Django's settings

application = Server()
