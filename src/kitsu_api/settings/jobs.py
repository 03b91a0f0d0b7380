"""Workers, and how long things are kept."""

from __future__ import annotations

from pydantic_settings import BaseSettings

from kitsu_api.settings.reading import setting


class Jobs(BaseSettings):
    """Workers, and how long things are kept."""

    jobs_inline: bool = setting(
        "jobs_inline",
        default=False,
        about="Run jobs before the answer, in the API process: small installations and conformance runs.",
    )
    job_timeout: int = setting(
        "job_queue_timeout", "JOB_QUEUE_TIMEOUT", default=3600, about="Seconds after which a job is ended."
    )
    worker_concurrency: int = setting(
        "worker_concurrency", default=4, ge=1, about="Quick jobs that a worker runs at once."
    )
    worker_media_concurrency: int = setting(
        "worker_media_concurrency", default=1, ge=1, about="Media jobs that a worker runs at once."
    )
    job_heartbeat_seconds: float = setting(
        "job_heartbeat_seconds",
        default=5.0,
        about="Seconds between a running job's heartbeats; after four missed ones another worker takes it.",
    )
    job_retention_days: int = setting(
        "job_retention_days", default=30, ge=1, about="Days that jobs are remembered after their end."
    )
    history_months: int = setting(
        "history_months",
        default=0,
        ge=0,
        about="Whole months that the history of fields goes back; the worker drops older ones. 0 keeps all.",
    )
    trash_days: int = setting(
        "trash_days",
        default=30,
        ge=0,
        about="Days that deleted assets, shots and the like can be restored; 0: not at all.",
    )
    deleted_file_days: int = setting(
        "deleted_file_days",
        default=7,
        ge=0,
        about="Days that a deleted file stays in storage, so that a restored backup of the database has it.",
    )
    outbox_relay: bool = setting(
        "outbox_relay", default=True, about="Send what an earlier process committed and could not publish."
    )
