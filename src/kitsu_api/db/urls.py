"""Database addresses, as people write them and as asyncpg wants them."""

from __future__ import annotations

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError


class DatabaseUrlError(ValueError):
    """An address that is none; the message never repeats it, since it may hold a password."""


def asyncpg_url(url: str) -> URL:
    """A PostgreSQL URL as SQLAlchemy wants it for asyncpg, which calls libpq's `sslmode` `ssl`.

    Raises:
        DatabaseUrlError: it is no URL of a PostgreSQL database.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseUrlError("The database's address is not a URL: postgresql://user@host/name.") from None
    name = parsed.drivername.partition("+")[0]
    if name not in {"postgresql", "postgres"}:
        raise DatabaseUrlError(f"{name} databases are not supported; PostgreSQL is.")
    query = {"ssl" if key == "sslmode" else key: value for key, value in parsed.query.items()}
    return parsed.set(drivername="postgresql+asyncpg", query=query)
