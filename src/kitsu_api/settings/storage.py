"""Where files lie, and how large what comes in may be."""

from __future__ import annotations

from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from kitsu_api.settings.reading import setting


class Storage(BaseSettings):
    """Where files lie, and how large what comes in may be."""

    fs_backend: Literal["local", "s3"] = setting(
        "fs_backend", "FS_BACKEND", default="local", about="Where files lie: `local` disk, or an `s3` store."
    )
    fs_bucket_prefix: str = setting(
        "fs_bucket_prefix", "FS_BUCKET_PREFIX", default="", about="What the names of buckets begin with."
    )
    fs_s3_region: str | None = setting(
        "fs_s3_region", "FS_S3_REGION", default=None, about="Region of the object store."
    )
    fs_s3_endpoint: str | None = setting(
        "fs_s3_endpoint", "FS_S3_ENDPOINT", default=None, about="Address of the object store, unless AWS."
    )
    fs_s3_access_key: str | None = setting(
        "fs_s3_access_key", "FS_S3_ACCESS_KEY", default=None, about="Key id for the object store."
    )
    fs_s3_secret_key: SecretStr | None = setting(
        "fs_s3_secret_key", "FS_S3_SECRET_KEY", default=None, about="Secret for the object store."
    )
    fs_s3_signed_seconds: int = setting(
        "fs_s3_signed_seconds",
        default=0,
        ge=0,
        about="Seconds that addresses are good for which send browsers to the object store; 0: none do.",
    )
    max_json_mb: int = setting(
        "max_json_mb", default=32, ge=1, about="Megabytes that a body without files may have, such as JSON."
    )
    max_upload_mb: int = setting(
        "max_upload_mb", default=10_240, ge=1, about="Megabytes that an uploaded file may have."
    )
    max_guest_upload_mb: int = setting(
        "max_guest_upload_mb",
        default=100,
        ge=1,
        about="Megabytes that guests of a share link may attach to a comment at a time.",
    )
    person_quota_gb: int = setting(
        "person_quota_gb",
        default=0,
        ge=0,
        about="Gigabytes of files that each person may have in storage; 0: any number.",
    )
    production_quota_gb: int = setting(
        "production_quota_gb",
        default=0,
        ge=0,
        about="Gigabytes of files that each production may have in storage; 0: any number.",
    )
    upload_expiry_hours: int = setting(
        "upload_expiry_hours",
        default=24,
        ge=1,
        about="Hours after its last byte at which a resumable upload is dropped, finished or not.",
    )
    max_open_uploads: int = setting(
        "max_open_uploads", default=50, ge=1, about="Resumable uploads that one person may have open."
    )
    max_open_upload_mb: int = setting(
        "max_open_upload_mb",
        default=51_200,
        ge=1,
        about="Megabytes that the open resumable uploads of one person may have together.",
    )
    answer_cache_mb: int = setting(
        "answer_cache_mb",
        default=1_024,
        ge=0,
        about="Megabytes of finished boards kept in `cache` in the data folder; 0 keeps none.",
    )
