"""Files of previews as answers: what both those who work here and guests of a share link read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, StreamingResponse

from kitsu_api.db.models import PreviewFile
from kitsu_api.errors import NotFound, RangeNotSatisfiable, errors
from kitsu_api.rendering import answer
from kitsu_api.routers.picture_forms import FORM_ANSWERS, Desk, Pictured, answer_form
from kitsu_api.routers.storage import Storage
from kitsu_api.routers.stored_files import FILE_ANSWERS, answer_file
from kitsu_api.services import preview_storage as files
from kitsu_api.services.picture_forms import PREVIEWS, SQUARES, THUMBNAILS, PictureKind
from kitsu_api.services.preview_names import saved_stem, shown_stem
from kitsu_api.storage.files import FileStorage
from kitsu_api.unit_of_work import UnitOfWork, Uow

PreviewKind = Literal[
    "thumbnail", "square", "preview", "original", "tiles", "movie", "low", "source", "file", "download"
]
"""Files of a preview: `original` is its picture, or the first frame of its movie; `file` is what it is
about, whatever that is; `download` is the same, to be saved under the name that the studio wants."""

PLACES: dict[PreviewKind, files.Place] = {
    "thumbnail": files.THUMBNAIL,
    "square": files.SQUARE,
    "preview": files.PREVIEW,
    "original": files.ORIGINAL,
    "tiles": files.TILES,
    "movie": files.HIGH,
    "low": files.LOW,
    "source": files.SOURCE,
}

FORMS: dict[PreviewKind, PictureKind] = {"thumbnail": THUMBNAILS, "square": SQUARES, "preview": PREVIEWS}
"""Those that come in several sizes and forms."""

EXTENSIONS = {"image/png": "png", "image/gif": "gif", "video/mp4": "mp4"}

PREVIEW_ANSWERS: dict[int | str, dict[str, Any]] = {
    **FILE_ANSWERS,
    302: {"description": "The object store gives the file itself."},
    **errors(RangeNotSatisfiable),
}
"""What a file of a preview may be answered with, for the document."""

FORMS_BY_ACCEPT = "AVIF or WebP for clients that name one of these in `Accept`."
ABOUT: dict[PreviewKind, str] = {
    "thumbnail": f"A PNG of 150 x 100 pixels; {FORMS_BY_ACCEPT}",
    "square": f"A PNG of 100 x 100 pixels; {FORMS_BY_ACCEPT}",
    "preview": f"A PNG, 1200 pixels wide; {FORMS_BY_ACCEPT}",
    "original": "The picture as PNG, or as the GIF that it was uploaded as; of a movie, its first frame.",
    "tiles": "A PNG with one cell a frame, 100 pixels high, 8 in a row.",
    "movie": "The movie in high definition, or as it was uploaded while that is not made yet.",
    "low": "The movie in low definition, or in high where there is no lower one.",
    "source": "The movie as it was uploaded, where that is kept.",
    "file": "The file as it was uploaded; of a movie, its high definition.",
    "download": "The picture, movie or file, to be saved.",
}


async def answer_preview(
    request: Request,
    storage: FileStorage,
    uow: UnitOfWork,
    preview: PreviewFile,
    kind: PreviewKind,
    width: int | None = None,
) -> Response:
    """A file of a preview; whoever calls has made sure that it may be seen.

    `width` is in pixels, for kinds that come in several; absent, it is that of the PNG. What is seen of the
    storage is noted. A file that isn't there is answered with a 404.

    Raises:
        NotFound: the file should be there, and is not.
        RangeNotSatisfiable: the part that was asked for lies beyond its end.
        Unavailable: that width isn't there, and too many other pictures are being made.
    """
    if kind not in FORMS:
        return await _answer_file(request, storage, uow.session, preview, kind)
    pictured = Pictured(FORMS[kind], preview.id, shown_stem(preview))
    return await answer_form(
        Desk(request, uow, storage),
        pictured,
        width,
        lambda: _answer_file(request, storage, uow.session, preview, kind),
    )


async def _answer_file(
    request: Request, storage: FileStorage, session: AsyncSession, preview: PreviewFile, kind: PreviewKind
) -> Response:
    place = await files.locate(session, storage, preview, PLACES.get(kind) or files.own_place(preview))
    if place is None:
        # answered, not raised: what was seen of the storage is to be committed
        return answer(NotFound("The preview has no such file."))
    type_ = files.media_type(place, preview)
    saved = kind == "download"
    if not saved and (address := await storage.signed_url(*place, preview.id)):
        seconds = storage.settings.fs_s3_signed_seconds // 2
        return RedirectResponse(address, 302, {"cache-control": f"private, max-age={seconds}"})
    stem = await saved_stem(session, preview) if saved else shown_stem(preview)
    extension = EXTENSIONS.get(type_) or preview.extension or "bin"
    name = f"{stem}.{extension}"
    return await answer_file(request, storage, (*place, preview.id), name=name, kind=type_, download=saved)


class PreviewDesk:
    """Answers a request with files of previews."""

    def __init__(self, request: Request, uow: Uow, storage: Storage) -> None:
        self._request, self._uow, self._storage = request, uow, storage

    async def answer(self, preview: PreviewFile, kind: PreviewKind, width: int | None = None) -> Response:
        """A file of a preview that may be seen, as `answer_preview`."""
        return await answer_preview(self._request, self._storage, self._uow, preview, kind, width)

    async def answer_by_extension(self, preview: PreviewFile, extension: str) -> Response:
        """What the preview is about, by the extension that it has.

        Raises:
            BadRequest: that is no extension.
            NotFound: the preview has another one.
        """
        if files.check_extension(extension) != (preview.extension or "").lower():
            raise NotFound("The preview has another extension.")
        return await self.answer(preview, "file")


PreviewAnswers = Annotated[PreviewDesk, Depends(PreviewDesk)]


@dataclass(frozen=True)
class Read:
    """A route that reads a file of a preview."""

    path: str
    kind: PreviewKind
    operation_id: str
    summary: str
    description: str | None = None
    """What is said of the kind by default."""


def add_reads(
    router: APIRouter,
    reads: Iterable[Read],
    endpoint: Callable[[PreviewKind], Callable[..., Any]],
    *,
    prefix: str = "",
) -> None:
    """Add routes; `endpoint` makes the function for a kind, in whose signature the right to it is."""
    for read in reads:
        router.add_api_route(
            prefix + read.path,
            endpoint(read.kind),
            methods=["GET"],
            response_model=None,
            response_class=StreamingResponse,
            responses={**PREVIEW_ANSWERS, **FORM_ANSWERS} if read.kind in FORMS else PREVIEW_ANSWERS,
            operation_id=read.operation_id,
            summary=read.summary,
            description=read.description or ABOUT[read.kind],
        )
