"""The modules that open movies, loaded at their first use: the libraries behind them take 16 MB, and most
processes that answer requests never see a movie."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kitsu_api.media import high_range, joining, movies, probing, tiles
else:

    class _Later:
        """Stands for a module until something of it is wanted."""

        def __init__(self, name: str) -> None:
            self._name = f"kitsu_api.media.{name}"

        def __getattr__(self, name: str) -> Any:
            return getattr(import_module(self._name), name)

    high_range, joining, movies = _Later("high_range"), _Later("joining"), _Later("movies")
    probing, tiles = _Later("probing"), _Later("tiles")

__all__ = ["high_range", "joining", "movies", "probing", "tiles"]
