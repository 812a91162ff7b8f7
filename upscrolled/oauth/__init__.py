"""OAuth 2 in Mastodon's manner: its scopes here, the authorization server in `server.py`."""

from upscrolled.oauth.scopes import (
    DEFAULT,
    SCOPES,
    UnknownScope,
    covers,
    expand,
    is_for_staff,
    read,
    sentences,
)

# The redirect address of clients without one: the code is shown on a page, to be typed or copied.
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"

__all__ = [
    "DEFAULT",
    "OUT_OF_BAND",
    "SCOPES",
    "UnknownScope",
    "covers",
    "expand",
    "is_for_staff",
    "read",
    "sentences",
]
