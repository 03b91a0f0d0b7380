"""Every setting of the server, read once from the environment; nothing else reads it.

Each setting answers to its own name (``KITSU_…``) and, where an existing installation already sets a
variable of the same meaning, to that one too. Ours wins when both are set.
"""

from __future__ import annotations

from functools import lru_cache

from pydantic_settings import SettingsConfigDict

from kitsu_api.settings.habits import Habits
from kitsu_api.settings.jobs import Jobs
from kitsu_api.settings.listening import Listening
from kitsu_api.settings.mail import Mail
from kitsu_api.settings.media import Media
from kitsu_api.settings.places import Places
from kitsu_api.settings.sessions import Sessions
from kitsu_api.settings.sign_in import SignIn
from kitsu_api.settings.storage import Storage


class Settings(Jobs, Mail, Habits, Media, Storage, SignIn, Sessions, Listening, Places):
    """What an operator may choose. Frozen: a change of the environment needs a restart."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", case_sensitive=False, env_ignore_empty=True, populate_by_name=True
    )


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process."""
    return Settings()
