"""The double of S3, started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.storage.s3 import S3, serving_s3


@pytest.fixture(scope="session")
def running_s3() -> Iterator[S3]:
    with serving_s3() as found:
        yield found


@pytest.fixture
def s3(running_s3: S3) -> S3:
    """An S3 with empty buckets."""
    running_s3.empty()
    return running_s3
