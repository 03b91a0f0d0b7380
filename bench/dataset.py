"""Data of a studio, made by the database itself: the same for everybody who makes it, at any size.

    python -m bench.dataset DATABASE_URL [--scale large]

fills the database of a server that shall be measured beside ours (`make bench PEER=`): it has the tables, and
nothing in them. An id is `id_of("shot", 7)`, so that scenarios know the rows they ask for without looking for them.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg
import bcrypt

SQL = Path(__file__).with_name("dataset.sql")
PASSWORD = "bench-password"  # of people who exist in scratch databases alone


def id_of(kind: str, number: int) -> UUID:
    """The id of the row of this kind and number: the MD5 of both, marked as a random UUID (RFC 9562)."""
    digest = hashlib.md5(f"{kind}:{number}".encode(), usedforsecurity=False).hexdigest()
    return UUID(f"{digest[:12]}4{digest[13:16]}8{digest[17:]}")


@dataclass(frozen=True)
class Scale:
    """How much there is of what, in the production that is measured."""

    shots: int
    people: int
    history: int = 20
    """Comments on all tasks of a shot; previews, events and notifications go with them."""

    @property
    def numbers(self) -> dict[str, int]:
        """The counts that the SQL takes, by name. A shot has 5 tasks."""
        return {
            "shots": self.shots,
            "people": self.people,
            "sequences": max(self.shots // 50, 1),
            "episodes": max(self.shots // 1000, 1),
            "assets": max(self.shots * 3 // 10, 10),
            "comments": self.shots * self.history,
            "previews": self.shots * max(self.history // 2, 5),
            "events": self.shots * self.history * 5 // 2,
            "notifications": self.shots * self.history // 2,
            "playlists": 50,
        }


SCALES = {"small": Scale(500, 40), "large": Scale(10_000, 200)}
"""`large` is a feature film or a season of a series; `small` a short, to see whether everything runs."""


async def fill(url: str, scale: Scale) -> float:
    """Fill a migrated, empty database; the seconds that it took."""
    began = time.perf_counter()
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(12)).decode()
        await connection.execute("SELECT set_config('bench.password', $1, false)", hashed)
        for name, number in scale.numbers.items():
            await connection.execute(f"SET bench.{name} = '{int(number)}'")
        await connection.execute(SQL.read_text())
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return time.perf_counter() - began


def sized(scale: str) -> Scale:
    """The scale of a name, or of a number of shots; after `light-` with a tenth of the history.

    Raises:
        ValueError: it is neither.
    """
    if scale in SCALES:
        return SCALES[scale]
    light = scale.startswith("light-")
    return Scale(int(scale.removeprefix("light-")), 200, history=2 if light else 20)


def main() -> None:
    """Fill the database that the command line names."""
    cli = argparse.ArgumentParser(prog="python -m bench.dataset", description="Fill a database for a bench.")
    cli.add_argument("url", help="of a database that has the tables, and nothing in them")
    cli.add_argument("--scale", default="small", help="small, large, or a number of shots")
    arguments = cli.parse_args()
    seconds = asyncio.run(fill(arguments.url, sized(arguments.scale)))
    print(f"The data set {arguments.scale} was made in {seconds:.0f} s.")


if __name__ == "__main__":
    main()
