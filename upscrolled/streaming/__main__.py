"""`python -m upscrolled.streaming --host … --port …`: the streaming process (adr/0017)."""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import django
import uvicorn

if TYPE_CHECKING:
    from upscrolled.streaming.server import Server

BACKLOG: Final = 4_096
SOCKET_BYTES: Final = 1 << 16
PING_SECONDS: Final = 30.0  # a phone that has lost its network is found out after twice this
SAYING_GOODBYE: Final = 2.0  # seconds for whoever listens to be told that the process stops
STOPS_WITHIN: Final = 5  # seconds for what does not end by itself


class Serving(uvicorn.Server):
    """The server in front of the application, which is told first when all of it has to stop."""

    def __init__(self, config: uvicorn.Config, application: Server) -> None:
        super().__init__(config)
        self._application = application

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Send everybody away with a reason, then close what is left."""
        for server in self.servers:
            server.close()
        await self._application.end(within=SAYING_GOODBYE)
        await super().shutdown(sockets)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until a signal says stop."""
    parser = argparse.ArgumentParser(
        prog="python -m upscrolled.streaming", description="The streaming process."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--log-level", default="warning", type=str.lower)
    options = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upscrolled.settings")
    django.setup()
    asyncio.run(_serve(options.host, options.port, options.log_level))


async def _serve(host: str, port: int, log_level: str) -> None:
    # As in asgi.py, which is for whoever puts another server in front.
    from upscrolled.streaming.server import Server
    from upscrolled.streaming.sockets import MESSAGE_BYTES

    application = Server()
    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        backlog=BACKLOG,
        loop="asyncio",
        # The implementation without threads or tasks of its own, and no compression: both cost memory for each socket.
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=16 * MESSAGE_BYTES,  # up to which too long a message is answered with a sentence
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        lifespan="on",
        access_log=False,
        log_level="warning" if log_level == "info" else log_level,
        proxy_headers=False,  # `gate` reads whom it trusts
        server_header=False,
        timeout_graceful_shutdown=STOPS_WITHIN,
    )
    listening = config.bind_socket()
    # Inherited by each connection: what a slow reader leaves in the kernel has a limit as well, not megabytes.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BYTES)
    await Serving(config, application).serve(sockets=[listening])


if __name__ == "__main__":
    main()
