"""The limits that really hold on this site, and what it does not have, said plainly."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec
from django.conf import settings

from upscrolled.api import tus
from upscrolled.media import makers
from upscrolled.operations import attachments, captions, multipart, resumable, upload
from upscrolled.operations.profiles import LIMITS

CHARACTERS_PER_URL = 23


class Configuration(msgspec.Struct, kw_only=True):
    """The limits that hold here. What is 0 or empty is not offered (yet); `upscrolled` is beyond Mastodon."""

    accounts: dict[str, int]
    statuses: dict[str, int]
    media_attachments: dict[str, Any]
    polls: dict[str, int]
    upscrolled: dict[str, Any]
    urls: dict[str, str | None] | msgspec.UnsetType = msgspec.UNSET
    vapid: dict[str, str] | msgspec.UnsetType = msgspec.UNSET
    translation: dict[str, bool] | msgspec.UnsetType = msgspec.UNSET
    limited_federation: bool | msgspec.UnsetType = msgspec.UNSET
    timelines_access: dict[str, dict[str, str]] | msgspec.UnsetType = msgspec.UNSET


def limits() -> Configuration:
    """The limits as both versions tell them."""
    photo, video = makers.photo_limits(), makers.video_limits()
    return Configuration(
        accounts={
            "max_featured_tags": 10,
            "max_pinned_statuses": 5,
            "max_profile_fields": LIMITS.fields,
            "profile_field_name_limit": LIMITS.field_name,
            "profile_field_value_limit": LIMITS.field_value,
            "max_display_name_length": LIMITS.display_name,
            "max_note_length": LIMITS.note,
            "max_pronouns_length": LIMITS.pronouns,
            "max_avatar_description_length": LIMITS.picture_description,
            "max_header_description_length": LIMITS.picture_description,
            "picture_size_limit": LIMITS.picture_bytes,
            "picture_matrix_limit": LIMITS.picture_pixels,
        },
        statuses={
            "max_characters": settings.POST_MAX_CHARACTERS,
            "max_media_attachments": settings.MEDIA_MAX_ATTACHMENTS,
            "characters_reserved_per_url": CHARACTERS_PER_URL,
        },
        media_attachments={
            "supported_mime_types": list(upload.MEDIA_TYPES),
            "description_limit": attachments.LONGEST_DESCRIPTION,
            "image_size_limit": photo.bytes_max,
            "image_matrix_limit": photo.pixels_max,
            "image_side_limit": photo.side_max,
            "video_size_limit": video.bytes_max,
            "video_frame_rate_limit": video.frame_rate_max,
            "video_matrix_limit": video.pixels_max,
            "video_duration_limit": round(video.seconds_max),
        },
        polls={
            "max_options": settings.POLL_MAX_OPTIONS,
            "max_characters_per_option": settings.POLL_OPTION_MAX_CHARACTERS,
            "min_expiration": settings.POLL_MIN_SECONDS,
            "max_expiration": settings.POLL_MAX_SECONDS,
        },
        upscrolled={"uploads": _uploads(), "captions": _captions()},
    )


def _uploads() -> dict[str, Any]:
    """Ways in for files that come in pieces; null: not offered."""
    parts = {"path": f"{tus.PATH}/multipart", "part_size": multipart.PART_BYTES}
    return {
        "tus": {"path": tus.PATH, "version": tus.VERSION, "extensions": list(tus.EXTENSIONS)},
        "multipart": parts if multipart.offered() else None,
        "size_limit": upload.bytes_max(),
        "max_unfinished": resumable.OPEN_MAX,
        "kept_seconds": round(resumable.KEPT_FOR.total_seconds()),
    }


def _captions() -> dict[str, int]:
    return {"size_limit": captions.BYTES_MAX, "max_languages": captions.LANGUAGES_MAX}


@lru_cache(maxsize=1)
def whole() -> Configuration:
    """The limits and what else the second version tells."""
    told = limits()
    told.urls = {
        "streaming": settings.STREAMING_URL,
        "status": None,
        "about": f"{settings.PUBLIC_URL}/about",
        "privacy_policy": f"{settings.PUBLIC_URL}/privacy-policy",
        "terms_of_service": f"{settings.PUBLIC_URL}/terms-of-service",
    }
    told.vapid = {"public_key": ""}
    told.translation = {"enabled": False}
    told.limited_federation = True
    everybody = {"local": "public", "remote": "disabled"}
    told.timelines_access = {
        "live_feeds": everybody,
        "hashtag_feeds": everybody,
        "trending_link_feeds": everybody,
    }
    return told
