"""The thread around a post: what belongs together, however large it grew."""

from __future__ import annotations

from itertools import pairwise

import pytest

from feed.queries.posts import ANONYMOUS, SIGNED_IN
from tests.people import make_account, publish

pytestmark = pytest.mark.django_db


def numbers(posts: list[dict[str, str]]) -> list[int]:
    return [int(post["id"]) for post in posts]


def test_of_a_large_thread_there_are_the_first_answers_and_the_talk_below_them(client_of, alice, bob):
    root = publish(alice, "what do you think?")
    wide = [publish(bob, f"answer {n}", after=1 + n, reply_to=root) for n in range(SIGNED_IN.direct + 10)]
    below = publish(alice, "why?", after=500, reply_to=wide[3])
    path = f"/api/v1/statuses/{root}/context"

    for viewer, reach in ((bob, SIGNED_IN), (None, ANONYMOUS)):
        shown = numbers(client_of(viewer).get(path).json()["descendants"])
        assert shown == [*wide[:4], below, *wide[4 : reach.direct]]


def test_what_the_author_added_stands_even_behind_many_answers(client_of, alice, bob):
    root = publish(alice, "part one")
    for n in range(SIGNED_IN.direct + 5):
        publish(bob, f"answer {n}", after=1 + n, reply_to=root)
    added = publish(alice, "part two", after=500, reply_to=root)

    shown = numbers(client_of(bob).get(f"/api/v1/statuses/{root}/context").json()["descendants"])

    assert added in shown
    assert len(shown) == SIGNED_IN.direct


def test_a_long_chain_is_walked_from_post_to_post(client_of, alice, bob):
    chain = [publish(alice, "one")]
    for n in range(SIGNED_IN.ancestors + 60):
        chain.append(publish(bob if n % 2 else alice, f"and then {n}", after=1 + n, reply_to=chain[-1]))
    middle = SIGNED_IN.ancestors + 5

    context = client_of(bob).get(f"/api/v1/statuses/{chain[middle]}/context").json()

    assert numbers(context["ancestors"]) == chain[middle - SIGNED_IN.ancestors : middle]
    assert numbers(context["descendants"]) == chain[middle + 1 : middle + 1 + SIGNED_IN.depth]
    assert all(
        int(reply["in_reply_to_id"]) == int(post["id"]) for post, reply in pairwise(context["descendants"])
    )


def test_everything_shown_answers_something_shown(client_of, alice, bob):
    people = [make_account(f"x{n}") for n in range(4)]
    said = [publish(alice, "root")]
    for n in range(120):
        said.append(publish(people[n % 4], f"{n}", after=1 + n, reply_to=said[n * 7 % len(said) // 3]))

    descendants = client_of(bob).get(f"/api/v1/statuses/{said[0]}/context").json()["descendants"]

    assert len(descendants) == SIGNED_IN.descendants
    known = {said[0]}
    for post in descendants:  # depth first: what a reply answers stands before it
        assert int(post["in_reply_to_id"]) in known
        known.add(int(post["id"]))
