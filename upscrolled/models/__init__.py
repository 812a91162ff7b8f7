"""Nouns of the ground. A model holds what is always true; it knows no HTTP and no JSON."""

from upscrolled.models.access import Application
from upscrolled.models.account import Account, AccountCounters, AccountManager, Audience, Circle
from upscrolled.models.departure import Departure
from upscrolled.models.evidence import KeptMedia, KeptPicture
from upscrolled.models.export import Export
from upscrolled.models.imports import Import
from upscrolled.models.key import SigningKey
from upscrolled.models.live import (
    MailDigest,
    NotificationChoice,
    NotificationSender,
    OwedEvent,
    PushDelivery,
    PushSubscription,
)
from upscrolled.models.media import FileUse, LegalHold, MediaAttachment, MediaHash, StoredFile
from upscrolled.models.notification import Notification
from upscrolled.models.personal import (
    AccountNote,
    Announcement,
    AnnouncementReaction,
    AnnouncementRead,
    AnnouncementTally,
    DismissedSuggestion,
    Endorsement,
    HouseRule,
    Marker,
)
from upscrolled.models.picture import Picture
from upscrolled.models.place import Place, PlaceChange
from upscrolled.models.registration import (
    EmailDomainRule,
    Invite,
    OwedMail,
    SignInRecord,
    Terms,
    TermsAcceptance,
)
from upscrolled.models.relationship import Block, Follow, FollowRequest, Mute
from upscrolled.models.restriction import Restriction
from upscrolled.models.site import PopularAccount, SiteWeek
from upscrolled.models.staff import StaffRole, StaffRoleEnd
from upscrolled.models.switch import Switch, SwitchTurn
from upscrolled.models.uploads import Upload

__all__ = [
    "Account",
    "AccountCounters",
    "AccountManager",
    "AccountNote",
    "Announcement",
    "AnnouncementReaction",
    "AnnouncementRead",
    "AnnouncementTally",
    "Application",
    "Audience",
    "Block",
    "Circle",
    "Departure",
    "DismissedSuggestion",
    "EmailDomainRule",
    "Endorsement",
    "Export",
    "FileUse",
    "Follow",
    "FollowRequest",
    "HouseRule",
    "Import",
    "Invite",
    "KeptMedia",
    "KeptPicture",
    "LegalHold",
    "MailDigest",
    "Marker",
    "MediaAttachment",
    "MediaHash",
    "Mute",
    "Notification",
    "NotificationChoice",
    "NotificationSender",
    "OwedEvent",
    "OwedMail",
    "Picture",
    "Place",
    "PlaceChange",
    "PopularAccount",
    "PushDelivery",
    "PushSubscription",
    "Restriction",
    "SignInRecord",
    "SigningKey",
    "SiteWeek",
    "StaffRole",
    "StaffRoleEnd",
    "StoredFile",
    "Switch",
    "SwitchTurn",
    "Terms",
    "TermsAcceptance",
    "Upload",
]
