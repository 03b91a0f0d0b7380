"""What columns of sheets may stand for, and guessing what they do: by name, in several languages, and by what
they hold."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.repositories.import_csv import ImportLookups
from kitsu_api.services.export_csv import ASSIGNATIONS
from kitsu_api.services.import_csv.columns import EXPORTED
from kitsu_api.services.import_csv.plans import Kind

NEW: Final = "new"
"""The field of a column that is to become a metadata column of the production."""

SURE: Final = 1.0
ALIKE: Final = 0.84
"""How alike two names must be, from 0 to 1, for one to be taken for the other."""

BY_CONTENT: Final = 0.6
"""How sure a guess is that what a column holds alone speaks for."""

MOST_LETTERS: Final = 3
"""Letters by which names that are taken for each other differ in length."""

CELLS: Final = 50
"""Cells of a column that are looked at."""

MOST_CELLS: Final = 0.8
"""The part of a column's cells that must fit."""

LONGEST_CELL: Final = 1_000
"""Characters of a cell that may tell something; longer ones would take minutes to be compared."""

KINDS: Final[Mapping[Kind, tuple[tuple[str, bool], ...]]] = {
    "persons": (
        ("First Name", True),
        ("Last Name", True),
        ("Email", True),
        ("Phone", False),
        ("Role", False),
        ("Departments", False),
        ("Studio", False),
        ("Country", False),
        ("Contract Type", False),
        ("Position", False),
        ("Seniority", False),
        ("Daily Salary", False),
        ("Active", False),
    ),
    "assets": (("Type", True), ("Name", True), ("Description", False), ("Episode", False)),
    "shots": (
        ("Episode", False),
        ("Sequence", True),
        ("Name", True),
        ("Description", False),
        ("Frames", False),
        ("Frame In", False),
        ("Frame Out", False),
        ("FPS", False),
    ),
    "edits": (("Episode", False), ("Name", True), ("Description", False)),
    "casting": (
        ("Episode", False),
        ("Parent", True),
        ("Name", True),
        ("Asset Type", True),
        ("Asset", True),
        ("Occurences", False),
        ("Label", False),
    ),
    "estimations": (
        ("Parent", True),
        ("Entity", True),
        ("Estimation", False),
        ("Start date", False),
        ("Due date", False),
        ("Difficulty", False),
        ("Drawings", False),
    ),
}
"""The fields of each kind by the names that its import knows, and whether it can do without."""

WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "first name": ("prenom", "given name", "forename", "vorname", "nombre", "nome", "firstname", "名"),
    "last name": ("nom de famille", "family name", "surname", "nachname", "apellido", "apellidos", "cognome"),
    "email": ("e-mail", "mail", "courriel", "adresse mail", "correo", "email address", "メール"),
    "phone": ("telephone", "tel", "mobile", "telefon", "telefono", "phone number"),
    "role": ("rolle", "rol", "ruolo", "permission", "permissions"),
    "departments": ("department", "departement", "departements", "abteilung", "departamento", "dept"),
    "country": ("pays", "land", "pais", "paese"),
    "contract type": ("contract", "contrat", "type de contrat", "vertrag", "contrato"),
    "position": ("poste", "posicion", "job title"),
    "daily salary": ("salary", "salaire", "salaire journalier", "tagessatz", "day rate", "salario"),
    "active": ("actif", "aktiv", "activo", "enabled"),
    "type": ("asset type", "category", "categorie", "kategorie", "typ", "tipo", "type d'asset", "タイプ"),
    "name": (
        *("nom", "bezeichnung", "nombre", "nome", "title", "titre", "asset name", "shot name", "code"),
        *("shot", "plan", "asset", "edit", "einstellung", "plano", "shot code", "カット", "名前"),
    ),
    "description": (
        *("desc", "beschreibung", "descripcion", "descrizione", "descricao", "notes", "note", "comment"),
        *("commentaire", "action", "synopsis", "説明"),
    ),
    "episode": ("ep", "episodio", "epis", "folge", "エピソード", "話数"),
    "sequence": ("seq", "sequenz", "secuencia", "sequenza", "sequencia", "scene", "シーケンス"),
    "frames": (
        *("nb frames", "frame count", "duration", "duree", "length", "images", "bilder", "nb images"),
        *("longueur", "fotogramas", "number of frames", "framecount", "尺"),
    ),
    "frame in": ("in", "start frame", "first frame", "cut in", "head in", "debut", "image debut"),
    "frame out": ("out", "end frame", "last frame", "cut out", "tail out", "fin", "image fin"),
    "fps": ("frame rate", "framerate", "cadence", "bildrate"),
    "parent": ("sequence", "asset type", "seq", "parent type"),
    "asset type": ("type", "category", "categorie", "kategorie", "tipo"),
    "asset": ("asset name", "element", "objekt"),
    "occurences": ("occurrences", "nb occurences", "count", "number", "nombre", "anzahl", "cantidad", "qty"),
    "label": ("etiquette", "etikett", "etiqueta"),
    "entity": ("name", "nom", "shot", "asset", "plan", "shot name", "asset name"),
    "estimation": ("estimate", "bid", "minutes", "schatzung", "estimacion", "estimated time"),
    "start date": ("start", "debut", "date de debut", "beginn", "inicio", "begin"),
    "due date": ("due", "deadline", "end date", "date de fin", "echeance", "fallig", "entrega", "delivery"),
    "difficulty": ("difficulte", "schwierigkeit", "dificultad", "complexity"),
    "drawings": ("nb drawings", "dessins", "zeichnungen", "dibujos"),
}
"""Other names of fields: what people call such columns, in small letters and without accents."""


