"""What is copied of an instance: its lists, in the order in which they refer to each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Table

from kitsu_api.db import projections as p
from kitsu_api.db.base import Base
from kitsu_api.db.projection import Link, Projection
from kitsu_api.db.table_graph import late_columns, ordered_tables, references_of

Row = dict[str, Any]


@dataclass(frozen=True)
class Mirrored:
    """A list of the source and the table that it is of; `links` are the relations that come with it."""

    path: str
    projection: Projection
    links: Mapping[str, Link] = field(default_factory=dict)

    @cached_property
    def table(self) -> Table:
        """The table."""
        return Base.metadata.tables[self.projection.model.__tablename__]

    @property
    def name(self) -> str:
        """What the table is called."""
        return self.table.name

    @cached_property
    def columns(self) -> Mapping[str, str]:
        """The columns that are copied, by what they are called on the wire."""
        return {
            self.projection.renamed.get(column.name, column.name): column.name
            for column in self.table.columns
            if column.name not in self.projection.secret
        }

    @cached_property
    def late_links(self) -> Mapping[str, Link]:
        """Links to rows that come with the same list or later."""
        return {name: link for name, link in self.links.items() if not self._is_early(link)}

    @cached_property
    def early_links(self) -> Mapping[str, Link]:
        """Links to rows that are there already."""
        return {name: link for name, link in self.links.items() if self._is_early(link)}

    @property
    def needs_second_pass(self) -> bool:
        """Whether rows refer to what comes with the same list or later."""
        return bool(self.late_links or late_columns(self.table))

    def _is_early(self, link: Link) -> bool:
        order, pairs = ordered_tables(), Base.metadata.tables[link.table.__tablename__]
        target = next(
            reference.target for reference in references_of(pairs) if reference.column.name == link.other
        )
        return order.index(target) < order.index(self.table)

    def row(self, sent: Row) -> Row:
        """The columns of a row that was sent."""
        return {column: sent[name] for name, column in self.columns.items() if name in sent}


def _in_order(lists: Iterable[Mirrored]) -> tuple[Mirrored, ...]:
    order = ordered_tables()
    return tuple(sorted(lists, key=lambda each: order.index(each.table)))


MIRRORED = _in_order(
    (
        Mirrored("asset-instances", p.ASSET_INSTANCE, p.ASSET_INSTANCE_LINKS),
        Mirrored("attachment-files", p.ATTACHMENT_FILE),
        Mirrored("budget-entries", p.BUDGET_ENTRY),
        Mirrored("budgets", p.BUDGET),
        Mirrored("chat-messages", p.CHAT_MESSAGE),
        Mirrored("chats", p.CHAT, p.CHAT_LINKS),
        # Which previews hang on a comment comes with the previews.
        Mirrored("comments", p.COMMENT, {k: v for k, v in p.COMMENT_LINKS.items() if k != "previews"}),
        Mirrored("custom-actions", p.CUSTOM_ACTION),
        Mirrored("day-offs", p.DAY_OFF),
        Mirrored("departments", p.DEPARTMENT),
        # Castings are a list of their own.
        Mirrored("entities", p.ENTITY, {"entity_concept_links": p.ENTITY_LINKS["entity_concept_links"]}),
        Mirrored("entity-links", p.ENTITY_LINK),
        Mirrored("entity-types", p.ENTITY_TYPE, p.ENTITY_TYPE_LINKS),
        Mirrored("file-status", p.FILE_STATUS),
        Mirrored("hardware-items", p.HARDWARE_ITEM),
        Mirrored("metadata-descriptors", p.METADATA_DESCRIPTOR, p.DESCRIPTOR_LINKS),
        Mirrored("milestones", p.MILESTONE),
        Mirrored("news", p.NEWS),
        Mirrored("notifications", p.NOTIFICATION),
        Mirrored("organisations", p.ORGANISATION),
        Mirrored("output-files", p.OUTPUT_FILE),
        Mirrored("output-types", p.OUTPUT_TYPE),
        Mirrored("persons", p.PERSON, p.PERSON_LINKS),
        Mirrored("playlists", p.PLAYLIST),
        Mirrored("preview-background-files", p.PREVIEW_BACKGROUND_FILE),
        Mirrored("preview-files", p.PREVIEW_FILE, {"comments": p.PREVIEW_FILE.relations["comments"]}),  # type: ignore[dict-item]  # it is a Link
        Mirrored("production-schedule-version-task-links", p.SCHEDULE_VERSION_TASK, p.VERSIONED_TASK_LINKS),
        Mirrored("production-schedule-versions", p.SCHEDULE_VERSION),
        Mirrored("project-status", p.PROJECT_STATUS),
        Mirrored("project-templates", p.PROJECT_TEMPLATE, p.TEMPLATE_LINKS),
        Mirrored("projects", p.PROJECT, p.PROJECT_LINKS),
        Mirrored("salary-scales", p.SALARY_SCALE),
        Mirrored("schedule-items", p.SCHEDULE_ITEM),
        Mirrored("softwares", p.SOFTWARE),
        Mirrored("status-automations", p.STATUS_AUTOMATION),
        Mirrored("studios", p.STUDIO),
        Mirrored("subscriptions", p.SUBSCRIPTION),
        Mirrored("task-status", p.TASK_STATUS),
        Mirrored("task-types", p.TASK_TYPE),
        Mirrored("tasks", p.TASK, p.TASK_LINKS),
        Mirrored("time-spents", p.TIME_SPENT),
        Mirrored("working-files", p.WORKING_FILE),
    )
)
"""The lists that are copied. Not among them: what the API shows to nobody (passwords, tokens, share
links), what belongs to one person's browser (saved searches), logs, and plugins."""

BY_NAME: Mapping[str, Mirrored] = {each.name: each for each in MIRRORED}

NAMED_IN_EVENTS: Mapping[str, str] = {
    **{each.name: each.name for each in MIRRORED},
    **dict.fromkeys(("asset", "shot", "sequence", "episode", "scene", "edit", "concept"), "entity"),
    "asset_type": "entity_type",
    "software_license": "software",
    "reply": "comment",
}
"""Tables by what events call their rows: `shot_id` is the id of an entity."""
