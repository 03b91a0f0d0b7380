"""The first review with the generated client: a production with a shot, a published picture, the board.

    make sdk
    export PYTHONPATH=build/sdk/python
    python examples/sdk/first_review.py http://127.0.0.1:8000/api admin@example.com

The password comes from KITSU_PASSWORD. Every value has its type: `mypy --strict` reads this file.
"""

from __future__ import annotations

import io
import os
import struct
import sys
import zlib
from typing import TypeVar
from uuid import UUID

from kitsu_api_client import AuthenticatedClient, Client
from kitsu_api_client.api.authentication import login
from kitsu_api_client.api.comments import comment_task
from kitsu_api_client.api.entities import create_sequence, create_shot, list_shots_with_tasks
from kitsu_api_client.api.previews import upload_preview
from kitsu_api_client.api.projects import create_project
from kitsu_api_client.api.tasks import (
    add_preview_to_comment,
    create_task,
    create_task_type,
    list_task_statuses,
)
from kitsu_api_client.models import (
    BoardShot,
    Error,
    LoginCredentials,
    LoginRead,
    NewComment,
    NewPreview,
    NewSequence,
    NewShot,
    PreviewFileRead,
    ProjectCreate,
    ProjectRead,
    TaskCreate,
    TaskTypeCreate,
    UploadForm,
)
from kitsu_api_client.types import File

T = TypeVar("T")


def held(answer: T | Error | None) -> T:
    """The answer itself.

    Raises:
        SystemExit: it is a refusal.
    """
    if answer is None or isinstance(answer, Error):
        raise SystemExit(answer.message if answer else "There was no answer.")
    return answer


def picture() -> io.BytesIO:
    """A PNG of 64 x 36 blue pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    rows = (b"\x00" + b"\x20\x40\x80" * 64) * 36
    size = struct.pack(">IIBBBBB", 64, 36, 8, 2, 0, 0, 0)
    return io.BytesIO(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", size)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def sign_in(address: str, email: str, password: str) -> AuthenticatedClient:
    """A client that sends the token of this person."""
    credentials = LoginCredentials(email=email, password=password)
    signed_in: LoginRead = held(login.sync(client=Client(address), body=credentials))
    return AuthenticatedClient(address, token=signed_in.access_token)


def make_task(client: AuthenticatedClient, production: ProjectRead) -> UUID:
    """A shot with a task of animation."""
    task_type = held(
        create_task_type.sync(client=client, body=TaskTypeCreate(f"Animation of {production.name}"))
    )
    sequence = held(create_sequence.sync(production.id, client=client, body=NewSequence(name="SQ010")))
    wish = NewShot(name="SH0010", sequence_id=sequence.id)
    shot = held(create_shot.sync(production.id, client=client, body=wish))
    task = TaskCreate(project_id=production.id, entity_id=shot.id, task_type_id=task_type.id, name="main")
    return held(create_task.sync(client=client, body=task)).id


def publish(client: AuthenticatedClient, task_id: UUID) -> PreviewFileRead:
    """Comment on the task with a picture."""
    statuses = list_task_statuses.sync(client=client, is_default=[True])
    if not isinstance(statuses, list):
        raise SystemExit("The statuses were not a list.")
    words = NewComment(task_status_id=statuses[0].id, comment="Blue, as we said.")
    comment = held(comment_task.sync(task_id, client=client, body=words))
    preview = held(add_preview_to_comment.sync(task_id, comment.id, client=client, body=NewPreview()))
    form = UploadForm(file=File(payload=picture(), file_name="sh0010.png", mime_type="image/png"))
    return held(upload_preview.sync(preview.id, client=client, body=form))


def board(client: AuthenticatedClient, production: ProjectRead) -> list[BoardShot]:
    """The shots of the production with their tasks."""
    shots = list_shots_with_tasks.sync(client=client, project_id=production.id)
    if not isinstance(shots, list):
        raise SystemExit("The board was not a list.")
    return shots


def main() -> None:
    """Do all of it, and print what the board shows."""
    address, email, *name = sys.argv[1:]
    client = sign_in(address, email, os.environ["KITSU_PASSWORD"])
    wish = ProjectCreate(name=name[0] if name else "The Lighthouse")
    production = held(create_project.sync(client=client, body=wish))
    preview = publish(client, make_task(client, production))
    print(f"{production.name}: preview {preview.status}, {preview.width} x {preview.height}")
    for shot in board(client, production):
        print(f"  {shot.sequence_name} {shot.name}: {len(shot.tasks)} task")


if __name__ == "__main__":
    main()
