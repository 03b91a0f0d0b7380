"""How much there is of everything."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import Comment, PreviewFile
from kitsu_api.schemas.status import StudioCounts

MOVIES = ("mp4", "mov", "m4v", "webm", "avi", "mkv")
PICTURES = ("png", "jpg", "jpeg", "gif", "exr", "tif", "tiff", "webp")
MODELS = ("obj", "glb", "gltf", "fbx", "usd", "usdz", "blend")


async def count_everything(session: AsyncSession) -> StudioCounts:
    """Previews by the kind of their file, and comments, in one statement."""
    comments = select(func.count(Comment.id)).scalar_subquery()
    query = select(
        *(
            func.count(PreviewFile.id).filter(func.lower(PreviewFile.extension).in_(extensions))
            for extensions in (MOVIES, PICTURES, MODELS)
        ),
        comments,
    )
    row = (await session.execute(query)).one()
    return StudioCounts(
        number_of_video_previews=row[0],
        number_of_picture_previews=row[1],
        number_of_model_previews=row[2],
        number_of_comments=row[3],
    )
