"""Nouns of the ground. A model holds what is always true; it knows no HTTP and no JSON."""

from upscrolled.models.access import Application
from upscrolled.models.account import Account, AccountCounters, AccountManager, Audience
from upscrolled.models.notification import Notification
from upscrolled.models.relationship import Block, Follow, FollowRequest, Mute
from upscrolled.models.restriction import Restriction

__all__ = [
    "Account",
    "AccountCounters",
    "AccountManager",
    "Application",
    "Audience",
    "Block",
    "Follow",
    "FollowRequest",
    "Mute",
    "Notification",
    "Restriction",
]