def _number(cell: str) -> bool:
    return re.fullmatch(r"\d{1,7}", cell) is not None


CONTENT: Final[Mapping[str, Callable[[str], bool]]] = {
    "email": lambda cell: re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", cell) is not None,
    "phone": lambda cell: re.fullmatch(r"\+[\d .()/-]{7,20}", cell) is not None,
    "sequence": lambda cell: re.fullmatch(r"(?i)(sq|seq|sc)[-_ ]?\d+\w*", cell) is not None,
    "episode": lambda cell: re.fullmatch(r"(?i)(e|ep|episode)[-_ ]?\d+\w*", cell) is not None,
    "name": lambda cell: re.fullmatch(r"(?i)(sh|shot|pl|p|c|cut)[-_ ]?\d+\w*", cell) is not None,
    "frames": _number,
    "start date": lambda cell: re.fullmatch(r"\d{4}-\d\d-\d\d", cell) is not None,
}
"""What cells of a field look like, where that tells."""


@dataclass(frozen=True)
class Field:
    """Something that a column may stand for."""

    id: str
    head: str
    """How the import calls such a column."""
    required: bool = False
    words: frozenset[str] = frozenset()
    """Names, as `plain_name` has them, that columns of it bear."""
    values: frozenset[str] = frozenset()
    """What its cells hold, in small letters, where that is known."""


@dataclass(frozen=True)
class Guess:
    """What a column probably stands for; `sure` goes from 0 to 1."""

    field: str | None
    sure: float = 0.0


