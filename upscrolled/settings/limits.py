"""How much and how often: limits of requests, posts, polls, previews, media; the clockwork of discover."""

from __future__ import annotations

from datetime import timedelta

from upscrolled import env
from upscrolled.settings.site import PUBLIC_URL

RATE_LIMITS = env.read("RATE_LIMITS")
SHED_TARGET_MS = env.read("SHED_TARGET_MS")
DISK_LOW_MB = env.read("DISK_LOW_MB")

# --- posts and discover -----------------------------------------------------------------------------
POST_MAX_CHARACTERS = env.read("POST_MAX_CHARACTERS")
POLL_MAX_OPTIONS = env.read("POLL_MAX_OPTIONS")
POLL_OPTION_MAX_CHARACTERS = env.read("POLL_OPTION_MAX_CHARACTERS")
POLL_MIN_SECONDS, POLL_MAX_SECONDS = 300, 2_629_746  # five minutes to a month, a twelfth of a year
LINK_PREVIEWS, LINK_PREVIEW_PORTS = env.read("LINK_PREVIEWS"), env.read("LINK_PREVIEW_PORTS")
LINK_PREVIEW_KB, LINK_PREVIEW_IMAGE_KB = env.read("LINK_PREVIEW_KB"), env.read("LINK_PREVIEW_IMAGE_KB")
LINK_PREVIEW_SECONDS = env.read("LINK_PREVIEW_SECONDS")
EXPOSURE_A_DAY, DARK_EXPOSURE_A_DAY = env.read("EXPOSURE_A_DAY"), env.read("DARK_EXPOSURE_A_DAY")
LOG_DELAY = timedelta(hours=env.read("LOG_DELAY_HOURS"))
DISCOVER_EPOCH = timedelta(milliseconds=env.read("DISCOVER_EPOCH_MS"))
DISCOVER_KEYFRAME = timedelta(seconds=env.read("DISCOVER_KEYFRAME_SECONDS"))
DISCOVER_AUDIT_SECONDS = env.read("DISCOVER_AUDIT_SECONDS")
DISCOVER_POOLS_KEPT = timedelta(hours=env.read("DISCOVER_POOLS_HOURS"))
DISCOVER_POOLS_MB = env.read("DISCOVER_POOLS_MB")

# --- media ------------------------------------------------------------------------------------------
_MB = 1024 * 1024
MEDIA_MAX_ATTACHMENTS = env.read("MEDIA_MAX_ATTACHMENTS")
IMAGE_MAX_BYTES, VIDEO_MAX_BYTES = env.read("IMAGE_MAX_MB") * _MB, env.read("VIDEO_MAX_MB") * _MB
VIDEO_MAX_SECONDS = env.read("VIDEO_MAX_SECONDS")
UNATTACHED_HOURS, SIGNED_MEDIA_SECONDS = env.read("UNATTACHED_HOURS"), env.read("SIGNED_MEDIA_SECONDS")
FFMPEG, FFMPEG_THREADS = env.read("FFMPEG"), max(1, env.read("FFMPEG_THREADS"))
MEDIA_PUBLIC_URL = f"{env.read('S3_PUBLIC_URL').rstrip('/') or f'{PUBLIC_URL}/media'}/public"
