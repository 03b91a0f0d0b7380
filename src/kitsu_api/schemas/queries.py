"""Queries: what callers ask for, and what they are answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, create_model

from kitsu_api.schemas.base import JsonDocument, Schema, Text

MOST_ROWS = 1000
"""Rows of a page, and groups of an answer."""

MOST_FIELDS = 100
MOST_ORDERS = 5
MOST_GROUPS = 5
MOST_AGGREGATES = 10

Path = Annotated[
    Text,
    Field(
        min_length=1,
        max_length=200,
        description="A field; over relations and into documents with dots: `entity.name`, `data.fps`.",
        examples=["name"],
    ),
]


class _Wish(BaseModel):
    """Words that are not known are refused: a filter with a slip of the pen would let everything through."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class AndFilter(_Wish):
    """Rows that meet all of these."""

    all_of: list[Filter] = Field(alias="and", min_length=1)


class OrFilter(_Wish):
    """Rows that meet any of these."""

    any_of: list[Filter] = Field(alias="or", min_length=1)


class NotFilter(_Wish):
    """Rows that don't meet this."""

    none_of: Filter = Field(alias="not")


class Comparison(_Wish):
    """Rows whose field compares to a value in this way; over a relation to many, any of its rows may."""

    field: Path
    op: Literal["eq", "ne", "in", "lt", "lte", "gt", "gte", "like", "contains", "is_null"] = "eq"
    value: JsonDocument = Field(
        description="Of the field's type; a list for `in`, a pattern for `like`, true or false for `is_null`."
    )


def _form(value: Any) -> str:
    """Which of the four forms a filter has."""
    if isinstance(value, BaseModel):
        return type(value).__name__
    for word, form in (("and", "AndFilter"), ("or", "OrFilter"), ("not", "NotFilter")):
        if isinstance(value, dict) and word in value:
            return form
    return "Comparison"


Filter = Annotated[
    Union[  # noqa: UP007 (the names are known later)
        Annotated["AndFilter", Tag("AndFilter")],
        Annotated["OrFilter", Tag("OrFilter")],
        Annotated["NotFilter", Tag("NotFilter")],
        Annotated["Comparison", Tag("Comparison")],
    ],
    Discriminator(_form),
]
"""A comparison, or several put together by `and`, `or` and `not`."""

for _one in (AndFilter, OrFilter, NotFilter):
    _one.model_rebuild()


class QueryOrder(_Wish):
    """What rows are ordered by; what is missing comes last, in either direction."""

    field: Path
    direction: Literal["asc", "desc"] = "asc"


class Aggregate(_Wish):
    """A number, or the first or last value, of each group."""

    function: Literal["count", "count_distinct", "sum", "avg", "min", "max"]
    field: Path | None = Field(default=None, description="Absent for `count`, which counts rows.")


AggregateName = Annotated[str, Field(pattern="^[A-Za-z_][A-Za-z0-9_]{0,39}$")]


class QueryRequest(_Wish):
    """What is asked for: rows, or with `group_by` or `aggregates` groups of them."""

    where: Filter | None = Field(default=None, alias="filter", description="Absent: all rows that you see.")
    fields: list[Path] | None = Field(
        default=None,
        min_length=1,
        max_length=MOST_FIELDS,
        description="What rows show; absent: all fields of their own. A relation alone stands for its id.",
    )
    order: list[QueryOrder] = Field(
        default=[],
        max_length=MOST_ORDERS,
        description="Absent: oldest first, groups by their keys. Groups take names of aggregates, too.",
    )
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 100
    cursor: Annotated[Text, Field(max_length=1_000_000)] | None = Field(
        default=None, description="`next_cursor` of the page before, with the same filter, order and groups."
    )
    count: bool = Field(default=False, description="Whether to count the rows, or groups, of all pages.")
    group_by: list[Path] = Field(default=[], max_length=MOST_GROUPS)
    aggregates: dict[AggregateName, Aggregate] = Field(default={}, max_length=MOST_AGGREGATES)

    @property
    def is_grouped(self) -> bool:
        """Whether groups are asked for."""
        return bool(self.group_by or self.aggregates)


class QueryGroup(Schema):
    """Rows that have the same values in the fields of `group_by`."""

    keys: dict[str, JsonDocument] = Field(description="Their values, by path.")
    values: dict[str, JsonDocument] = Field(description="The aggregates, by name.")


class QueryAnswer(Schema):
    """What every answer has beside its rows."""

    next_cursor: str | None = Field(description="Ask for the next page with it; null: this is the last.")
    total: int | None = Field(description="Rows, or groups, of all pages, if `count` asked for it.")
    groups: list[QueryGroup] | None = Field(description="The groups, if they were asked for.")
    has_more: bool = Field(description="Whether there is more than this page.")


def row_schema(
    name: str, read: type[BaseModel], columns: Iterable[str], relations: Mapping[str, tuple[str, bool]]
) -> type[BaseModel]:
    """The schema of a row of which any part may be chosen.

    `relations` give the name of the schema of what each leads to, and whether to many; it is looked up when
    all are made.
    """
    fields: dict[str, Any] = {}
    for column in columns:
        known = read.model_fields.get(column)
        kind: Any = str if known is None else known.annotation
        if known is not None and known.metadata:
            kind = Annotated[(kind, *known.metadata)]
        fields[column] = (kind | None, None)
    for relation, (target, many) in relations.items():
        fields[relation] = (f"list[{target}] | None" if many else f"{target} | None", None)
    made: type[BaseModel] = create_model(
        name, __base__=Schema, __doc__="A row, as far as it was asked for.", **fields
    )
    return made
