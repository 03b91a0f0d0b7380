"""python -m supply.advisories FOLDER LOCK_FILE…: known holes in what lock files name, with no network.

FOLDER holds advisories for PyPI in the format of OSV (https://ossf.github.io/osv-schema/): a file of JSON
each, or the `all.zip` that osv.dev publishes. Exit code 0: none is known; 1: some are; 2: nothing could be
compared.
"""

from __future__ import annotations

import argparse
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

COMPARED = {"ECOSYSTEM", "SEMVER"}
"""Kinds of ranges that name versions; the others name commits."""

FIRST = "0"
"""In a range: from the first version on."""


class Unreadable(Exception):
    """What was given can't be compared; the text says why."""


@dataclass(frozen=True)
class Locked:
    """A package of a lock file."""

    name: str
    version: Version
    file: Path


@dataclass(frozen=True)
class Hole:
    """An advisory that speaks of a version that is locked."""

    id: str
    aliases: tuple[str, ...]
    package: Locked
    summary: str
    mended_in: tuple[str, ...]

    def __str__(self) -> str:
        names = ", ".join((self.id, *self.aliases))
        mended = f"mended in {', '.join(self.mended_in)}" if self.mended_in else "not mended yet"
        found = f"{self.package.name} {self.package.version} ({self.package.file})"
        return f"{found}: {names}, {mended}: {self.summary}"


def locked_in(file: Path) -> Iterator[Locked]:
    """The packages of a lock file.

    Raises:
        Unreadable: a line names no version.
    """
    text = re.sub(r"\\\n", " ", file.read_text())
    for line in text.splitlines():
        named = re.split(r"\s--hash|\s#", line)[0].strip()
        if not named or named.startswith(("#", "-")):
            continue
        try:
            requirement = Requirement(named)
            (pin,) = requirement.specifier
            if pin.operator != "==":
                raise ValueError
            yield Locked(canonicalize_name(requirement.name), Version(pin.version), file)
        except (InvalidRequirement, InvalidVersion, ValueError):
            raise Unreadable(f"{file} does not say which version: {named}") from None


def _texts(source: Path) -> Iterator[tuple[str, bytes]]:
    archives = [source] if source.is_file() else sorted(source.rglob("*.zip"))
    for archive in archives:
        try:
            with zipfile.ZipFile(archive) as opened:
                for name in opened.namelist():
                    if name.endswith(".json"):
                        yield f"{archive}: {name}", opened.read(name)
        except zipfile.BadZipFile:
            raise Unreadable(f"{archive} is no ZIP archive.") from None
    if source.is_dir():
        for path in sorted(source.rglob("*.json")):
            yield str(path), path.read_bytes()


def advisories_in(source: Path) -> Iterator[dict[str, Any]]:
    """The advisories of a folder or an archive, without those that were withdrawn.

    Raises:
        Unreadable: there is no such thing, or one of its files is no advisory.
    """
    if not source.exists():
        raise Unreadable(f"There is no {source}.")
    for name, text in _texts(source):
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if not isinstance(found, dict) or not isinstance(found.get("id"), str):
            raise Unreadable(f"{name} is no advisory.")
        if not found.get("withdrawn"):
            yield found


def _place(text: str) -> Version | None:
    """A place in a range; None for the very first, and for what is no version of Python's packages."""
    try:
        return None if text == FIRST else Version(text)
    except InvalidVersion:
        return None


def _in_range(version: Version, events: list[dict[str, str]]) -> bool:
    """Whether a version lies in a range: the last event at or before it decides."""
    inside = False
    ordered = sorted(
        ((_place(text), kind) for event in events for kind, text in event.items()),
        key=lambda one: (one[0] is not None, one[0] or Version("0"), one[1] != "fixed"),
    )
    for place, kind in ordered:
        if kind == "introduced" and (place is None or version >= place):
            inside = True
        elif place is None:
            continue
        elif (kind == "fixed" and version >= place) or (kind == "last_affected" and version > place):
            inside = False
    return inside


def _speaks_of(affected: dict[str, Any], version: Version) -> bool:
    """Whether a part of an advisory, which is about the package, is about this version."""
    listed = {_place(text) for text in affected.get("versions", [])}
    ranges = [one["events"] for one in affected.get("ranges", []) if one.get("type") in COMPARED]
    return version in listed or any(_in_range(version, events) for events in ranges)


def _mended_in(affected: dict[str, Any]) -> Iterator[str]:
    for one in affected.get("ranges", []):
        if one.get("type") in COMPARED:
            yield from (event["fixed"] for event in one["events"] if "fixed" in event)


def holes(packages: Iterable[Locked], advisories: Iterable[dict[str, Any]]) -> list[Hole]:
    """What the advisories say of the packages."""
    known: dict[str, list[Locked]] = {}
    for package in packages:
        known.setdefault(package.name, []).append(package)
    found = []
    for advisory in advisories:
        for affected in advisory.get("affected", []):
            about = affected.get("package", {})
            if about.get("ecosystem") != "PyPI":
                continue
            for package in known.get(canonicalize_name(about.get("name", "")), []):
                if _speaks_of(affected, package.version):
                    summary = str(advisory.get("summary") or advisory.get("details") or "").split("\n")[0]
                    aliases = tuple(sorted(advisory.get("aliases", [])))
                    mended = tuple(dict.fromkeys(_mended_in(affected)))
                    found.append(Hole(advisory["id"], aliases, package, summary[:200], mended))
    return sorted(set(found), key=lambda hole: (hole.package.name, hole.id))


def main(arguments: list[str] | None = None) -> int:
    """Compare, and tell."""
    parser = argparse.ArgumentParser(prog="python -m supply.advisories", description=__doc__)
    parser.add_argument("advisories", type=Path)
    parser.add_argument("lock_files", type=Path, nargs="+")
    parser.add_argument(
        "--ignore", action="append", default=[], help="the id of an advisory that was looked at"
    )
    given = parser.parse_args(arguments)
    try:
        packages = [package for file in given.lock_files for package in locked_in(file)]
        advisories = list(advisories_in(given.advisories))
    except Unreadable as error:
        print(error)
        return 2
    about_pypi = [
        one
        for one in advisories
        if any(part.get("package", {}).get("ecosystem") == "PyPI" for part in one.get("affected", []))
    ]
    if not about_pypi:
        print(f"There are no advisories for PyPI in {given.advisories}.")
        return 2
    ignored = set(given.ignore)
    found = [hole for hole in holes(packages, about_pypi) if not {hole.id, *hole.aliases} & ignored]
    newest = max(str(one.get("modified", "")) for one in about_pypi)[:10]
    for hole in found:
        print(hole)
    compared = f"{len(packages)} locked packages, {len(about_pypi)} advisories, the newest of {newest}"
    print(f"{compared}: {len(found)} holes.")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