def plain_name(name: str) -> str:
    """A name without case, accents, and what is neither letter nor digit."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


def known_names() -> frozenset[str]:
    """All names of fields, in small letters: they tell how the columns of a file are parted."""
    heads = (head.lower() for fields in KINDS.values() for head, _ in fields)
    return frozenset({*heads, *(word for words in WORDS.values() for word in words)})


def _words(head: str) -> frozenset[str]:
    return frozenset(plain_name(name) for name in (head, *WORDS.get(head.lower(), ())))


def own_fields(kind: Kind) -> list[Field]:
    """The fields that every sheet of a kind may have."""
    return [Field(head.lower(), head, required, _words(head)) for head, required in KINDS[kind]]


ENTITIES: Final[Mapping[Kind, str]] = {"assets": "Asset", "shots": "Shot", "edits": "Edit"}


async def fields_of(
    session: AsyncSession, kind: Kind, project_id: UUID | None, task_type_id: UUID | None = None
) -> list[Field]:
    """All that a column of a sheet of this kind may stand for in a production: a few statements."""
    found = own_fields(kind)
    if project_id is None:
        return found
    lookups = ImportLookups(session, project_id)
    entity = ENTITIES.get(kind)
    if kind == "estimations":
        found += _metadata(await lookups.columns("Task", task_type_id))
    if entity is None:
        return found
    found += _metadata(await lookups.columns(entity))
    statuses = await lookups.statuses()
    texts = frozenset(text.lower() for status in statuses for text in (status.name, status.short_name))
    people = frozenset(person.name.lower() for person in await lookups.people(bots=False))
    types = await lookups.work_types(entity)
    twice = Counter(type.name.lower() for type in types)
    for type in types:
        if twice[type.name.lower()] > 1 and not type.in_project:
            continue  # the import takes the production's
        names = frozenset({plain_name(type.name), plain_name(f"{type.name} status")})
        found.append(Field(f"status:{type.id}", type.name, words=names, values=texts))
        head = f"{type.name} {ASSIGNATIONS}"
        own = (head, f"{type.name} artist", f"{type.name} artists", f"{type.name} assignees")
        people_names = frozenset(plain_name(name) for name in own)
        found.append(Field(f"people:{type.id}", head, words=people_names, values=people))
    return found


def _metadata(columns: Iterable[Any]) -> list[Field]:
    return [
        Field(
            f"metadata:{column.field}",
            column.field,
            words=frozenset({plain_name(column.name), plain_name(column.field)}),
        )
        for column in columns
    ]


def guess(
    head: Sequence[str],
    samples: Sequence[Sequence[str]],
    fields: Sequence[Field],
    known: Mapping[str, str | None] | None = None,
) -> list[Guess]:
    """What each column stands for; no two for the same. `known` is what people said of columns of these
    names before."""
    told = known or {}
    ids = {field.id for field in fields}
    scored: list[tuple[float, int, str]] = []
    settled: dict[int, Guess] = {}
    for place, name in enumerate(head):
        if name.lower() in told and (told[name.lower()] in ids or told[name.lower()] in (None, NEW)):
            field = told[name.lower()]
            if field is None or field == NEW:
                settled[place] = Guess(field, SURE)
            else:
                scored.append((2.0, place, field))
            continue
        if name.lower() in EXPORTED:
            continue  # nothing is read of these, whatever they hold
        cells = [row[place].strip() for row in samples if row[place].strip()][:CELLS]
        scored += [(score, place, field.id) for field in fields if (score := _score(name, cells, field)) > 0]
    # the surest first; of equals the leftmost column, and the first field
    order = {field.id: number for number, field in enumerate(fields)}
    taken: set[str] = set()
    for score, place, field in sorted(scored, key=lambda each: (-each[0], each[1], order[each[2]])):
        if place not in settled and field not in taken:
            taken.add(field)
            settled[place] = Guess(field, min(round(score, 2), SURE))
    return [settled.get(place, Guess(None)) for place in range(len(head))]


def _score(name: str, cells: Sequence[str], field: Field) -> float:
    """How sure a column is of a field, by its name or else by what it holds; 0: it is not."""
    plain = plain_name(name)
    if plain and plain == plain_name(field.head):
        return SURE
    if plain in field.words:
        return 0.95
    by_name = max((_alike(plain, word) for word in field.words), default=0.0) if len(plain) > 3 else 0.0
    if by_name >= ALIKE:
        return by_name * 0.9
    return BY_CONTENT if _holds(cells, field) else 0.0


def _alike(one: str, other: str) -> float:
    if abs(len(one) - len(other)) > MOST_LETTERS:
        return 0.0
    matcher = SequenceMatcher(None, one, other)
    # cheap bounds first: there may be a thousand columns
    if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
        return 0.0
    return matcher.ratio()


def _holds(cells: Sequence[str], field: Field) -> bool:
    if not cells:
        return False
    fits = CONTENT.get(field.id)
    telling = [cell for cell in cells if len(cell) <= LONGEST_CELL]
    if field.values:
        found = sum(all(part.strip().lower() in field.values for part in cell.split(",")) for cell in telling)
    elif fits is not None:
        found = sum(fits(cell) for cell in telling)
    else:
        return False
    return found >= MOST_CELLS * len(cells)
