"""Modules that are loaded when something of them is first wanted."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


class Later(ModuleType):
    """Stands for a module of this name until something of it is wanted."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or sys.modules.get(self.__name__) is self:
            # the import system itself asks, or a library that would load it at once
            raise AttributeError(name)
        return getattr(import_module(self.__name__), name)
