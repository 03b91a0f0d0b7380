"""Where the database, Valkey and the files are."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import quote

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from kitsu_api.settings.reading import setting


def _for_asyncpg(url: str) -> str:
    """A URL of PostgreSQL for asyncpg through SQLAlchemy; what is none stays, and is refused later."""
    scheme, found, rest = url.partition("://")
    known = found and scheme.partition("+")[0] in ("postgresql", "postgres")
    return f"postgresql+asyncpg://{rest}" if known else url


class Places(BaseSettings):
    """Where the database, Valkey and the files are."""

    data_dir: Path = setting(
        "data_dir", default=Path(".kitsu"), about="Folder of everything the embedded mode keeps."
    )
    database_url: str | None = setting(
        "database_url",
        "DATABASE_URL",
        default=None,
        about="PostgreSQL URL. When absent, DB_HOST and the like are used, else the embedded server.",
    )
    database_replica_url: str | None = setting(
        "database_replica_url",
        "DATABASE_REPLICA_URL",
        default=None,
        about="PostgreSQL URL of a streaming replica that answers listings; workers need it as well.",
    )
    database_direct_url: str | None = setting(
        "database_direct_url",
        "DATABASE_DIRECT_URL",
        default=None,
        about="PostgreSQL URL past a pooler, for migrations, dumps and copies; default DATABASE_URL.",
    )
    db_pooler: Literal["none", "session", "transaction", "transaction-prepared"] = setting(
        "db_pooler",
        "DB_POOLER",
        default="none",
        about="How a PgBouncer that DATABASE_URL names lends its connections, see PgBouncer above.",
    )
    replica_wait_ms: int = setting(
        "replica_wait_ms",
        default=100,
        ge=0,
        about="Milliseconds that a listing waits for the replica to catch up before the primary answers it.",
    )
    db_host: str | None = setting("db_host", "DB_HOST", default=None, about="PostgreSQL host.")
    db_port: int = setting("db_port", "DB_PORT", default=5432, about="PostgreSQL port.")
    db_username: str = setting("db_username", "DB_USERNAME", default="postgres", about="PostgreSQL user.")
    db_password: SecretStr = setting(
        "db_password", "DB_PASSWORD", default=SecretStr(""), about="PostgreSQL password."
    )
    db_database: str = setting("db_database", "DB_DATABASE", default="zoudb", about="PostgreSQL database.")
    db_pool_size: int = setting(
        "db_pool_size", "DB_POOL_SIZE", "BD_POOL_SIZE", default=10, about="Connections kept open per process."
    )
    db_max_overflow: int = setting(
        "db_max_overflow",
        "DB_MAX_OVERFLOW",
        default=10,
        about="Connections opened above the pool's size, and closed after a minute without use.",
    )
    db_pool_recycle: int = setting(
        "db_pool_recycle",
        "DB_POOL_RECYCLE",
        default=3600,
        about="Seconds after which a connection is renewed.",
    )
    db_pool_pre_ping: bool = setting(
        "db_pool_pre_ping",
        "DB_POOL_PRE_PING",
        default=False,
        about="Test a connection before its use (one more round trip); for networks that drop idle ones.",
    )
    db_pool_timeout: float = setting(
        "db_pool_timeout", default=10.0, about="Seconds to wait for a free connection before a 503."
    )
    db_statement_timeout: int = setting(
        "db_statement_timeout", default=60_000, about="Milliseconds after which PostgreSQL ends a statement."
    )
    redis_url: str | None = setting(
        "redis_url",
        "REDIS_URL",
        default=None,
        about="Valkey or Redis URL. When absent, KV_HOST is used, else the embedded server.",
    )
    kv_host: str | None = setting("kv_host", "KV_HOST", default=None, about="Valkey or Redis host.")
    kv_port: int = setting("kv_port", "KV_PORT", default=6379, about="Valkey or Redis port.")
    kv_password: SecretStr = setting(
        "kv_password", "KV_PASSWORD", default=SecretStr(""), about="Valkey or Redis password."
    )
    preview_folder: Path | None = setting(
        "preview_folder",
        "PREVIEW_FOLDER",
        "THUMBNAIL_FOLDER",
        default=None,
        about="Folder of uploaded files when they lie on the local disk; default `previews` in DATA_DIR.",
    )

    @property
    def postgres_url(self) -> str | None:
        """The database's URL for asyncpg through SQLAlchemy; None when nothing says where it is."""
        if self.database_url:
            return _for_asyncpg(self.database_url)
        if self.db_host:
            password = quote(self.db_password.get_secret_value(), safe="")
            user = quote(self.db_username, safe="") + (f":{password}" if password else "")
            return f"postgresql+asyncpg://{user}@{self.db_host}:{self.db_port}/{quote(self.db_database)}"
        return None

    @property
    def direct_postgres_url(self) -> str | None:
        """The URL of PostgreSQL itself, for what needs a session of its own; None when nothing says it.

        Behind a pooler that lends connections for a transaction, only DATABASE_DIRECT_URL says it.
        """
        if self.database_direct_url:
            return _for_asyncpg(self.database_direct_url)
        return None if self.db_pooler.startswith("transaction") else self.postgres_url

    @property
    def valkey_url(self) -> str | None:
        """The Valkey URL; None when nothing says where it is."""
        if self.redis_url:
            return self.redis_url
        if self.kv_host:
            password = quote(self.kv_password.get_secret_value(), safe="")
            return f"redis://{':' + password + '@' if password else ''}{self.kv_host}:{self.kv_port}/0"
        return None

    @property
    def previews(self) -> Path:
        """Folder of uploaded files on the local disk."""
        return self.preview_folder or self.data_dir / "previews"
