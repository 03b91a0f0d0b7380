"""kitsu-api: the async back end of a production tracker for animation, VFX and game studios."""

__version__ = "0.1.0"
