"""`python -m tests.fuzz --minutes 10`: hostile input for as long as there is time; exit code 1 if any of it
found a fault.

Every run tries something else, unless `--seed` says what an earlier one did. What is found becomes a test.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import random
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

from schemathesis.python.asgi import shutdown_lifespans

from kitsu_api.app import create_app
from tests.conftest import make_settings
from tests.fuzz import parsers, uploads
from tests.fuzz.chains import Follower, chains_of
from tests.fuzz.operations import (
    NEGATIVE,
    POSITIVE,
    ROLES,
    Caller,
    Findings,
    Studio,
    calling,
    name_rows,
    operations_of,
    requests_to,
    settle,
)
from tests.fuzz.properties import Property
from tests.servers import TEMPLATE, Servers, run_sql

SHARES = {"operations": 0.6, "chains": 0.14, "parsers": 0.13, "uploads": 0.13}
"""How the time is divided."""

ROUND = 100
"""Examples of a property before another one has its turn."""


def say(text: str) -> None:
    """Tell how far it is."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextlib.contextmanager
def studio() -> Iterator[Studio]:
    """A studio on servers of its own."""
    servers = Servers()
    try:
        addresses = servers.addresses()
        run_sql(addresses.postgres, f"CREATE DATABASE fuzz TEMPLATE {TEMPLATE}")
        with tempfile.TemporaryDirectory(prefix="kitsu-fuzz-") as folder:
            configuration = make_settings(Path(folder), addresses.database("fuzz"), addresses.valkey)
            yield asyncio.run(settle(create_app(configuration), configuration))
            shutdown_lifespans()
    finally:
        servers.stop()


def try_operations(caller: Caller, until: float, dice: random.Random) -> int:
    """Send made-up requests as everybody until the time is over, and until all operations had a turn, however
    slow the machine is; how often all had one."""
    operations, rounds = operations_of(caller.studio.app), 0
    while True:
        for operation in operations:
            if rounds and time.monotonic() > until:
                return rounds
            # everything once before anything twice
            for mode, number in ((POSITIVE, 1 + 2 * (rounds > 0)), (NEGATIVE, 1 + (rounds > 0))):
                for case in requests_to(operation, mode, number, dice.getrandbits(32)):
                    for role in ROLES:
                        caller.send(role, case, mode)
            # an operation may have taken somebody's account away
            if not caller.still_there("admin"):
                caller.studio = asyncio.run(settle(caller.studio.app, caller.studio.settings))
        rounds += 1
        dice.shuffle(operations)


def follow_chains(caller: Caller, until: float, dice: random.Random) -> Follower:
    """Follow rows from their creation to their end until the time is over."""
    follower, chains = Follower(caller), chains_of(operations_of(caller.studio.app))
    name_rows(caller.studio.stored)
    while True:
        for chain in chains:
            if time.monotonic() > until:
                return follower
            follower.follow(chain, 4, dice.getrandbits(32))


def try_properties(
    properties: Mapping[str, Property], until: float, dice: random.Random, faults: dict[str, str]
) -> dict[str, int]:
    """Try properties in turn until the time is over; how many examples each had."""
    tried = dict.fromkeys(properties, 0)
    while time.monotonic() < until:
        for name, check in properties.items():
            if name in faults or time.monotonic() > until:
                continue
            try:
                check.run(ROUND, dice.getrandbits(32))
            except Exception:
                faults[name] = traceback.format_exc(limit=-4)
            tried[name] += ROUND
        if len(faults) >= len(properties):
            break
    return tried


def end_of(part: str, minutes: float) -> float:
    """When a part that begins now has had its share of the time."""
    return time.monotonic() + 60 * minutes * SHARES[part]


def run(minutes: float, number: int) -> dict[str, str]:
    """Try everything; what was found."""
    dice, findings, faults = random.Random(number), Findings(), dict[str, str]()
    with studio() as scene, calling(scene, findings) as caller:
        rounds = try_operations(caller, end_of("operations", minutes), dice)
        follower = follow_chains(caller, end_of("chains", minutes), dice)
        everything = len(operations_of(scene.app))
    faults |= findings.faults
    say(f"operations: {len(findings.operations)} of {everything} tried, {rounds} whole rounds;")
    say(f"  {len(findings.succeeded)} of them answered with success at least once;")
    say(f"  requests: {', '.join(f'{role} {findings.tried[role]}' for role in ROLES)};")
    say(
        f"  answers: {', '.join(f'{status} {count}' for status, count in sorted(findings.statuses.items()))}."
    )
    say(f"chains: {follower.followed} rows followed to their end, of {len(follower.finished)} kinds.")
    for title, properties in (("parsers", parsers.PROPERTIES), ("uploads", uploads.PROPERTIES)):
        tried = try_properties(properties, end_of(title, minutes), dice, faults)
        say(f"{title}: {', '.join(f'{name} {count}' for name, count in tried.items())} examples.")
    return faults


def main() -> int:
    """Read the arguments, run, and tell what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=None, help="what an earlier run told, to try the same")
    arguments = parser.parse_args()
    number = random.SystemRandom().getrandbits(32) if arguments.seed is None else arguments.seed
    say(f"seed {number}, {arguments.minutes:g} minutes")
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    faults = run(arguments.minutes, number)
    for name, told in faults.items():
        say(f"\n=== {name}\n{told}")
    say(f"\n{len(faults)} faults of the server.")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
