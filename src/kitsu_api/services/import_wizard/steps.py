"""The steps of an import: its file, what its columns stand for, and the jobs that do the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, BinaryIO, Final, Literal
from uuid import UUID, uuid4

from kitsu_api.db.models import ImportStatus, Project, SheetImport, TaskType
from kitsu_api.db.repositories.entity_lists import EntityLists
from kitsu_api.db.repositories.import_wizard import SheetImports
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.stored_files import forget
from kitsu_api.errors import BadRequest, Conflict, Forbidden
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.import_wizard_places import takes_in
from kitsu_api.schemas.imports import MappingWish, SheetKind
from kitsu_api.services import jobs
from kitsu_api.services.attachments import safe_name
from kitsu_api.services.import_csv.columns import EXPORTED
from kitsu_api.services.import_csv.plans import Wish
from kitsu_api.services.import_wizard.columns import ENTITIES, NEW, Field, Guess, fields_of
from kitsu_api.services.import_wizard.reading import ReadSheet
from kitsu_api.storage.files import Bucket, FileStorage
from kitsu_api.unit_of_work import UnitOfWork

KIND: Final = "import_step"
BUCKET: Final[Bucket] = "files"
RECEIVED: Final = "received"
SHEETS: Final = "imports"
"""Where files lie as they were sent, and once they are read."""

SHOWN: Final = 5
LONGEST_SAMPLE: Final = 80
"""Cells of a column that people are shown, and their characters."""

Step = Literal["read", "plan", "apply", "undo"]


async def begin(
    uow: UnitOfWork, storage: FileStorage, actor: Actor, file: BinaryIO, values: dict[str, Any]
) -> tuple[UUID, UUID]:
    """Store a file that is to be taken in, and have a job read it; the ids of the import and of the job.

    Commits, unlike other services: whoever waits for the job must let it begin.

    Raises:
        BadRequest: the production, the task type or the episode isn't there, or is missing.
        Forbidden: the caller does not run the production, or, for people, the studio.
    """
    await _check_place(uow, actor, values)
    id = uuid4()
    await asyncio.to_thread(file.seek, 0)
    await storage.put(BUCKET, RECEIVED, id, file)
    try:
        # the job deletes it; where none comes to that, the purge does
        await forget(uow.session, BUCKET, RECEIVED, [id])
        name = safe_name(values.pop("name"))[:255]
        row = {**values, "id": id, "name": name, "owner_id": actor.id}
        found = await Records(uow.session, SheetImport).add(row)
        job_id = await start(uow, actor, found, "read")
        uow.actor_id = actor.id
        await uow.commit()
    except BaseException:
        await storage.delete(BUCKET, RECEIVED, id)
        raise
    return id, job_id


async def _check_place(uow: UnitOfWork, actor: Actor, values: dict[str, Any]) -> None:
    kind: SheetKind = values["kind"]
    project_id: UUID | None = values["project_id"]
    if (kind == "persons") is not (project_id is None):
        told = "People belong to no production" if kind == "persons" else "Name the production"
        raise BadRequest(f"project_id: {told}.")
    if not takes_in(actor, project_id):
        raise Forbidden
    if project_id is not None and not await Records(uow.session, Project).exists(Project.id == project_id):
        raise BadRequest("project_id: there is no such production.")
    task_type_id, episode_id = values["task_type_id"], values["episode_id"]
    if (kind == "estimations") is not (task_type_id is not None):
        raise BadRequest("task_type_id: estimations need one, and nothing else does.")
    if task_type_id is not None and not await Records(uow.session, TaskType).exists(
        TaskType.id == task_type_id
    ):
        raise BadRequest("task_type_id: there is no such task type.")
    if episode_id is not None:
        place = await EntityLists(uow.session).place(episode_id)
        if kind != "estimations" or place != (project_id, "Episode"):
            raise BadRequest("episode_id: of estimations alone, and an episode of the production.")


async def start(
    uow: UnitOfWork, actor: Actor, found: SheetImport, step: Step, *, update: bool = False
) -> UUID:
    """Have a job do a step of an import; the job's id. One step at a time."""
    arguments = {
        "import_id": str(found.id),
        "actor_id": str(actor.id),
        "step": step,
        "update": update,
    }
    return await jobs.start(
        uow, actor.id, KIND, arguments, project_id=found.project_id, key=f"{found.id}:{step}"
    )


async def fields_for(uow: UnitOfWork, found: SheetImport) -> list[Field]:
    """All that columns of an import may stand for."""
    return await fields_of(uow.session, kind_of(found), found.project_id, found.task_type_id)


def kind_of(found: SheetImport) -> SheetKind:
    """The kind of an import."""
    kinds: dict[str, SheetKind] = {
        "persons": "persons",
        "assets": "assets",
        "shots": "shots",
        "edits": "edits",
        "casting": "casting",
        "estimations": "estimations",
    }
    return kinds[found.kind]


