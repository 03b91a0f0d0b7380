"""Messages to people: on the channels they chose, in their language, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from kitsu_api.db.base import now
from kitsu_api.db.models import DepartmentLink, Message, Notification, ProjectPersonLink
from kitsu_api.db.repositories.messages import Messages
from kitsu_api.services.message_sending import DELAYS
from kitsu_api.services.notices import tell_of_broken_preview
from kitsu_api.services.notifications import notify, ring
from kitsu_api.workers import message_rounds
from kitsu_api.workers.message_rounds import MessageRounds
from tests import factories
from tests.workers.mail_server import mail_server
from tests.workers.receiver import receiver


class Stage:
    """A task with a comment, its author, and a worker that sends one message at a time."""

    def __init__(self, app, make, film, author, comment) -> None:
        self.app, self.make, self.film, self.author, self.comment = app, make, film, author, comment

    async def reader(self, on: bool = True, **values):
        person = await self.make(factories.person(**values))
        if on:
            await self.make(ProjectPersonLink(project_id=self.film.project.id, person_id=person.id))
        return person

    async def tell(self, *people, kind="comment", **about) -> None:
        about = {"author_id": self.author.id, "comment_id": self.comment.id, "change": False, **about}
        async with self.app.state.jobs.unit_of_work() as uow:
            await notify(uow, {person.id for person in people}, self.film.task, kind, **about)

    async def work(self) -> None:
        rounds = MessageRounds(self.app.state.jobs)
        while await rounds.follow():
            continue
        while await rounds.send():
            continue


@pytest.fixture
async def stage(app, make, monkeypatch) -> Stage:
    monkeypatch.setattr(message_rounds, "AT_ONCE", 1)  # tests share a connection
    film = factories.production()
    await make(*film)
    author = await make(factories.person(first_name="Ada", last_name="Byron"))
    comment = await make(factories.comment(film.task, author, text="Look <b>there</b> & mend"))
    return Stage(app, make, film, author, comment)


def mails_to(configure, server, **more) -> None:
    configure(mail_to_log=False, mail_server="127.0.0.1", mail_port=server.port, **more)


async def rows(session) -> list[Message]:
    session.expire_all()
    return list((await session.scalars(select(Message).order_by(Message.created_at))).all())


async def test_a_mail_says_what_happened_in_the_language_of_its_reader(stage, configure, session):
    english = await stage.reader(notifications_enabled=True, locale="en_US", first_name="Eve")
    french = await stage.reader(notifications_enabled=True, locale="fr_FR", first_name="Zoé")
    silent = await stage.reader(notifications_enabled=False)
    async with mail_server() as server:
        mails_to(configure, server, domain_name="kitsu.example", domain_protocol="https")
        await stage.tell(english, french, silent)
        await stage.work()
        await stage.work()
    by_reader = {message["To"]: message for message in server.received}
    assert by_reader.keys() == {english.email, french.email}
    said = by_reader[english.email].get_body(("plain",)).get_content()
    assert "Hello Eve," in said
    assert "Ada Byron commented on" in said
    assert "Look <b>there</b> & mend" in said
    place = f"https://kitsu.example/productions/{stage.film.project.id}/"
    assert place in said
    assert str(stage.film.task.id) in said
    page = by_reader[english.email].get_body(("html",)).get_content()
    assert "Look &lt;b&gt;there&lt;/b&gt; &amp; mend" in page
    assert "<b>there" not in page
    french_text = by_reader[french.email].get_body(("plain",)).get_content()
    assert "Bonjour Zoé," in french_text
    assert "Ada Byron a commenté" in french_text
    assert {row.status for row in await rows(session)} == {"sent"}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("mention", "mentioned you on"),
        ("assignation", "assigned you to"),
        ("comment", "changed the status of"),
    ],
)
async def test_each_kind_has_its_words(stage, configure, kind, said):
    reader = await stage.reader(notifications_enabled=True)
    async with mail_server() as server:
        mails_to(configure, server)
        await stage.tell(reader, kind=kind, change=True)
        await stage.work()
    (message,) = server.received
    assert said in message.get_body(("plain",)).get_content()


async def test_a_playlist_that_is_ready_is_told(stage, configure, make, session):
    reader = await stage.reader(notifications_enabled=True)
    playlist = await make(factories.playlist(stage.film.project, name="Dailies"))
    notification = await make(
        Notification(
            type="playlist-ready", person_id=reader.id, author_id=stage.author.id, playlist_id=playlist.id
        )
    )
    async with mail_server() as server:
        mails_to(configure, server)
        async with stage.app.state.jobs.unit_of_work() as uow:
            ring(uow, stage.film.project.id, [(notification.id, reader.id)])
        await stage.work()
    (message,) = server.received
    text = message.get_body(("plain",)).get_content()
    assert "invites you to review the playlist Dailies" in text
    assert f"/playlists/{playlist.id}" in text


async def test_chats_are_told_as_the_studio_and_the_person_have_set(stage, configure, make, session):
    async with receiver() as chat:
        configure(slack_url=chat.url + "/slack", discord_url=chat.url + "/discord")
        await make(
            factories.organisation(
                chat_token_slack="xoxb-1",
                chat_webhook_mattermost=chat.url + "/mm",
                chat_token_discord="bot-1",
            )
        )
        reader = await stage.reader(
            notifications_slack_enabled=True,
            notifications_slack_userid="U123",
            notifications_mattermost_enabled=True,
            notifications_mattermost_userid="eve",
            notifications_discord_enabled=True,
            notifications_discord_userid="4711",
        )
        await stage.reader(notifications_slack_enabled=False, notifications_slack_userid="U999")
        await stage.tell(reader)
        await stage.work()
        await stage.work()
    sent = {request.path: request for request in chat.received}
    assert len(chat.received) == len(sent) == 4
    slack = sent["/slack/chat.postMessage"]
    assert slack.headers["authorization"] == "Bearer xoxb-1"
    assert slack.json["channel"] == "U123"
    assert "> Look &lt;b&gt;there&lt;/b&gt; &amp; mend" in slack.json["text"]
    assert sent["/mm"].json["channel"] == "@eve"
    assert sent["/discord/users/@me/channels"].json == {"recipient_id": "4711"}
    said = sent["/discord/channels/77/messages"]
    assert said.headers["authorization"] == "Bot bot-1"
    assert said.json["allowed_mentions"] == {"parse": []}
    assert "Ada Byron commented on" in said.json["content"]


async def test_a_chat_that_fails_is_tried_again_and_one_that_never_will_is_not(
    stage, configure, make, session
):
    async with receiver() as chat:
        configure(slack_url=chat.url)
        await make(factories.organisation(chat_token_slack="xoxb-secret"))
        reader = await stage.reader(notifications_slack_enabled=True, notifications_slack_userid="U1")
        chat.answer = lambda _: (503, {})
        await stage.tell(reader)
        await stage.work()
        (row,) = await rows(session)
        assert (row.status, row.attempts, row.error) == ("waiting", 1, "slack: answered 503")
        assert row.next_attempt_at > now() + timedelta(seconds=DELAYS[0] - 5)
        await stage.work()
        assert len(chat.received) == 1, "not before its time"
        chat.answer = lambda _: (200, {"ok": False, "error": "channel_not_found"})
        await session.execute(update(Message).values(next_attempt_at=now()))
        await session.commit()
        await stage.work()
        (row,) = await rows(session)
        assert (row.status, row.error) == ("failed", "slack: channel_not_found")


async def test_a_mail_server_that_is_away_is_tried_until_the_message_has_failed(stage, configure, session):
    reader = await stage.reader(notifications_enabled=True)
    async with mail_server(refusals=99) as server:
        mails_to(configure, server)
        await stage.tell(reader)
        for _ in range(len(DELAYS) + 1):
            await stage.work()
            await session.execute(update(Message).values(next_attempt_at=now()))
            await session.commit()
        (row,) = await rows(session)
        assert (row.status, row.attempts) == ("failed", len(DELAYS) + 1)
        assert server.received == []


async def test_a_message_whose_worker_died_over_it_is_not_sent_twice(stage, configure, session):
    reader = await stage.reader(notifications_enabled=True)
    async with mail_server() as server:
        mails_to(configure, server)
        await stage.tell(reader)
        await MessageRounds(stage.app.state.jobs).follow()
        async with stage.app.state.jobs.unit_of_work() as uow:
            (claimed,) = await Messages(uow.session).claim_due(9, timedelta(seconds=-1))
            assert claimed.attempts == 1
        await stage.work()
        (row,) = await rows(session)
        assert (row.status, server.received) == ("lost", [])


async def test_one_notification_makes_one_message_however_often_it_is_told_of(stage, session):
    reader = await stage.reader(notifications_enabled=True)
    await stage.tell(reader)
    id = await session.scalar(select(Notification.id))
    await session.commit()
    for _ in range(2):
        async with stage.app.state.jobs.unit_of_work() as uow:
            ring(uow, stage.film.project.id, [(id, reader.id)])
        await MessageRounds(stage.app.state.jobs).follow()
    assert len(await rows(session)) == 1


async def test_who_has_left_and_what_is_gone_is_not_told(stage, configure, session):
    left = await stage.reader(on=False, notifications_enabled=True)
    reader = await stage.reader(notifications_enabled=True)
    archived = await stage.reader(notifications_enabled=True, active=False)
    async with mail_server() as server:
        mails_to(configure, server)
        await stage.tell(left, reader, archived)
        await MessageRounds(stage.app.state.jobs).follow()
        await session.execute(Notification.__table__.delete().where(Notification.person_id == reader.id))
        await session.commit()
        await stage.work()
        assert server.received == []
    found = await rows(session)
    assert {row.person_id for row in found} == {left.id, reader.id}
    assert {row.status for row in found} == {"dropped"}


async def test_an_address_that_no_mail_can_have_fails_alone_and_for_good(stage, configure, session):
    odd = await stage.reader(notifications_enabled=True, email="odd\nBcc: spy@evil.example")
    good = await stage.reader(notifications_enabled=True)
    async with mail_server() as server:
        mails_to(configure, server)
        await stage.tell(odd, good)
        await stage.work()
    assert [message["To"] for message in server.received] == [good.email]
    assert {row.person_id: row.status for row in await rows(session)} == {odd.id: "failed", good.id: "sent"}


async def test_whoever_uploaded_a_preview_is_told_once_how_it_went(stage, configure, make, session):
    uploader = await stage.reader(notifications_enabled=True, locale="fr_FR")
    preview = await make(
        factories.preview_file(stage.film.task, uploader, status="broken", original_name="sh010_v2")
    )
    async with mail_server() as server:
        mails_to(configure, server)
        for _ in range(2):
            async with stage.app.state.jobs.unit_of_work() as uow:
                await tell_of_broken_preview(uow, preview, stage.film.project.id)
        await stage.work()
    (message,) = server.received
    assert "sh010_v2 n'a pas pu être traitée" in message.get_body(("plain",)).get_content()


async def test_a_mail_does_not_quote_what_clients_say_to_those_who_make(stage, configure, make, session):
    customer = await stage.reader(role="client")
    comment = await make(factories.comment(stage.film.task, customer, text="Too dark"))
    artist = await stage.reader(notifications_enabled=True, locale="en_US")
    boss = await stage.reader(role="manager", notifications_enabled=True, locale="en_US")
    async with mail_server() as server:
        mails_to(configure, server)
        await stage.tell(artist, boss, author_id=customer.id, comment_id=comment.id)
        await stage.work()
    quoted = {mail["To"]: "Too dark" in mail.get_body(("plain",)).get_content() for mail in server.received}
    assert quoted == {artist.email: False, boss.email: True}


async def test_an_assignation_is_told(stage, client, as_role, configure, session):
    reader = await stage.reader(notifications_enabled=True)
    manager = await as_role("manager", on=stage.film.project)
    path = f"/actions/persons/{reader.id}/assign"
    async with mail_server() as server:
        mails_to(configure, server)
        answer = await client.put(path, json={"task_ids": [str(stage.film.task.id)]}, headers=manager)
        assert answer.status_code == 200, answer.text
        await stage.work()
    (message,) = server.received
    assert "assigned you to" in message.get_body(("plain",)).get_content()


async def test_members_of_a_department_that_is_mentioned_are_mailed(
    stage, client, as_role, configure, make, session
):
    department = await make(factories.department(name="Rigging"))
    rigger = await stage.reader(notifications_enabled=True)
    await make(DepartmentLink(person_id=rigger.id, department_id=department.id))
    manager = await as_role("manager", on=stage.film.project)
    body = {"task_status_id": str(stage.film.task_status.id), "comment": "@Rigging please"}
    async with mail_server() as server:
        mails_to(configure, server)
        path = f"/actions/tasks/{stage.film.task.id}/comment"
        assert (await client.post(path, json=body, headers=manager)).status_code == 201
        await stage.work()
    (message,) = server.received
    assert (message["To"], "mentioned you on" in message.get_body(("plain",)).get_content()) == (
        rigger.email,
        True,
    )
    assert await session.scalar(select(func.count()).select_from(Message)) == 1
