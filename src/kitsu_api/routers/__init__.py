"""HTTP: parse, guard, call, answer."""