def wish_of(found: SheetImport, *, update: bool, dry_run: bool) -> Wish:
    """What the import of a sheet is asked to do."""
    return Wish(
        kind_of(found),
        project_id=found.project_id,
        episode_id=found.episode_id,
        task_type_id=found.task_type_id,
        update=update,
        dry_run=dry_run,
        create_columns=NEW in found.mapping,
    )


async def note_read(uow: UnitOfWork, found: SheetImport, sheet: ReadSheet, guesses: Sequence[Guess]) -> None:
    """Note what there is in a file."""
    columns = [
        {
            "name": name,
            "samples": _shown(sheet.samples, place),
            "guess": guesses[place].field,
            "sure": guesses[place].sure,
        }
        for place, name in enumerate(sheet.head)
    ]
    values = {
        "status": ImportStatus.READY.value,
        "rows": sheet.rows,
        "columns": columns,
        "mapping": [guess.field for guess in guesses],
    }
    await Records(uow.session, SheetImport).change(found, values)


def _shown(samples: Sequence[Sequence[str]], place: int) -> list[str]:
    cells = dict.fromkeys(row[place].strip()[:LONGEST_SAMPLE] for row in samples if row[place].strip())
    return list(cells)[:SHOWN]


async def map_columns(uow: UnitOfWork, found: SheetImport, wish: MappingWish) -> SheetImport:
    """Say what the columns of a sheet stand for.

    Raises:
        Conflict: the sheet is not read yet, or taken in already.
        BadRequest: there is no such field, or two columns stand for the same.
    """
    check_ready(found)
    check_mapping(found, wish.mapping, await fields_for(uow, found))
    if wish.keep:
        names = [column["name"].lower() for column in found.columns]
        fields = {name: field for name, field in zip(names, wish.mapping, strict=True) if name}
        await SheetImports(uow.session).keep_mapping(found.kind, found.project_id, fields)
    return await Records(uow.session, SheetImport).change(found, {"mapping": list(wish.mapping)})


def check_ready(found: SheetImport) -> None:
    """Make sure that a sheet is read, and not taken in.

    Raises:
        Conflict: it is not, or it is.
    """
    match found.status:
        case ImportStatus.READING.value:
            raise Conflict("The file is being read. Ask again in a moment.")
        case ImportStatus.REFUSED.value:
            raise Conflict(found.error or "The file was refused.")
        case ImportStatus.APPLIED.value:
            raise Conflict("The import is applied already.")
        case ImportStatus.UNDONE.value:
            raise Conflict("The import was taken back. Send the file anew.")


def check_mapping(found: SheetImport, mapping: Sequence[str | None], fields: Sequence[Field]) -> None:
    """Make sure that columns stand for what there is.

    Raises:
        BadRequest: they don't.
    """
    if len(mapping) != len(found.columns):
        raise BadRequest(f"mapping: the sheet has {len(found.columns)} columns.")
    known = {field.id for field in fields}
    taken: set[str] = set()
    for column, field in zip(found.columns, mapping, strict=True):
        if field == NEW:
            if found.kind not in ENTITIES or not column["name"]:
                raise BadRequest("mapping: only named columns of assets, shots and edits can be new.")
        elif field is not None:
            if field not in known:
                raise BadRequest(f"mapping: there is no field {field[:100]}.")
            if field in taken:
                raise BadRequest(f"mapping: two columns stand for {field}.")
            taken.add(field)


def check_complete(found: SheetImport, fields: Sequence[Field]) -> None:
    """Make sure that nothing is missing that such a sheet can't go without.

    Raises:
        BadRequest: something is.
    """
    missing = [field.head for field in fields if field.required and field.id not in found.mapping]
    if missing:
        raise BadRequest(f"No column stands for: {', '.join(missing)}. Map one first.")


def heads_of(found: SheetImport, fields: Sequence[Field]) -> list[str | None]:
    """The columns of a sheet under the names that the import of its kind knows.

    What tells that a sheet was exported stays, though nothing of it is read: empty cells of such a sheet
    have a meaning.
    """
    heads = {field.id: field.head for field in fields}
    named: list[str | None] = []
    for column, field in zip(found.columns, found.mapping, strict=True):
        exported = field is None and found.kind in ENTITIES and column["name"].lower() in EXPORTED
        named.append(column["name"] if exported or field == NEW else heads.get(field or ""))
    return named


async def remove(uow: UnitOfWork, found: SheetImport) -> None:
    """Forget an import, with its file and what it would need to be taken back."""
    await forget(uow.session, BUCKET, SHEETS, [found.id], at_once=True)
    await Records(uow.session, SheetImport).delete(found)
