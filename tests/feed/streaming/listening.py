"""People with an ear on a stream, and what they are told of what is in the stream of events."""

from __future__ import annotations

from typing import Any

import msgspec

from tests.people import SCOPES
from upscrolled import streams, tasks
from upscrolled.models import Account
from upscrolled.streaming import channels, tellers
from upscrolled.streaming.gate import Caller
from upscrolled.streaming.listener import Listener
from upscrolled.streaming.tellers import Ears

POSTS = ("update", "status.update", "delete")


class Room:
    """Listeners, and what they are told."""

    def __init__(self) -> None:
        import feed.live  # noqa: F401  # it registers its tellers, as the streaming process has it do

        self.ears = Ears()
        self.said: dict[Listener, list[tuple[list[str], str, Any]]] = {}

    def listener(
        self,
        account: Account | None,
        *names: str,
        scopes: str = SCOPES,
        country: str = "",
        **parameters: object,
    ) -> Listener:
        """Somebody who listens to these streams."""
        caller = Caller(account.id if account else 0, 0, scopes if account else None, country)
        listener = Listener(caller)
        for name in names or ("user",):
            channel = channels.of(name, parameters, account_id=caller.account_id, scopes=caller.scopes)
            self.ears.add(listener, channel)
        self.said[listener] = []
        return listener

    def tell(self) -> None:
        """Tell them all that happened since the beginning of the test."""
        from feed import tasks as feed_tasks

        feed_tasks.deliver_owed()
        tasks.tell_owed()
        self.tell_events()

    def tell_events(self) -> None:
        """Tell them what stands in the stream, once."""
        events = streams.since()
        streams.valkey.data().delete(streams.STREAM)
        for told in tellers.tell(events, self.ears):
            payload = told.payload
            if payload is not None and told.name != "delete":
                payload = msgspec.json.decode(payload)
            for listener, channel in told.places:
                self.said[listener].append((channel.labels, told.name, payload))

    def heard(self, listener: Listener, *also: str) -> list[str]:
        """What a listener was told of posts, by name and id; of other things if they are named."""
        return [
            f"{name} {payload if isinstance(payload, str) else (payload or {}).get('id')}"
            for _, name, payload in self.said[listener]
            if name in (*POSTS, *also)
        ]

    def last(self, listener: Listener, *names: str) -> Any:
        """What was told last of posts, or of what is named."""
        return [payload for _, name, payload in self.said[listener] if name in (names or POSTS)][-1]
