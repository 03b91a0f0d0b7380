"""All tables, one module a domain."""

from kitsu_api.db.models.access_groups import AccessGroup, AccessGroupMember
from kitsu_api.db.models.api_keys import ApiKey
from kitsu_api.db.models.budgets import Budget, BudgetEntry
from kitsu_api.db.models.chats import Chat, ChatMessage, ChatParticipant
from kitsu_api.db.models.comments import (
    AttachmentFile,
    Comment,
    CommentAcknoledgments,
    CommentDepartmentMentions,
    CommentMentions,
    CommentPreviewLink,
)
from kitsu_api.db.models.departments import (
    Department,
    HardwareItem,
    HardwareItemDepartmentLink,
    SalaryScale,
    Software,
    SoftwareDepartmentLink,
)
from kitsu_api.db.models.entities import (
    AssetInstance,
    AssetInstanceLink,
    Entity,
    EntityConceptLink,
    EntityLink,
    EntityType,
    EntityVersion,
    TaskTypeAssetTypeLink,
)
from kitsu_api.db.models.event_handlers import EventHandlerRun, RunStatus
from kitsu_api.db.models.event_log import EventCursor, EventLogEntry
from kitsu_api.db.models.events import ApiEvent, DataImportError
from kitsu_api.db.models.files import FileStatus, OutputFile, OutputType, WorkingFile
from kitsu_api.db.models.history import HistoryEntry
from kitsu_api.db.models.imports import ImportChange, ImportMapping, ImportStatus, SheetImport
from kitsu_api.db.models.jobs import JobStatus, TrackedJob
from kitsu_api.db.models.messages import Channel, Message, MessageStatus
from kitsu_api.db.models.metadata import DepartmentMetadataDescriptorLink, MetadataDescriptor
from kitsu_api.db.models.news import News, Notification, Subscription
from kitsu_api.db.models.organisation import Organisation
from kitsu_api.db.models.outbox import OutboxMessage
from kitsu_api.db.models.persons import DepartmentLink, DesktopLoginLog, LoginLog, Person, Studio
from kitsu_api.db.models.playlists import BuildJob, Playlist, PlaylistShareLink
from kitsu_api.db.models.plugins import Plugin
from kitsu_api.db.models.previews import (
    PreviewBackgroundFile,
    PreviewFile,
    PreviewFileStorageState,
    StoredFile,
)
from kitsu_api.db.models.project_templates import (
    ProjectTemplate,
    ProjectTemplateAssetTypeLink,
    ProjectTemplatePreviewBackgroundFileLink,
    ProjectTemplateStatusAutomationLink,
    ProjectTemplateTaskStatusLink,
    ProjectTemplateTaskTypeLink,
)
from kitsu_api.db.models.projects import (
    Project,
    ProjectAssetTypeLink,
    ProjectPersonLink,
    ProjectPreviewBackgroundFileLink,
    ProjectStatus,
    ProjectStatusAutomationLink,
    ProjectTaskStatusLink,
    ProjectTaskTypeLink,
    ProjectTaskTypeSoftwareLink,
)
from kitsu_api.db.models.reports import Report, ReportChart, ReportSubscription
from kitsu_api.db.models.schedule import (
    Milestone,
    ProductionScheduleVersion,
    ProductionScheduleVersionTaskLink,
    ProductionScheduleVersionTaskLinkPersonLink,
    ScheduleItem,
)
from kitsu_api.db.models.storage_use import KeptFile, StorageUse
from kitsu_api.db.models.tasks import StatusAutomation, Task, TaskPersonLink, TaskStatus, TaskType
from kitsu_api.db.models.time_spents import DayOff, TimeSpent
from kitsu_api.db.models.trash import TrashRecord, TrashRow
from kitsu_api.db.models.uploads import Upload, UploadPart
from kitsu_api.db.models.user_filters import CustomAction, SearchFilter, SearchFilterGroup
from kitsu_api.db.models.webhooks import DeliveryStatus, Webhook, WebhookDelivery

__all__ = [
    "AccessGroup",
    "AccessGroupMember",
    "ApiEvent",
    "ApiKey",
    "AssetInstance",
    "AssetInstanceLink",
    "AttachmentFile",
    "Budget",
    "BudgetEntry",
    "BuildJob",
    "Channel",
    "Chat",
    "ChatMessage",
    "ChatParticipant",
    "Comment",
    "CommentAcknoledgments",
    "CommentDepartmentMentions",
    "CommentMentions",
    "CommentPreviewLink",
    "CustomAction",
    "DataImportError",
    "DayOff",
    "DeliveryStatus",
    "Department",
    "DepartmentLink",
    "DepartmentMetadataDescriptorLink",
    "DesktopLoginLog",
    "Entity",
    "EntityConceptLink",
    "EntityLink",
    "EntityType",
    "EntityVersion",
    "EventCursor",
    "EventHandlerRun",
    "EventLogEntry",
    "FileStatus",
    "HardwareItem",
    "HardwareItemDepartmentLink",
    "HistoryEntry",
    "ImportChange",
    "ImportMapping",
    "ImportStatus",
    "JobStatus",
    "KeptFile",
    "LoginLog",
    "Message",
    "MessageStatus",
    "MetadataDescriptor",
    "Milestone",
    "News",
    "Notification",
    "Organisation",
    "OutboxMessage",
    "OutputFile",
    "OutputType",
    "Person",
    "Playlist",
    "PlaylistShareLink",
    "Plugin",
    "PreviewBackgroundFile",
    "PreviewFile",
    "PreviewFileStorageState",
    "ProductionScheduleVersion",
    "ProductionScheduleVersionTaskLink",
    "ProductionScheduleVersionTaskLinkPersonLink",
    "Project",
    "ProjectAssetTypeLink",
    "ProjectPersonLink",
    "ProjectPreviewBackgroundFileLink",
    "ProjectStatus",
    "ProjectStatusAutomationLink",
    "ProjectTaskStatusLink",
    "ProjectTaskTypeLink",
    "ProjectTaskTypeSoftwareLink",
    "ProjectTemplate",
    "ProjectTemplateAssetTypeLink",
    "ProjectTemplatePreviewBackgroundFileLink",
    "ProjectTemplateStatusAutomationLink",
    "ProjectTemplateTaskStatusLink",
    "ProjectTemplateTaskTypeLink",
    "Report",
    "ReportChart",
    "ReportSubscription",
    "RunStatus",
    "SalaryScale",
    "ScheduleItem",
    "SearchFilter",
    "SearchFilterGroup",
    "SheetImport",
    "Software",
    "SoftwareDepartmentLink",
    "StatusAutomation",
    "StorageUse",
    "StoredFile",
    "Studio",
    "Subscription",
    "Task",
    "TaskPersonLink",
    "TaskStatus",
    "TaskType",
    "TaskTypeAssetTypeLink",
    "TimeSpent",
    "TrackedJob",
    "TrashRecord",
    "TrashRow",
    "Upload",
    "UploadPart",
    "Webhook",
    "WebhookDelivery",
    "WorkingFile",
]
