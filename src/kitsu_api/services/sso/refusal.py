"""How signing in elsewhere is refused: nothing of why leaves the server but for its log."""

from __future__ import annotations

import logging

from kitsu_api.errors import BadRequest

logger = logging.getLogger(__name__)

FAILED = "Signing in at the identity provider failed. Try again, or ask an administrator."


def refused(reason: str, message: str = FAILED) -> BadRequest:
    """The error to raise; `reason` goes to the log, for the operator, and must hold no secret."""
    logger.warning("A sign-in at an identity provider was refused: %s", reason[:300].replace("\n", " "))
    return BadRequest(message, login=False)
