"""Where the site is: its directories and addresses, its name, and the servers that it finds by itself.

What the other modules of the settings build on; they import from here, never from the package.
"""

from __future__ import annotations

import json
from pathlib import Path

from upscrolled import env

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DATA_DIR: Path = env.read("DATA_DIR")
VERSION = "0.1.0"

DEBUG = env.read("DEBUG")
HOST, PORT = env.read("HOST"), env.read("PORT")
STREAMING_PORT = env.read("STREAMING_PORT")
PUBLIC_URL = (env.read("PUBLIC_URL") or f"http://{HOST}:{PORT}").rstrip("/")
STREAMING_URL = (env.read("STREAMING_URL") or f"ws://{HOST}:{STREAMING_PORT}").rstrip("/")
SITE_NAME = env.read("SITE_NAME")
CONTACT_EMAIL = env.read("CONTACT_EMAIL")
SOURCE_URL = env.read("SOURCE_URL") or f"{PUBLIC_URL}/about"
SECURE = PUBLIC_URL.startswith("https://")


def _running_services() -> dict[str, str]:
    """Addresses of the embedded servers that a running `manage.py up` wrote down, if there is one."""
    try:
        services: dict[str, str] = json.loads((DATA_DIR / "run" / "services.json").read_text())
        return services
    except (OSError, ValueError):
        return {}


services = _running_services()
VALKEY_URL = env.read("VALKEY_URL") or services.get("valkey_url") or "redis://127.0.0.1:6379/0"
CACHE_URL = env.read("CACHE_URL") or services.get("cache_url") or "redis://127.0.0.1:6380/0"
