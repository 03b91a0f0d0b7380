"""A directory, as it answers: blocking calls of ldap3, made in threads.

Names that people type reach the directory escaped. A name without a password is never shown to it: LDAP takes
that for an anonymous bind, which succeeds. Referrals are not followed: they would take passwords elsewhere.
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from ldap3 import BASE, NONE, NTLM, SIMPLE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import escape_rdn

from kitsu_api.settings import Settings

logger = logging.getLogger(__name__)

CONNECT_SECONDS, ANSWER_SECONDS = 5, 10
PAGE = 500
"""People that are asked for at a time; servers refuse to give more than a thousand."""

AT_ONCE = 8
"""Threads that may wait for the directory."""

WRONG_CREDENTIALS, NO_SUCH_OBJECT = 49, 32
"""Result codes of LDAP (RFC 4511)."""

INVALID_DN = 34
NESTED = "1.2.840.113556.1.4.1941"
"""Active Directory's rule that follows groups within groups."""

DISABLED = "(userAccountControl:1.2.840.113556.1.4.803:=2)"
HASHES = re.compile(r"[^:]{32}:[^:]{32}")
"""What ldap3 takes for the hashes of a password: whoever stole them would need no password."""

T = TypeVar("T")
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ldap")


class DirectoryError(Exception):
    """The directory can't be reached, or does not answer as it should; the text is for operators."""


@dataclass(frozen=True)
class Entry:
    """Somebody in the directory."""

    dn: str
    uid: str
    email: str
    first_name: str
    last_name: str


def _one(attributes: Any, name: str) -> str:
    value = attributes.get(name)
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    return str(value).replace("\x00", "").strip() if value else ""


