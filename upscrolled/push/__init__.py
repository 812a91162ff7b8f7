"""Telling closed applications: Web Push.

`encryption` seals a message for one browser or phone (pure), `vapid` says who sends it, `ledger` are the rows that say
what is owed, `words` is what people read. Sending is a task (`feed/tasks.py`): it asks the policy first.
"""
