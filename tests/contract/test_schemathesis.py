"""Made-up requests to every operation of the document: no input may bring the server to a 500.

The requests are the same in every run. Ids are those of stored rows half of the time. `make fuzz` tries more.
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from schemathesis.python.asgi import shutdown_lifespans

from kitsu_api.app import create_app
from tests.conftest import make_settings
from tests.contract.document import DOCUMENT
from tests.fuzz.operations import (
    NEGATIVE,
    POSITIVE,
    Findings,
    Studio,
    calling,
    operations_of,
    requests_to,
    settle,
)

SEED = 20261123
EXAMPLES = {POSITIVE: 2, NEGATIVE: 1}
"""Making requests up takes four fifths of the time, so that each is made once and sent by everybody."""


@pytest.fixture
async def studio(tmp_path: Path, migrated_database: str, valkey_url: str) -> AsyncIterator[Studio]:
    """A studio with rows of every kind, whose ids made-up requests name."""
    configuration = make_settings(tmp_path, migrated_database, valkey_url)
    app = create_app(configuration)
    app.openapi_schema = DOCUMENT  # made once in a process: it takes seconds
    yield await settle(app, configuration)
    await asyncio.to_thread(shutdown_lifespans)


def try_everything(studio: Studio) -> Findings:
    """Send what is made up for each operation as an admin, and one request that is as the document says as an
    artist, too."""
    findings = Findings()
    with calling(studio, findings) as caller:
        for operation in operations_of(studio.app):
            for mode, number in EXAMPLES.items():
                cases = requests_to(operation, mode, number, SEED)
                if mode is POSITIVE and cases:
                    caller.send("user", cases[-1], mode)
                for case in cases:
                    caller.send("admin", case, mode)
        shut_out = [role for role in ("admin", "user") if not caller.still_there(role)]
    assert not shut_out, "They were shut out on the way, so nothing was tried."
    return findings


def test_made_up_requests_find_no_fault_of_the_server(studio: Studio) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        findings = try_everything(studio)
    assert not findings.faults, "\n\n".join(findings.told())
    everything = {operation.label for operation in operations_of(studio.app)}
    assert len(findings.operations) > 0.98 * len(everything), everything - findings.operations
