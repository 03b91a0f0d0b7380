"""Jobs that send mails."""

from __future__ import annotations

import logging
import traceback
from uuid import uuid4

import pytest
from arq import Retry

from kitsu_api.db.models import PlaylistShareLink
from kitsu_api.workers.context import JobContext
from kitsu_api.workers.jobs import JOBS, mails
from tests import factories
from tests.workers.mail_server import mail_server

MAIL = {"to": "ada@studio.example", "subject": "News", "text": "Hello", "html": "<p>Hello</p>"}


@pytest.fixture
def context(settings, sessions, valkey):
    """The job context for settings that differ from the usual ones."""

    def build(**changes):
        values = {"mail_to_log": False, "mail_server": "127.0.0.1", **changes}
        return JobContext(settings.model_copy(update=values), sessions, valkey)

    return build


async def test_a_mail_goes_through_smtp_in_both_forms(context):
    async with mail_server() as server:
        await JOBS["send_mail"]({"job": context(mail_port=server.port)}, **MAIL)
    (message,) = server.received
    assert (message["To"], message["Subject"]) == (MAIL["to"], MAIL["subject"])
    assert message.get_body(("html",)).get_content().strip() == MAIL["html"]


async def test_a_reset_link_reaches_its_owner_and_no_log(context, make, caplog, valkey):
    person = await make(factories.person())
    with caplog.at_level(logging.DEBUG):
        async with mail_server() as server:
            job = {"job": context(mail_port=server.port)}
            await mails.send_password_reset(job, email=person.email, address="192.0.2.1")
    (message,) = server.received
    text = message.get_body(("plain",)).get_content()
    token = text.partition("token=")[2].split()[0]
    assert len(token) == 64
    assert token not in caplog.text
    assert person.email not in "".join(
        r.getMessage() for r in caplog.records if r.name.startswith("kitsu_api")
    )
    assert await valkey.exists(f"kitsu:reset:{person.id}")


async def test_a_refused_mail_is_tried_again_later_and_later(context):
    async with mail_server(refusals=2) as server:
        settings = context(mail_port=server.port)
        for attempt, milliseconds in ((1, 15_000), (2, 60_000)):
            with pytest.raises(Retry) as retry:
                await mails.send_mail({"job": settings, "job_try": attempt}, **MAIL)
            assert retry.value.defer_score == milliseconds
        await mails.send_mail({"job": settings, "job_try": 3}, **MAIL)
    assert len(server.received) == 1


@pytest.mark.parametrize("more", [{"job_try": mails.TRIES}, {}], ids=["by a worker", "inline"])
async def test_the_last_try_fails_for_good_and_says_nothing_of_the_mail(context, more):
    async with mail_server(refusals=1) as server:
        with pytest.raises(mails.NotDelivered) as failure:
            await mails.send_mail({"job": context(mail_port=server.port), **more}, **MAIL)
    told = "".join(traceback.format_exception(failure.value))
    assert "451" not in told
    assert MAIL["to"] not in told


async def test_nobody_is_written_to_when_mails_are_off_or_the_account_is_closed(context, make):
    person, closed = await make(factories.person(), factories.person(active=False))
    async with mail_server() as server:
        off = {"job": context(mail_port=server.port, mail_enabled=False)}
        on = {"job": context(mail_port=server.port)}
        await mails.send_password_reset(off, email=person.email, address="")
        await mails.send_password_reset(on, email=closed.email, address="")
        await mails.send_email_otp(on, email=person.email, setting_up=True)
    assert server.received == []


async def test_everybody_reads_their_own_language(context, make, valkey):
    person = await make(factories.person(locale="fr_FR", email_otp_enabled=True, email_otp_secret="A" * 32))
    async with mail_server() as server:
        job = {"job": context(mail_port=server.port)}
        await mails.send_password_reset(job, email=person.email, address="192.0.2.1")
        await mails.send_email_otp(job, email=person.email, setting_up=False)
        await mails.send_invitation(job, email=person.email)
    for message in server.received:
        assert f"Bonjour {person.first_name}" in message.get_body(("plain",)).get_content()
        assert '<html lang="fr">' in message.get_body(("html",)).get_content()
    assert len(server.received) == 3


@pytest.mark.parametrize(
    ("reviewer", "greeting"), [("fr_FR", "Bonjour,"), ("en_US", "Hello,"), (None, "Bonjour,")]
)
async def test_a_share_invitation_is_in_the_language_of_its_reader_or_of_who_sends_it(
    context, make, reviewer, greeting
):
    film, known = await make(factories.project(), factories.person(locale=reviewer))
    playlist = await make(factories.playlist(film))
    link = await make(PlaylistShareLink(playlist_id=playlist.id, token=uuid4().hex, created_by=known.id))
    email = known.email if reviewer else "stranger@example.com"
    async with mail_server() as server:
        job = {"job": context(mail_port=server.port)}
        wish = {"link_id": str(link.id), "email": email, "sender": "Ada", "message": ""}
        await mails.send_share_invitation(job, **wish, locale="fr_FR")
        # queued by a release that knew no language
        await mails.send_share_invitation(job, **wish)
    first, second = (message.get_body(("plain",)).get_content() for message in server.received)
    assert first.startswith(greeting)
    assert second.startswith(greeting if reviewer else "Hello,")
