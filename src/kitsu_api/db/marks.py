"""Conditions that were made with marks in place of ids, as conditions with parameters.

A statement is kept by its text (`prepared.py`), and the ids that a caller may see are no part of it. Who
makes conditions out of ids need not know: they are given marks, ids that nobody has, and these are taken out
again here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ARRAY,
    BinaryExpression,
    BindParameter,
    ColumnElement,
    Uuid,
    bindparam,
    cast,
    false,
    func,
    select,
    true,
)
from sqlalchemy.sql import operators, visitors

# Made anew by each process; they leave it as names of parameters alone.
_MARKS: dict[str, UUID] = {}
_NAMES: dict[UUID, str] = {}


def mark(name: str) -> UUID:
    """The mark of the ids of this name: of one id, or of a list of them."""
    if name not in _MARKS:
        _MARKS[name] = uuid4()
        _NAMES[_MARKS[name]] = name
    return _MARKS[name]


def parametrised(element: ColumnElement[Any]) -> ColumnElement[Any]:
    """A condition, or a column, with parameters named as the marks that are in it.

    A mark that something is compared with stands for one id; one in a list stands for any number of them.

    Raises:
        TypeError: a mark stands where no parameter can.
    """
    changed: ColumnElement[Any] = visitors.replacement_traverse(element, {}, _parameter)
    for part in visitors.iterate(changed):
        if isinstance(part, BindParameter) and _marks_in(part.value):
            raise TypeError(f"The marks {_marks_in(part.value)} can't be made parameters of {element}.")
    return changed


def _marks_in(value: Any) -> list[str]:
    """The names of the marks among values."""
    ids: Iterable[Any] = value if isinstance(value, list | tuple | set | frozenset) else (value,)
    return [_NAMES[id] for id in ids if isinstance(id, UUID) and id in _NAMES]


def _parameter(element: Any, **_: Any) -> Any:
    """What takes the place of a part of a condition; None where it stays."""
    if isinstance(element, BinaryExpression) and element.operator in (operators.in_op, operators.not_in_op):
        return _membership(element)
    if isinstance(element, BindParameter) and isinstance(element.value, UUID) and _marks_in(element.value):
        return bindparam(_NAMES[element.value], type_=Uuid())
    return None


def _membership(element: BinaryExpression[Any]) -> Any:
    listed, among = element.right, element.operator is operators.in_op
    if not isinstance(listed, BindParameter) or not listed.expanding:
        return None
    if not listed.value:
        return false() if among else true()
    names = _marks_in(listed.value)
    if not names or len(names) != len(listed.value):
        return None
    left: Any = visitors.replacement_traverse(element.left, {}, _parameter)
    ids = _together(names)
    return left == func.any(ids) if among else left != func.all(ids)


def _together(names: list[str]) -> Any:
    """The ids of the parameters, in a subquery of their own.

    They are put together once, not for each row that they are compared with. And PostgreSQL does not see how
    many they are: for each number it would plan anew.
    """
    ids: Any = bindparam(names[0], type_=ARRAY(Uuid))
    for name in names[1:]:
        ids = func.array_cat(ids, bindparam(name, type_=ARRAY(Uuid)), type_=ARRAY(Uuid))
    return cast(select(ids).scalar_subquery(), ARRAY(Uuid))
