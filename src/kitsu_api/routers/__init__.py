"""HTTP: parse, guard, call, answer."""

from kitsu_api.lean import share

share()
