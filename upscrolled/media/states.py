"""How far an attachment is, and the ways from one state to the next. Pure."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """As it is stored and told."""

    UPLOADED = "uploaded"
    PROBING = "probing"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


class Event(StrEnum):
    """What happens to it."""

    TAKEN = "taken"  # by a worker that looks what the file is
    LOOKED = "looked"  # it is known, and has to be made anew
    MADE = "made"  # it can be shown; or again, better
    REFUSED = "refused"
    RETRIED = "retried"


_S, _E = State, Event
TRANSITIONS: dict[tuple[State, Event], State] = {
    (_S.UPLOADED, _E.TAKEN): _S.PROBING,
    (_S.PROBING, _E.TAKEN): _S.PROBING,  # the worker before died
    (_S.PROBING, _E.LOOKED): _S.PROCESSING,
    (_S.PROBING, _E.MADE): _S.READY,
    (_S.PROBING, _E.REFUSED): _S.FAILED,
    (_S.PROCESSING, _E.TAKEN): _S.PROCESSING,
    (_S.PROCESSING, _E.MADE): _S.READY,
    (_S.PROCESSING, _E.REFUSED): _S.FAILED,
    (_S.READY, _E.TAKEN): _S.READY,  # the ladder of a video that plays already
    (_S.READY, _E.MADE): _S.READY,
    (_S.READY, _E.REFUSED): _S.READY,  # it goes on playing as it is
    (_S.FAILED, _E.RETRIED): _S.UPLOADED,
}


class Impossible(Exception):
    """No way leads from this state by this event."""


def after(state: State | str, event: Event) -> State:
    """Return the state that follows. Raises Impossible."""
    following = TRANSITIONS.get((State(state), event))
    if following is None:
        raise Impossible(f"{event} does not follow {state}")
    return following


def _check() -> None:
    """Every state is reached from the first one, and only known ones are named."""
    reached, edge = {State.UPLOADED}, {State.UPLOADED}
    while edge:
        edge = {to for (of, _), to in TRANSITIONS.items() if of in edge} - reached
        reached |= edge
    if reached != set(State):
        raise Impossible(f"nothing leads to {set(State) - reached}")


_check()
