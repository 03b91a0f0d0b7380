"""Writes the OpenAPI document as servers give it to the standard output."""

from __future__ import annotations

import gc
import sys

import orjson


def main() -> None:
    """Write it. It depends on no installation, so that neither settings nor a key are needed."""
    gc.disable()  # it would walk again and again over what is all needed to the end
    from kitsu_api.app import create_app
    from kitsu_api.settings import Settings

    sys.stdout.buffer.write(orjson.dumps(create_app(Settings.model_construct()).openapi()))


if __name__ == "__main__":
    main()
