"""The schemas of queries: a request and an answer of each source, made of the schemas of its rows."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field, create_model

from kitsu_api.db.query.sources import RELATIONS, Source, ToMany
from kitsu_api.routers.queries.register import OPENINGS, READS
from kitsu_api.schemas.queries import MOST_FIELDS, Path, QueryAnswer, QueryRequest, row_schema


def _name(path: str) -> str:
    """How schemas of a source begin: `TimeSpents` of `time-spents`."""
    return "".join(word.capitalize() for word in path.split("-"))


def _row_name(path: str) -> str:
    return f"{_name(path)}Row"


def _columns(source: Source) -> list[str]:
    always = source.projection.always
    return [name for name in source.projection.columns() if name not in always]


def _rows() -> dict[str, type[BaseModel]]:
    """The schemas of all rows, which refer to each other."""
    made: dict[str, type[BaseModel]] = {}
    for path, opening in OPENINGS.items():
        relations = {
            name: (_row_name(relation.target), isinstance(relation, ToMany))
            for name, relation in RELATIONS.get(path, {}).items()
        }
        made[_row_name(path)] = row_schema(_row_name(path), READS[path], _columns(opening.source), relations)
    for schema in made.values():
        schema.model_rebuild(_types_namespace=made)
    return made


ROWS = _rows()


def answer_of(path: str) -> type[BaseModel]:
    """The schema of the answer to a query of a source."""
    row: Any = ROWS[_row_name(path)]
    made: type[BaseModel] = create_model(
        f"{_name(path)}QueryAnswer",
        __base__=QueryAnswer,
        __doc__="A page of rows, or groups of them.",
        data=(list[row], Field(description="The rows of the page; none where groups were asked for.")),
    )
    return made


def request_of(path: str, source: Source) -> type[BaseModel]:
    """The schema of a query of a source, which tells what fields and relations there are."""
    told = f"Fields: {', '.join(sorted(_columns(source)))}."
    if source.relations:
        leads = [f"{name} (/data/query/{one.target})" for name, one in sorted(source.relations.items())]
        told += f" Relations: {', '.join(leads)}."
    fields: Any = Annotated[
        list[Path] | None,
        Field(min_length=1, max_length=MOST_FIELDS, description=f"What rows show; absent: all. {told}"),
    ]
    made: type[BaseModel] = create_model(
        f"{_name(path)}Query",
        __base__=QueryRequest,
        __doc__=f"A query of {path.replace('-', ' ')}.",
        fields=(fields, None),
    )
    return made
