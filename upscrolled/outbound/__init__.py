"""Asking other people's servers: only public ones, within limits, and never more of them than was asked for.

`reach.py` says whom, `fetch.py` how much and for how long. Whatever fetches an address that somebody gave goes here.
"""
