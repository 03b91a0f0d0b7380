"""Where in a text the words of a search are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher

WORD = re.compile(r"[^\W_]+")
AROUND = 60
"""Characters that are shown before the first word that was found."""

SHOWN = 240
"""Characters of a text that are shown."""

ALIKE = 0.6


def plain(word: str) -> str:
    """A word without accents and case."""
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).lower()


def _hit(word: str, wanted: Sequence[str], *, forgiving: bool) -> int:
    """How many characters of a word were looked for."""
    bare = plain(word)
    for query in wanted:
        if bare.startswith(query):
            # composed letters count once in the text, however many they are without accents
            return len(word) if len(bare) != len(word) else len(query)
        if forgiving and (query in bare or SequenceMatcher(None, query, bare).ratio() >= ALIKE):
            return len(word)
    return 0


def highlight(text: str, words: Sequence[str], *, forgiving: bool) -> tuple[str, list[tuple[int, int]]]:
    """The part of a text that holds the first word found, and where the words are in it: from, to (after).

    The text stays as it is: whoever shows it escapes it.
    """
    wanted = [plain(word) for word in words]
    found = [
        (match.start(), match.start() + length)
        for match in WORD.finditer(text)
        if (length := _hit(match.group(), wanted, forgiving=forgiving))
    ]
    start = max(found[0][0] - AROUND, 0) if found and found[0][0] > SHOWN - AROUND else 0
    shown = text[start : start + SHOWN]
    places = [(first - start, last - start) for first, last in found if last <= start + len(shown)]
    return shown, places
