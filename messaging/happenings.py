"""What happens in conversations, for whoever shows it at once: streams and pushes connect to `happened`.

It is sent after the commit, so what it speaks of can be read. Nothing depends on its arrival: a device that heard
nothing catches up (`queries/sync.py`). A receiver that fails does not disturb the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.dispatch import Signal

MESSAGE, MEMBER, CONVERSATION, TYPING = "message", "member", "conversation", "typing"


@dataclass(frozen=True, slots=True)
class Happened:
    """Something changed in a conversation, or somebody is typing.

    `kind` says what `thing` is the id of: a message (new, edited, deleted, answered with an emoji), an account that
    is a member (joined, left, has read further; who types), or the conversation. `new` is True for a message that
    was just sent. `told` are those whom it concerns, with the number of the event in the line of each (the cursor
    with which a device that has shown it goes on); 0 for typing, which nobody catches up with. Whether one of them
    may see the message is asked when it is shown: `queries.messages.several` for each viewer.
    """

    kind: str
    conversation_id: int
    thing: int
    by_id: int
    told: Mapping[int, int]
    new: bool = False


happened: Final = Signal()


def announce(*events: Happened) -> None:
    """Tell the receivers, once the transaction has ended."""
    transaction.on_commit(lambda: _send(events), robust=True)


def _send(events: tuple[Happened, ...]) -> None:
    for event in events:
        happened.send_robust(sender=None, event=event)
