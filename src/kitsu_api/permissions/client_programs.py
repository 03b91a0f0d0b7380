"""Which program a request comes from, as far as its `User-Agent` says: for people who read the history."""

from __future__ import annotations

import re

BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"))
"""Marks of browsers in the order in which they tell: each also names those that it descends from."""

_PRODUCT = re.compile(r"[A-Za-z][\w. +-]{0,39}", re.ASCII)


def program_of(user_agent: str) -> str:
    """`gazu`, a browser's name, or the name of whatever program it is; `unknown` where nothing is said."""
    if "gazu" in user_agent.lower():
        return "gazu"
    if user_agent.startswith("Mozilla/"):
        named = next((name for mark, name in BROWSERS if mark in user_agent), None)
        return named or ("Safari" if "Safari/" in user_agent else "browser")
    product = _PRODUCT.match(user_agent)
    return product[0].strip() if product else "unknown"
