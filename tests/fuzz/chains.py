"""Chains of made-up requests: what is created can be read, changed, read again and deleted, and is gone then.

The links are found in the document: a POST on a list, and GET, PUT and DELETE on the same path with an id.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.fuzz.operations import BASE, POSITIVE, Caller, requests_to


@dataclass
class Chain:
    """The operations on one kind of row."""

    path: str
    create: Any
    item: str
    verbs: dict[str, Any] = field(default_factory=dict)


def chains_of(operations: list[Any]) -> list[Chain]:
    """The kinds of rows that are created, read and deleted by made-up requests."""
    by_path: dict[str, dict[str, Any]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, {})[operation.method.upper()] = operation
    found = []
    for path, verbs in sorted(by_path.items()):
        below = [
            other
            for other in by_path
            if other.startswith(f"{path}/{{") and other.count("/") == path.count("/") + 1
        ]
        for item in below:
            if "POST" in verbs and {"GET", "DELETE"} <= by_path[item].keys() and "{" not in path:
                found.append(Chain(path, verbs["POST"], item, by_path[item]))
    return found


class Follower:
    """Follows chains as an admin, and notes where they break."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.followed = 0
        self.finished: set[str] = set()

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = self.caller.studio.headers("admin")
        return self.caller.client.request(method, f"{BASE}{path}", json=body, headers=headers)

    def follow(self, chain: Chain, examples: int, start: int) -> None:
        """Create rows, and go through their lives."""
        for case in requests_to(chain.create, POSITIVE, examples, start):
            answer = self.caller.send("admin", case, POSITIVE)
            if answer is None or answer.status_code != 201:
                continue
            made = answer.json()
            if not isinstance(made, dict) or "id" not in made:
                continue
            self.followed += 1
            told = self._live(chain, made, start)
            if told is None:
                self.finished.add(chain.path)
            else:
                label = f"{chain.path}: created, read, changed, deleted"
                shown = f"{told}\n    {case.as_curl_command()}"
                self.caller.findings.faults.setdefault(label, shown)

    def _live(self, chain: Chain, made: dict[str, Any], start: int) -> str | None:
        name = chain.item.rpartition("/")[2]
        item = chain.item.replace(name, str(made["id"]))
        read = self._ask("GET", item)
        if read.status_code != 200 or read.json().get("id") != made["id"]:
            return f"what was created is answered with {read.status_code}"
        if "PUT" in chain.verbs:
            for change in requests_to(chain.verbs["PUT"], POSITIVE, 2, start):
                changed = self._ask("PUT", item, change.body if isinstance(change.body, dict) else {})
                if changed.status_code >= 500:
                    return f"a change is answered with {changed.status_code}"
                if changed.status_code == 200 and not self._kept(item, changed.json()):
                    return "what a change answered is not what is read afterwards"
        gone = self._ask("DELETE", item)
        if gone.status_code >= 500:
            return f"deleting is answered with {gone.status_code}"
        if gone.status_code == 204 and self._ask("GET", item).status_code != 404:
            return "what was deleted is still there"
        return None

    def _kept(self, item: str, answered: dict[str, Any]) -> bool:
        """Whether what a change answered is what is stored, as far as both tell of it."""
        read = self._ask("GET", item)
        if read.status_code != 200:
            return False
        stored = read.json()
        return all(stored[key] == value for key, value in answered.items() if key in stored)