class Directory:
    """The directory of the settings."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.is_active = settings.ldap_is_ad or settings.ldap_is_ad_simple
        self.login_attribute = "sAMAccountName" if self.is_active else "uid"

    async def check(self, name: str, password: str) -> Entry | None:
        """Who has this name and password, and is in the group; None when nobody.

        Raises:
            DirectoryError: the directory does not say.
        """
        if not name or not password or "\x00" in name + password:
            return None
        return await _in_thread(self._check, name, password)

    async def people(self) -> list[Entry]:
        """Everybody in the group.

        Raises:
            DirectoryError: the directory does not say.
        """
        return await _in_thread(self._people)

    # --- in a thread ----------------------------------------------------------------------------

    def _check(self, name: str, password: str) -> Entry | None:
        if not self.settings.ldap_user:
            with self._bound(self._bind_name(name), password) as connection:
                return None if connection is None else self._find(connection, name)
        with self._as_reader() as reader:
            found = self._find(reader, name)
        if found is None:
            return None
        shown = self._bind_name(found.uid) if self.settings.ldap_is_ad else found.dn
        with self._bound(shown, password) as connection:
            return None if connection is None else found

    def _people(self) -> list[Entry]:
        if not self.settings.ldap_user:
            raise DirectoryError("LDAP_USER and LDAP_PASSWORD must be set: who reads the directory?")
        with self._as_reader() as reader:
            found = self._search(reader, f"({self.login_attribute}=*)")
            members = self._members(reader)
            if members is None:
                return found
            return [entry for entry in found if {entry.dn.casefold(), entry.uid.casefold()} & members]

    def _bind_name(self, name: str) -> str:
        """What the directory calls somebody who signs in."""
        domain = self.settings.ldap_domain
        if self.settings.ldap_is_ad:
            return f"{domain}\\{name}"
        if self.settings.ldap_is_ad_simple:
            return f"{name}@{domain}" if "." in domain else f"{domain}\\{name}"
        return f"uid={escape_rdn(name)},{self.settings.ldap_base_dn}"

    def _server(self) -> Server:
        settings = self.settings
        ca_file = str(settings.ldap_ca_file) if settings.ldap_ca_file else None
        tls = Tls(
            validate=ssl.CERT_REQUIRED,
            ca_certs_file=ca_file or ssl.get_default_verify_paths().cafile,
            ca_certs_path=None if ca_file else ssl.get_default_verify_paths().capath,
        )
        return Server(
            settings.ldap_host,
            port=settings.ldap_port,
            use_ssl=settings.ldap_ssl,
            tls=tls if settings.ldap_ssl else None,
            get_info=NONE,
            connect_timeout=CONNECT_SECONDS,
        )

    @contextmanager
    def _bound(self, name: str, password: str) -> Iterator[Connection | None]:
        """A connection as somebody; None when name or password are wrong."""
        by_ntlm = self.settings.ldap_is_ad and "=" not in name
        if by_ntlm and HASHES.fullmatch(password):
            yield None
            return
        connection = Connection(
            self._server(),
            user=name,
            password=password,
            authentication=NTLM if by_ntlm else SIMPLE,
            receive_timeout=ANSWER_SECONDS,
            auto_referrals=False,
            check_names=False,
            read_only=True,
        )
        try:
            right = connection.bind()
            code = connection.result["result"]
            if not right and code not in (WRONG_CREDENTIALS, NO_SUCH_OBJECT, INVALID_DN):
                raise DirectoryError(f"The directory refused a bind: {connection.result['description']}.")
            yield connection if right else None
        finally:
            connection.unbind()

    @contextmanager
    def _as_reader(self) -> Iterator[Connection]:
        """A connection as the account that reads the directory."""
        user = self.settings.ldap_user
        name = user if "=" in user or "@" in user or "\\" in user else self._bind_name(user)
        with self._bound(name, self.settings.ldap_password.get_secret_value()) as connection:
            if connection is None:
                raise DirectoryError("The directory takes neither LDAP_USER nor LDAP_PASSWORD.")
            yield connection

    def _find(self, connection: Connection, name: str) -> Entry | None:
        """The one entry of a name, if it is in the group."""
        found = self._search(connection, f"({self.login_attribute}={escape_filter_chars(name)})")
        if len(found) != 1:
            return None
        members = self._members(connection)
        keys = {found[0].dn.casefold(), found[0].uid.casefold()}
        return found[0] if members is None or keys & members else None

    def _search(self, connection: Connection, condition: str) -> list[Entry]:
        if self.is_active:
            condition = f"(&{condition}(objectClass=user)(!{DISABLED}))"
        rows = connection.extend.standard.paged_search(
            self.settings.ldap_base_dn,
            condition,
            search_scope=SUBTREE,
            attributes=[self.login_attribute, "mail", "givenName", "sn", "cn"],
            paged_size=PAGE,
            generator=True,
        )
        found = [entry for row in rows if row.get("type") == "searchResEntry" and (entry := self._entry(row))]
        if connection.result["result"] != 0:
            # a limit of the server, for one: who is left out would be taken for gone
            raise DirectoryError(f"The directory does not name all: {connection.result['description']}.")
        return found

    def _entry(self, row: Any) -> Entry | None:
        attributes = row["attributes"]
        uid = _one(attributes, self.login_attribute)
        if not uid or uid.endswith("$"):
            return None  # Active Directory's computers
        first, last = _one(attributes, "givenName"), _one(attributes, "sn")
        if not first:
            first = _one(attributes, "cn").removesuffix(last).strip() or uid
        email = _one(attributes, "mail") or f"{uid}@{self.settings.email_domain}"
        return Entry(row["dn"], uid, email, first, last)

    def _members(self, connection: Connection) -> set[str] | None:
        """DNs and names of the group's members, in lower case; None when anybody will do."""
        group = self.settings.ldap_group
        if not group:
            return None
        base = self.settings.ldap_base_dn
        dn = group if "=" in group else f"cn={escape_rdn(group)},{base}"
        names = ["member", "uniqueMember", "memberUid"]
        connection.search(dn, "(objectClass=*)", search_scope=BASE, attributes=names)
        if connection.result["result"] not in (0, NO_SUCH_OBJECT):
            raise DirectoryError(f"LDAP_GROUP can't be read: {connection.result['description']}.")
        found: set[str] = set()
        for row in connection.response or []:
            for name in names if row.get("type") == "searchResEntry" else ():
                values = row["attributes"].get(name) or []
                found.update(
                    str(value).casefold() for value in ([values] if isinstance(values, str) else values)
                )
        if self.is_active:
            condition = f"(memberOf:{NESTED}:={escape_filter_chars(dn)})"
            found.update(entry.dn.casefold() for entry in self._search(connection, condition))
        return found


async def _in_thread(work: Callable[..., T], *arguments: str) -> T:
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, work, *arguments)
    except (LDAPException, OSError, ValueError) as error:
        logger.warning("The directory failed: %s", type(error).__name__)
        raise DirectoryError(f"The directory can't be reached: {type(error).__name__}.") from error
