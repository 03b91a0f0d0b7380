"""What ``kitsu-api doctor`` looks at."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from kitsu_api.settings import Settings

if TYPE_CHECKING:
    from kitsu_api.storage.files import Bucket

OLDEST_POSTGRES = 150_000
"""PostgreSQL 15, as ``server_version_num`` counts."""
PATIENCE = 5.0
"""Seconds to wait for a server."""


@dataclass(frozen=True)
class Finding:
    """One line of the report: what is so, and what to do where it is not well."""

    state: Literal["ok", "warn", "fail"]
    about: str
    text: str


async def examine(settings: Settings) -> list[Finding]:
    """All findings, in the order of the report. Never raises."""
    checks: list[tuple[str, Callable[[Settings], Awaitable[Finding]]]] = [
        ("secret key", _secret_key),
        ("PostgreSQL", _postgres),
        ("pooler", _pooler),
        ("replica", _replica),
        ("migrations", _migrations),
        ("Valkey", _valkey),
        ("storage", _storage),
        ("mail", _mail),
        ("media", _media),
    ]
    return list(await asyncio.gather(*(_guarded(name, check, settings) for name, check in checks)))


async def _guarded(name: str, check: Callable[[Settings], Awaitable[Finding]], settings: Settings) -> Finding:
    """A check that broke is a finding as well."""
    try:
        return await check(settings)
    except Exception as error:
        return Finding("fail", name, f"{type(error).__name__}: {error}")


async def _secret_key(settings: Settings) -> Finding:
    if settings.secret_key is None:
        return Finding(
            "warn", "secret key", "SECRET_KEY is not set; `serve` needs one, `up` makes and keeps its own."
        )
    return Finding("ok", "secret key", "set")


async def _connect(url: str) -> Any:
    """A connection of asyncpg, in a way that a pooler understands too."""
    import asyncpg

    plain = url.replace("postgresql+asyncpg://", "postgresql://", 1)
    return await asyncpg.connect(plain, timeout=PATIENCE, statement_cache_size=0)


def _refused(error: BaseException) -> str:
    reason = f"no answer within {PATIENCE:.0f} s" if isinstance(error, TimeoutError) else str(error)
    return f"can't connect ({reason or type(error).__name__})"


async def _postgres(settings: Settings) -> Finding:
    import asyncpg

    if settings.postgres_url is None:
        return Finding("warn", "PostgreSQL", "DATABASE_URL is not set; `up` starts the bundled server.")
    try:
        connection = await _connect(settings.postgres_url)
    except (OSError, TimeoutError, asyncpg.PostgresError, ValueError) as error:
        return Finding("fail", "PostgreSQL", f"{_refused(error)}. Check DATABASE_URL and that it runs.")
    try:
        number = int(await connection.fetchval("show server_version_num"))
        release = await connection.fetchval("show server_version")
    finally:
        await connection.close()
    if number < OLDEST_POSTGRES:
        return Finding("fail", "PostgreSQL", f"release {release} is too old; 15 or later is needed.")
    return Finding("ok", "PostgreSQL", f"release {release}")


async def _pooler(settings: Settings) -> Finding:
    """Whether a pooler is where the settings say that one is, and what is left to be told to PostgreSQL."""
    import asyncpg

    if settings.postgres_url is None:
        return Finding("ok", "pooler", "not looked for, since no database is named.")
    try:
        connection = await _connect(settings.postgres_url)
    except (OSError, TimeoutError, asyncpg.PostgresError, ValueError):
        return Finding("warn", "pooler", "not looked for, since PostgreSQL can't be reached.")
    try:
        # a pooler makes up the process id that it tells its clients
        pooled = await connection.fetchval("SELECT pg_backend_pid()") != connection.get_server_pid()
        differing = await _differing_habits(connection, settings)
    finally:
        await connection.close()
    if not pooled:
        if settings.db_pooler == "none":
            return Finding("ok", "pooler", "none (DB_POOLER)")
        return Finding("warn", "pooler", "DB_POOLER is set, but DATABASE_URL is no pooler's: unset it.")
    if settings.db_pooler == "none":
        return Finding("fail", "pooler", "DATABASE_URL is a pooler's: set DB_POOLER (docs/operations.md).")
    if settings.direct_postgres_url is None:
        return Finding("warn", "pooler", "set DATABASE_DIRECT_URL for migrations, backups and copies.")
    if differing:
        orders = " ".join(f"ALTER ROLE … SET {name} = '{value}';" for name, value in differing.items())
        return Finding("warn", "pooler", f"connections have other settings; as an administrator: {orders}")
    return Finding("ok", "pooler", f"lends connections by the {settings.db_pooler.partition('-')[0]}")


async def _differing_habits(connection: Any, settings: Settings) -> dict[str, str]:
    """What connections should be set to, and are not."""
    from kitsu_api.db.engine import habits

    differing = {}
    for name, value in habits(settings).items():
        now = await connection.fetchval("SELECT current_setting($1)", name)
        # as PostgreSQL writes it, with a unit of its choice; forgotten when the statement ends
        if now != await connection.fetchval("SELECT set_config($1, $2, true)", name, value):
            differing[name] = value
    return differing


async def _replica(settings: Settings) -> Finding:
    import asyncpg

    if settings.database_replica_url is None:
        return Finding("ok", "replica", "none (DATABASE_REPLICA_URL); the primary answers everything")
    try:
        connection = await _connect(settings.database_replica_url)
    except (OSError, TimeoutError, asyncpg.PostgresError, ValueError) as error:
        return Finding("fail", "replica", f"{_refused(error)}. Check DATABASE_REPLICA_URL.")
    try:
        follows = await connection.fetchval("SELECT pg_is_in_recovery()")
        # without new commits the last one grows old, and the replica has all the same replayed everything
        behind = await connection.fetchval(
            "SELECT CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0"
            " ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END"
        )
    finally:
        await connection.close()
    if not follows:
        return Finding("fail", "replica", "this server follows no other; name a streaming replica.")
    return Finding("ok", "replica", f"follows, {float(behind or 0):.1f} s behind")


async def _migrations(settings: Settings) -> Finding:
    if settings.postgres_url is None:
        return Finding("warn", "migrations", "not looked at, since no database is named.")
    if settings.direct_postgres_url is None:
        return Finding("warn", "migrations", "not looked at, since DATABASE_DIRECT_URL is not set.")
    from kitsu_api.db import migrations

    try:
        problems = await asyncio.to_thread(migrations.check, settings.direct_postgres_url)
    except OSError:
        return Finding("fail", "migrations", "not looked at, since PostgreSQL can't be reached.")
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        return Finding("fail", "migrations", f"{problems[0]}{more}. Run `kitsu-api db upgrade`.")
    return Finding("ok", "migrations", "current")


async def _valkey(settings: Settings) -> Finding:
    from redis import asyncio as redis
    from redis.exceptions import RedisError

    if settings.valkey_url is None:
        return Finding("warn", "Valkey", "REDIS_URL is not set; `up` starts the bundled server.")
    # the client is typed, its constructor from a URL is not
    client: redis.Redis = redis.from_url(  # type: ignore[no-untyped-call]
        settings.valkey_url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE, decode_responses=True
    )
    try:
        server = await client.info("server")
        policy = (await client.info("memory")).get("maxmemory_policy", "noeviction")
    except (RedisError, OSError) as error:
        return Finding("fail", "Valkey", f"can't connect ({error}). Check REDIS_URL and that it runs.")
    finally:
        await client.aclose()
    release = server.get("valkey_version") or server.get("redis_version")
    if policy != "noeviction":
        return Finding(
            "warn",
            "Valkey",
            f"{release} drops entries when full ({policy}): set maxmemory-policy noeviction.",
        )
    return Finding("ok", "Valkey", f"release {release}")


async def _object_store(settings: Settings) -> Finding:
    """Whether each bucket takes a file, and lets it go."""
    from kitsu_api.storage.files import FileStorage, MissingBucket, StoreFailure

    storage, id = FileStorage(settings), uuid4()
    buckets: tuple[Bucket, ...] = ("files", "movies", "pictures")
    for bucket in buckets:
        name = f"{settings.fs_bucket_prefix}{bucket}"
        try:
            async with asyncio.timeout(PATIENCE):
                await storage.put(bucket, "doctor", id, BytesIO(b"doctor"))
                await storage.delete(bucket, "doctor", id)
        except MissingBucket:
            return Finding("fail", "storage", f"there is no bucket {name}. Make it, or set FS_BUCKET_PREFIX.")
        except TimeoutError:
            said = f"the object store does not answer within {PATIENCE:.0f} s. Check FS_S3_ENDPOINT."
            return Finding("fail", "storage", said)
        except StoreFailure:
            said = f"the bucket {name} can't be written. Check FS_S3_ENDPOINT and the rights of the key."
            return Finding("fail", "storage", said)
    return Finding("ok", "storage", "the buckets of the object store can be written")


async def _storage(settings: Settings) -> Finding:
    if settings.fs_backend != "local":
        return await _object_store(settings)
    folder = settings.previews
    nearest = folder
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    try:
        with tempfile.NamedTemporaryFile(dir=nearest):
            room = os.statvfs(nearest)
    except OSError as error:
        return Finding(
            "fail", "storage", f"{folder} can't be written ({error.strerror}). Give this user the right to."
        )
    gigabytes = room.f_bavail * room.f_frsize / 1e9
    if gigabytes < 1:
        return Finding("warn", "storage", f"{folder} has only {gigabytes:.1f} GB left.")
    return Finding("ok", "storage", f"{folder} can be written, {gigabytes:.0f} GB free")


async def _mail(settings: Settings) -> Finding:
    if not settings.mail_enabled:
        return Finding("ok", "mail", "turned off (MAIL_ENABLED)")
    if settings.mail_to_log:
        return Finding("ok", "mail", "printed to the log (KITSU_MAIL_TO_LOG)")
    where = f"{settings.mail_server}:{settings.mail_port}"
    try:
        _, writer = await asyncio.wait_for(
            asyncio.open_connection(settings.mail_server, settings.mail_port), PATIENCE
        )
    except (OSError, TimeoutError) as error:
        reason = error or "no answer in time"
        return Finding("warn", "mail", f"{where} can't be reached ({reason}). Set MAIL_SERVER and MAIL_PORT.")
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return Finding("ok", "mail", f"{where} takes connections")


async def _media(settings: Settings) -> Finding:
    import av
    from PIL import features

    lacking = [f"encoder {name}" for name in ("libx264", "png") if not _has_codec(name, "w")]
    lacking += [f"decoder {name}" for name in ("h264", "prores", "exr") if not _has_codec(name, "r")]
    lacking += [f"pictures in {name}" for name in ("jpg", "zlib", "webp") if not features.check(name)]
    if lacking:
        return Finding("fail", "media", f"missing: {', '.join(lacking)}. Reinstall av and pillow.")
    return Finding("ok", "media", f"PyAV {av.__version__} with H.264, and Pillow")


def _has_codec(name: str, mode: Literal["r", "w"]) -> bool:
    """Whether PyAV can read or write it."""
    import av

    try:
        av.Codec(name, mode)
    except ValueError:  # av's UnknownCodecError
        return False
    return True
