"""What of each table goes over the wire."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Text,
    Uuid,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db import project_columns
from kitsu_api.db.prepared import built_once
from kitsu_api.db.projection import Children, Link, Nested, Projection

NAMED_KINDS = ("Shot", "Sequence", "Episode", "Scene", "Edit", "Concept")
"""Entity types that give their rows a `type` of their own; all others are asset types."""

PERSON_SECRETS = frozenset(
    {
        "password",
        "jti",
        "totp_secret",
        "email_otp_secret",
        "otp_recovery_codes",
        "fido_credentials",
        "login_failed_attemps",
        "last_login_failed",
        "oidc_issuer",
        "oidc_subject",
        "saml_issuer",
        "saml_subject",
    }
)


def kind_of_entity(entity: Any) -> Any:
    """The `type` of an entity: `Shot`, `Sequence`, `ConceptFolder`, … or `Asset`."""
    kind = m.EntityType
    name = case((kind.name.in_((*NAMED_KINDS, "ConceptFolder")), kind.name), else_="Asset")
    return func.coalesce(
        select(name).where(kind.id == entity.entity_type_id).scalar_subquery(), literal("Asset", Text)
    )


@built_once
def author_of(person_id: Any) -> Any:
    """Who somebody is, as far as everybody may know."""
    person = aliased(m.Person)
    return select(_author(person)).where(person.id == person_id).scalar_subquery()


def authors(ids: Any) -> Any:
    """The same of several, as `card_in` looks it up."""
    person = aliased(m.Person)
    return cards(person.id, _author(person)).where(person.id.in_(ids)).scalar_subquery()


def cards(id: Any, card: Any) -> Any:
    """Objects of JSON by their ids, for `card_in`: each is made once, however many rows show it.

    A join would do as well where PostgreSQL knows how many rows there are. Where it doesn't, it looks through
    all of the objects for each row.
    """
    return select(func.jsonb_object_agg(cast(id, Text), cast(card, Text)))


def card_in(found: Any, id: Any) -> ColumnElement[Any]:
    """The text of the object of an id; null where there is none."""
    return type_coerce(found.op("->>")(cast(id, Text)), JSON)


def _author(person: Any) -> ColumnElement[Any]:
    return func.json_build_object(
        "id",
        person.id,
        "first_name",
        person.first_name,
        "last_name",
        person.last_name,
        "full_name",
        func.trim(person.first_name + " " + person.last_name),
        "has_avatar",
        person.has_avatar,
        "role",
        person.role,
    )


ID_PATTERN = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
NO_ROWS: ColumnElement[Any] = literal_column("'[]'::jsonb", JSONB)


@built_once
def replies_with_authors(column: Any) -> ColumnElement[Any]:
    """The replies of a comment in their order, each with the card of its author."""
    replies = case((func.jsonb_typeof(column) == "array", column), else_=NO_ROWS)
    reply = (
        func.jsonb_array_elements(replies)
        .table_valued("value", with_ordinality="place")
        .render_derived("reply")
    )
    value = cast(reply.c.value, JSONB)
    person = aliased(m.Person)
    card = func.jsonb_build_object(
        *("id", person.id, "first_name", person.first_name, "last_name", person.last_name),
        *("full_name", func.trim(person.first_name + " " + person.last_name)),
        *("has_avatar", person.has_avatar, "role", person.role),
    )
    named = value["person_id"].astext
    # Compared as ids, so that each author is found by the index; what is no id finds nobody.
    author_id = case((named.op("~*")(ID_PATTERN), cast(named, Uuid)))
    author = select(card).where(person.id == author_id).correlate(reply).scalar_subquery()
    whole = value.op("||")(func.jsonb_build_object("person", author))
    ordered = func.jsonb_agg(aggregate_order_by(whole, reply.c.place))
    named_replies = select(func.coalesce(ordered, NO_ROWS)).select_from(reply).scalar_subquery()
    return case((column == NO_ROWS, NO_ROWS), else_=named_replies)


def plain(model: Any, **more: Any) -> Projection:
    """A table that shows all its columns."""
    return Projection(model, model.__name__, **more)


ASSET_INSTANCE_LINKS = {"shots": Link(m.AssetInstanceLink, "asset_instance_id", "entity_id")}
CHAT_LINKS = {"participants": Link(m.ChatParticipant, "chat_id", "person_id")}
COMMENT_LINKS = {
    "previews": Link(m.CommentPreviewLink, "comment", "preview_file"),
    "mentions": Link(m.CommentMentions, "comment", "person"),
    "department_mentions": Link(m.CommentDepartmentMentions, "comment", "department"),
    "acknowledgements": Link(m.CommentAcknoledgments, "comment", "person"),
}
ENTITY_LINKS = {
    "entities_out": Link(m.EntityLink, "entity_in_id", "entity_out_id"),
    "entity_concept_links": Link(m.EntityConceptLink, "entity_in_id", "entity_out_id"),
    "instance_casting": Link(m.AssetInstanceLink, "entity_id", "asset_instance_id"),
    "entities_in": Link(m.EntityLink, "entity_out_id", "entity_in_id"),
}
ENTITY_TYPE_LINKS = {"task_types": Link(m.TaskTypeAssetTypeLink, "asset_type_id", "task_type_id")}
DESCRIPTOR_LINKS = {
    "departments": Link(m.DepartmentMetadataDescriptorLink, "metadata_descriptor_id", "department_id")
}
PERSON_LINKS = {"departments": Link(m.DepartmentLink, "person_id", "department_id")}
VERSIONED_TASK_LINKS = {
    "assignees": Link(
        m.ProductionScheduleVersionTaskLinkPersonLink, "production_schedule_version_task_link_id", "person_id"
    )
}
PROJECT_LINKS = {
    "team": Link(m.ProjectPersonLink, "project_id", "person_id"),
    "asset_types": Link(m.ProjectAssetTypeLink, "project_id", "asset_type_id"),
    "task_statuses": Link(m.ProjectTaskStatusLink, "project_id", "task_status_id"),
    "task_types": Link(m.ProjectTaskTypeLink, "project_id", "task_type_id"),
    "status_automations": Link(m.ProjectStatusAutomationLink, "project_id", "status_automation_id"),
    "preview_background_files": Link(
        m.ProjectPreviewBackgroundFileLink, "project_id", "preview_background_file_id"
    ),
}
TEMPLATE_LINKS = {
    "task_types": Link(m.ProjectTemplateTaskTypeLink, "project_template_id", "task_type_id"),
    "task_statuses": Link(m.ProjectTemplateTaskStatusLink, "project_template_id", "task_status_id"),
    "asset_types": Link(m.ProjectTemplateAssetTypeLink, "project_template_id", "asset_type_id"),
    "status_automations": Link(
        m.ProjectTemplateStatusAutomationLink, "project_template_id", "status_automation_id"
    ),
    "preview_background_files": Link(
        m.ProjectTemplatePreviewBackgroundFileLink, "project_template_id", "preview_background_file_id"
    ),
}
TASK_LINKS = {"assignees": Link(m.TaskPersonLink, "task_id", "person_id")}

ASSET_INSTANCE = plain(m.AssetInstance, relations=ASSET_INSTANCE_LINKS)
BUDGET = plain(m.Budget)
BUDGET_ENTRY = plain(m.BudgetEntry)
CHAT = plain(m.Chat, relations=CHAT_LINKS)
CHAT_MESSAGE = plain(
    m.ChatMessage, relations={"attachment_files": Children(m.AttachmentFile, "chat_message_id")}
)
COMMENT = plain(
    m.Comment,
    relations={**COMMENT_LINKS, "attachment_files": Children(m.AttachmentFile, "comment_id")},
    details={
        "person": author_of(m.Comment.person_id),
        "replies": replies_with_authors(m.Comment.replies),
    },
)
ATTACHMENT_FILE = plain(
    m.AttachmentFile,
    relations={
        "comment": Nested(COMMENT, "comment_id"),
        "chat_message": Nested(CHAT_MESSAGE, "chat_message_id"),
    },
    always=frozenset({"comment", "chat_message"}),
)
CUSTOM_ACTION = plain(m.CustomAction)
DAY_OFF = plain(m.DayOff)
DEPARTMENT = plain(m.Department)
ENTITY = Projection(m.Entity, kind_of_entity(m.Entity), relations=ENTITY_LINKS)
ENTITY_LINK = plain(m.EntityLink)
ENTITY_TYPE = plain(m.EntityType, relations=ENTITY_TYPE_LINKS)
ASSET_TYPE = Projection(m.EntityType, "AssetType", relations=ENTITY_TYPE_LINKS)
EVENT = plain(m.ApiEvent)
FILE_STATUS = plain(m.FileStatus)
HARDWARE_ITEM = plain(m.HardwareItem)
METADATA_DESCRIPTOR = plain(
    m.MetadataDescriptor, relations=DESCRIPTOR_LINKS, always=frozenset({"departments"})
)
MILESTONE = plain(m.Milestone)
NEWS = plain(m.News)
NOTIFICATION = Projection(m.Notification, "Notification", renamed={"type": "notification_type"})
ORGANISATION = plain(m.Organisation)
OUTPUT_TYPE = plain(m.OutputType)
PERSON = plain(
    m.Person,
    secret=PERSON_SECRETS,
    computed={"full_name": func.trim(m.Person.first_name + " " + m.Person.last_name, type_=Text)},
    relations=PERSON_LINKS,
)
PLAYLIST = plain(m.Playlist, relations={"build_jobs": Children(m.BuildJob, "playlist_id")})
PLUGIN = plain(m.Plugin)
PREVIEW_BACKGROUND_FILE = plain(m.PreviewBackgroundFile)
PREVIEW_FILE = plain(
    m.PreviewFile, relations={"comments": Link(m.CommentPreviewLink, "preview_file", "comment")}
)
SCHEDULE_VERSION_TASK = plain(m.ProductionScheduleVersionTaskLink, relations=VERSIONED_TASK_LINKS)
SCHEDULE_VERSION = plain(m.ProductionScheduleVersion)
PROJECT_STATUS = plain(m.ProjectStatus)
PROJECT_TEMPLATE = plain(m.ProjectTemplate, relations=TEMPLATE_LINKS)
PROJECT = plain(m.Project, relations=PROJECT_LINKS, details=project_columns.details(m.Project))
SALARY_SCALE = plain(m.SalaryScale)
SCHEDULE_ITEM = plain(m.ScheduleItem)
SEARCH_FILTER = plain(m.SearchFilter)
SEARCH_FILTER_GROUP = plain(m.SearchFilterGroup)
SOFTWARE = plain(m.Software)
STATUS_AUTOMATION = plain(m.StatusAutomation)
STUDIO = plain(m.Studio)
SUBSCRIPTION = plain(m.Subscription)
TASK_STATUS = plain(m.TaskStatus)
TASK_TYPE = plain(m.TaskType)
TASK = plain(m.Task, relations=TASK_LINKS)
TIME_SPENT = plain(m.TimeSpent)
WORKING_FILE = plain(m.WorkingFile, relations={"outputs": Children(m.OutputFile, "source_file_id")})
OUTPUT_FILE = plain(
    m.OutputFile,
    relations={"source_file": Nested(plain(m.WorkingFile), "source_file_id")},
    always=frozenset({"source_file"}),
)
DESKTOP_LOGIN_LOG = plain(m.DesktopLoginLog)
