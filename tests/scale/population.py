"""People with tokens in the database that the environment names: `python -m tests.scale.population NAME …`.

Each follows all who were named before, alice is followed by everybody. Prints {name: [account id, token]} as JSON.
"""

from __future__ import annotations

import json
import sys

import django

django.setup()

from tests.people import NOON, make_account, token_of  # noqa: E402  # Django must be set up first
from upscrolled.operations.relationships import follow  # noqa: E402


def main(names: list[str]) -> None:
    """Make them."""
    made = []
    for name in names:
        account = make_account(name)
        for other in made:
            follow(other, by=account, now=NOON)
        made.append(account)
    print(json.dumps({account.username: [account.id, token_of(account)] for account in made}))


if __name__ == "__main__":
    main(sys.argv[1:])
