"""Who was here lately: the day of each account's last request, written once a day."""

from __future__ import annotations

import logging

from django.db import DatabaseError, connection

from upscrolled.database import reading

log = logging.getLogger(__name__)

DAYS = 7  # within these somebody counts as a reader (switch `fan_out`)
# Said of the alias `c`, a row of counters: whether this account was here today.
HERE_TODAY = "c.active_on = (now() AT TIME ZONE 'UTC')::date"
# Whoever holds the row meanwhile (a follow of somebody popular) does not hold up the request: the next one notes it.
_NOTE = f"""
UPDATE upscrolled_accountcounters SET active_on = (now() AT TIME ZONE 'UTC')::date WHERE account_id IN (
  SELECT c.account_id FROM upscrolled_accountcounters c
  WHERE c.account_id = %(account)s AND ({HERE_TODAY}) IS NOT TRUE FOR NO KEY UPDATE SKIP LOCKED)
"""
# A token's row says in `updated` when it was used last, to the day: nothing else changes it.
USED_TODAY = "(t.updated AT TIME ZONE 'UTC')::date = (now() AT TIME ZONE 'UTC')::date"
_USE = f"""
UPDATE oauth2_provider_accesstoken SET updated = now() WHERE id IN (
  SELECT t.id FROM oauth2_provider_accesstoken t
  WHERE t.id = %(token)s AND NOT ({USED_TODAY}) FOR NO KEY UPDATE SKIP LOCKED)
"""


def note(account_id: int) -> None:
    """Note that this account is here today. Not noting it is no reason to refuse anybody."""
    try:
        with reading.on_primary(), connection.cursor() as cursor:
            cursor.execute(_NOTE, {"account": account_id})
    except DatabaseError as error:
        log.warning("It is not noted that account %s is here: %s", account_id, error)


def note_use(token_id: int) -> None:
    """Note that a token is used today. Not noting it is no reason to refuse anybody."""
    try:
        with reading.on_primary(), connection.cursor() as cursor:
            cursor.execute(_USE, {"token": token_id})
    except DatabaseError as error:
        log.warning("It is not noted that token %s is used: %s", token_id, error)
