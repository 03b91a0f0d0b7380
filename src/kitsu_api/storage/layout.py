"""Where objects lie, as existing installations have it.

An object's key is `{prefix}-{id}`; on the local disk it lies in folders made of the key's first characters,
in an object store under the key itself.
"""

from __future__ import annotations

from uuid import UUID


def key_of(prefix: str, id: UUID) -> str:
    """The key of an object."""
    return f"{prefix}-{id}"


def local_path(bucket: str, key: str) -> str:
    """Where an object lies below the folder of files: `pictures/previews/8f8/979/8f8979cf-…`.

    Only the key's first part is cut off, so that `thumbnails-square-4ae…` lies in
    `thumbnails/squ/are/square-4ae…`. Dumps of the database lie side by side in one folder.
    """
    first, _, rest = key.partition("-")
    if first == "dbbackup":
        return f"{bucket}/{first}/{rest}"
    return f"{bucket}/{first}/{rest[:3]}/{rest[3:6]}/{rest}"


def key_of_path(bucket: str, path: str) -> str:
    """The key of what lies at a path below the folder of files: `local_path` backwards.

    Raises:
        ValueError: no object lies at such a path.
    """
    first, *between = path.removeprefix(f"{bucket}/").split("/")
    if not between:
        raise ValueError(f"{path} is no object.")
    name = between.pop()
    whole = first != "dbbackup" and between == [name[:3], name[3:6]]
    if not whole and not (first == "dbbackup" and not between):
        raise ValueError(f"{path} is no object.")
    return f"{first}-{name}"
