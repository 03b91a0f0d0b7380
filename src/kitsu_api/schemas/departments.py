"""Departments and what they cost: software, hardware, salaries."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, RootModel

from kitsu_api.schemas.base import Integer, JsonDocument, OptionalId, Payload, RecordRead, Text


class DepartmentRead(RecordRead):
    """A department."""

    name: str
    color: str
    archived: bool | None = None


class DepartmentCreate(Payload):
    """A department to make."""

    name: Annotated[Text, Field(max_length=80)]
    color: Annotated[Text, Field(max_length=7)]
    archived: bool | None = None


class DepartmentUpdate(Payload):
    """What may change of a department; what is absent stays."""

    name: Annotated[Text, Field(max_length=80)] | None = None
    color: Annotated[Text, Field(max_length=7)] | None = None
    archived: bool | None = None


class HardwareItemRead(RecordRead):
    """A hardware item."""

    name: str
    short_name: str
    archived: bool | None = None
    monthly_cost: int | None = None
    inventory_amount: int | None = None


class HardwareItemCreate(Payload):
    """A hardware item to make."""

    name: Annotated[Text, Field(max_length=40)]
    short_name: Annotated[Text, Field(max_length=20)]
    archived: bool | None = None
    monthly_cost: Integer | None = None
    inventory_amount: Integer | None = None


class HardwareItemUpdate(Payload):
    """What may change of a hardware item; what is absent stays."""

    name: Annotated[Text, Field(max_length=40)] | None = None
    short_name: Annotated[Text, Field(max_length=20)] | None = None
    archived: bool | None = None
    monthly_cost: Integer | None = None
    inventory_amount: Integer | None = None


class SalaryScaleRead(RecordRead):
    """A salary scale."""

    department_id: UUID
    position: Literal["supervisor", "lead", "artist"] | None = None
    seniority: Literal["senior", "mid", "junior"] | None = None
    salary: int


class SalaryScaleCreate(Payload):
    """A salary scale to make."""

    department_id: UUID
    position: Literal["supervisor", "lead", "artist"] | None = None
    seniority: Literal["senior", "mid", "junior"] | None = None
    salary: Integer | None = None


class SalaryScaleUpdate(Payload):
    """What may change of a salary scale; what is absent stays."""

    department_id: OptionalId = None
    position: Literal["supervisor", "lead", "artist"] | None = None
    seniority: Literal["senior", "mid", "junior"] | None = None
    salary: Integer | None = None


class SoftwareRead(RecordRead):
    """A software."""

    name: str
    short_name: str
    archived: bool | None = None
    version: str | None = None
    file_extension: str
    secondary_extensions: JsonDocument = None
    monthly_cost: int | None = None
    inventory_amount: int | None = None


class SoftwareCreate(Payload):
    """A software to make."""

    name: Annotated[Text, Field(max_length=40)]
    short_name: Annotated[Text, Field(max_length=20)]
    archived: bool | None = None
    version: Annotated[Text, Field(max_length=20)] | None = None
    file_extension: Annotated[Text, Field(max_length=20)]
    secondary_extensions: JsonDocument = None
    monthly_cost: Integer | None = None
    inventory_amount: Integer | None = None


class SoftwareUpdate(Payload):
    """What may change of a software; what is absent stays."""

    name: Annotated[Text, Field(max_length=40)] | None = None
    short_name: Annotated[Text, Field(max_length=20)] | None = None
    archived: bool | None = None
    version: Annotated[Text, Field(max_length=20)] | None = None
    file_extension: Annotated[Text, Field(max_length=20)] | None = None
    secondary_extensions: JsonDocument = None
    monthly_cost: Integer | None = None
    inventory_amount: Integer | None = None


class HardwareOfDepartments(RootModel[dict[UUID, list[HardwareItemRead]]]):
    """Hardware items by department; departments without any are absent."""


class SoftwareOfDepartments(RootModel[dict[UUID, list[SoftwareRead]]]):
    """Softwares by department; departments without any are absent."""


class HardwareLinkRead(RecordRead):
    """A department and a hardware item that it has."""

    department_id: UUID
    hardware_item_id: UUID


class SoftwareLinkRead(RecordRead):
    """A department and a software that it has licences of."""

    department_id: UUID
    software_id: UUID


class NewHardwareLink(Payload):
    """A hardware item that a department gets."""

    hardware_item_id: UUID


class NewSoftwareLink(Payload):
    """A software that a department gets licences of."""

    software_id: UUID
