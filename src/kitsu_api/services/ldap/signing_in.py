"""Whether the directory answers for somebody who signs in with a password."""

from __future__ import annotations

import logging

from kitsu_api.db.repositories.accounts import Account
from kitsu_api.db.repositories.identities import DirectoryRepository
from kitsu_api.errors import Unavailable
from kitsu_api.permissions.actor import Role
from kitsu_api.settings import Settings

logger = logging.getLogger(__name__)

STRATEGY = "auth_remote_ldap"


def is_excluded(settings: Settings, *names: str | None) -> bool:
    """Whether an account is the server's own although there is a directory, by e-mail or desktop login."""
    excluded = {each.casefold() for each in settings.ldap_excluded_accounts}
    return any(name and name.casefold() in excluded for name in names)


async def answers(
    settings: Settings, people: DirectoryRepository, account: Account, password: str
) -> bool | None:
    """Whether the directory takes the password for this account's; None where the one kept here counts.

    The directory's entry must be the account's own: linked to it by synchronisation, else of its desktop
    login or e-mail. A name that two people share by chance opens nothing.

    Raises:
        Unavailable: the directory does not say, and LDAP_FALLBACK does not help.
    """
    from kitsu_api.services.ldap.directory import Directory, DirectoryError  # a library that few servers need

    uid, login = await people.names_of(account.id)
    if is_excluded(settings, account.email, login):
        return None
    # looking somebody up takes a while, in which somebody else can use the connection
    await people.session.rollback()
    name = uid or login or (account.email or "").partition("@")[0]
    try:
        entry = await Directory(settings).check(name, password)
    except DirectoryError as error:
        logger.warning("Signing in by the directory: %s", error)
        if settings.ldap_fallback and account.role == Role.ADMIN:
            return None
        raise Unavailable("The directory can't be reached. Try again in a moment.") from error
    if entry is None:
        return False
    if uid:
        return entry.uid.casefold() == uid.casefold()
    same_login = login is not None and entry.uid.casefold() == login.casefold()
    return same_login or entry.email.casefold() == (account.email or "").casefold()
