"""What can go wrong with a picture or a movie. The messages are fit to be shown to whoever uploaded it."""

from __future__ import annotations


class BrokenMedia(Exception):
    """The file can't be read as what it claims to be; the message says why."""


class MediaTooLarge(BrokenMedia):
    """The file holds more pixels, frames or bytes than this installation takes."""


class MediaCancelled(Exception):
    """The caller's `cancelled` said so; what was half written is gone."""
