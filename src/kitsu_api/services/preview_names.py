"""What files of previews are called when people save them: `film_props_tree_shading_v2.png`."""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import Organisation, PreviewFile
from kitsu_api.db.repositories.preview_media import PreviewMedia, PreviewTask
from kitsu_api.db.repositories.records import Records
from kitsu_api.services.attachments import safe_name


def plain(text: str) -> str:
    """A name in small letters of the Latin alphabet, digits and underlines."""
    letters = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"[^\w-]+", "_", bare.lower()).strip("_")


def stem_of(preview: PreviewFile, task: PreviewTask) -> str:
    """The name of a preview by production, entity, task type and revision, without an extension."""
    words = [task.project, *task.entity.split(" / "), task.task_type]
    revision = f"v{preview.revision or 1:0{max(task.revision_padding or 0, 1)}}"
    position = f"-{preview.position}" if (preview.position or 1) > 1 else ""
    return "_".join(filter(None, map(plain, words))) + f"_{revision}{position}"


async def saved_stem(session: AsyncSession, preview: PreviewFile) -> str:
    """What a preview is saved as, without an extension: as it was uploaded where the studio wants that, else
    by production, entity, task type and revision."""
    studio = await Records(session, Organisation).find_where()
    if studio is not None and studio.use_original_file_name and preview.original_name:
        return safe_name(preview.original_name)
    task = await PreviewMedia(session).task_of(preview.task_id)
    return shown_stem(preview) if task is None else stem_of(preview, task)


def shown_stem(preview: PreviewFile) -> str:
    """What a preview is called where it is only shown."""
    return safe_name(preview.original_name or str(preview.id))
