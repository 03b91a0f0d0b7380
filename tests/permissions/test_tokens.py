"""Tokens whose signature was checked before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pydantic import SecretStr

from kitsu_api.errors import Malformed, Unauthorized
from kitsu_api.permissions import tokens


def test_a_token_that_is_known_expires_like_any_other(settings, monkeypatch):
    ends = datetime.now(UTC) + timedelta(minutes=1)
    token = tokens.issue(settings, uuid4(), expires_at=ends)
    assert tokens.read(settings, token) is tokens.read(settings, token)
    later = ends + timedelta(seconds=5)

    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return later if tz else later.replace(tzinfo=None)

        @classmethod
        def utcnow(cls):
            return later.replace(tzinfo=None)

    monkeypatch.setattr("kitsu_api.permissions.tokens.time.time", later.timestamp)
    monkeypatch.setattr("jose.jwt.datetime", Later)
    with pytest.raises(Unauthorized, match="expired"):
        tokens.read(settings, token)


def test_a_token_that_is_known_is_none_under_another_key(settings):
    token = tokens.issue(settings, uuid4())
    tokens.read(settings, token)
    other = settings.model_copy(update={"secret_key": SecretStr("another key, as long as the first one was")})
    with pytest.raises(Malformed):
        tokens.read(other, token)
    with pytest.raises(Malformed):
        tokens.read(settings, token[:-2] + ("aa" if token[-2:] != "aa" else "bb"))


def test_tokens_that_are_known_are_bounded(settings, monkeypatch):
    monkeypatch.setattr(tokens, "KEPT", 3)
    made = [tokens.issue(settings, uuid4()) for _ in range(7)]
    assert [tokens.read(settings, token).token_id for token in made * 2]
    assert len(tokens._read) <= 3
