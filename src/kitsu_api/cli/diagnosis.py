"""Commands that tell how things are: ``openapi`` and ``doctor``."""

from __future__ import annotations

import asyncio
import sys

import typer

from kitsu_api.cli.progress import AsJson, show


def openapi() -> None:
    """Print the OpenAPI document as JSON, keys sorted, so that two versions can be compared."""
    import json

    from kitsu_api.app import create_app
    from kitsu_api.settings import Settings

    # the document depends on no installation, so neither does the key
    settings = Settings(secret_key="only-for-the-document-" + "-" * 32)
    document = create_app(settings).openapi()
    sys.stdout.write(json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def doctor(json: AsJson = False) -> None:
    """Check PostgreSQL, Valkey, storage, migrations, mail and media, and say what to mend."""
    from pydantic import ValidationError

    from kitsu_api.cli.checks import examine
    from kitsu_api.cli.failure import fail
    from kitsu_api.settings import Settings

    try:
        settings = Settings()
    except ValidationError as error:
        # a validation error shows what was given, which may be a secret
        fail("\n".join(f"fail  settings: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()))
    findings = asyncio.run(examine(settings))
    if json:
        show([vars(finding) for finding in findings], json)
    else:
        for finding in findings:
            typer.echo(f"{finding.state:5} {finding.about}: {finding.text}")
    if any(finding.state == "fail" for finding in findings):
        raise typer.Exit(1)
