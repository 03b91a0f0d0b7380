"""Naming conventions of clips: `${project_name}_${sequence_name}-${shot_name}`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import Template

from kitsu_api.errors import BadRequest

KNOWN = ("project_name", "episode_name", "sequence_name", "shot_name")
LONGEST = 160
"""Characters of the name of an entity."""

INK = r"[^\s\x00-\x1f\x7f]"
"""What names begin and end with."""

LONGEST_CONVENTION = 500
LONGEST_CLIP = 400
ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,4}")
"""What files end with: `.mp4`."""


@dataclass(frozen=True)
class ShotName:
    """What the name of a clip says. The episode is None where the convention doesn't name it."""

    sequence: str
    shot: str
    episode: str | None = None


class NamingConvention:
    """Reads names of clips; names that are given have to stand there literally.

    Raises:
        BadRequest: it names something else than production, episode, sequence and shot, or not the last two.
    """

    def __init__(self, text: str, *, match_case: bool, **given: str | None) -> None:
        self.text = text
        pattern = _pattern(text, {name: value for name, value in given.items() if value is not None})
        self._pattern = re.compile(pattern, 0 if match_case else re.IGNORECASE)

    def read(self, clip: str) -> ShotName | None:
        """What the name of a clip says, with or without the ending of a file; None when it is another's."""
        clip = clip.strip()
        if len(clip) > LONGEST_CLIP:
            return None
        stem = clip[: match.start()] if (match := _ending(clip)) else clip
        found = self._pattern.fullmatch(stem) or self._pattern.fullmatch(clip)
        if found is None:
            return None
        names = found.groupdict()
        return ShotName(names["sequence_name"], names["shot_name"], names.get("episode_name"))


def _ending(clip: str) -> re.Match[str] | None:
    at = clip.rfind(".")
    return ENDING.fullmatch(clip, at) if at > 0 else None


def _pattern(text: str, given: dict[str, str]) -> str:
    if len(text) > LONGEST_CONVENTION:
        raise BadRequest(f"The naming convention is longer than {LONGEST_CONVENTION} characters.")
    parts: list[str] = []
    used: set[str] = set()
    end, after_variable = 0, False
    for match in Template.pattern.finditer(text):
        literal = text[end : match.start()]
        end = match.end()
        parts.append(re.escape(literal))
        if match["escaped"] is not None:
            parts.append(re.escape("$"))
            after_variable = False
            continue
        name = match["named"] or match["braced"]
        if name not in KNOWN or name in used:
            known = ", ".join(f"${{{known}}}" for known in KNOWN)
            raise BadRequest(f"naming_convention may hold {known}, each once, and $$ for a dollar sign.")
        used.add(name)
        if name in given:
            parts.append(re.escape(given[name]))
            after_variable = False
            continue
        if after_variable and not literal:
            raise BadRequest("naming_convention needs characters between two names, to tell them apart.")
        parts.append(rf"(?P<{name}>{INK}(?:[^\x00-\x1f\x7f]{{0,{LONGEST - 2}}}?{INK})??)")
        after_variable = True
    if not {"sequence_name", "shot_name"} <= used:
        raise BadRequest("naming_convention has to hold ${sequence_name} and ${shot_name}.")
    return "".join(parts) + re.escape(text[end:])
