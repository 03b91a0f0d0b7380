"""What is new in productions."""

from __future__ import annotations

import math
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import ColumnElement

from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.news import NewsFilter, NewsRepository
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import AppSettings, CurrentActor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.in_loop import in_loop
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.news_scopes import seen_news
from kitsu_api.permissions.places import NamedProject, OpenProject
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.named_answers import NAMED, small_list
from kitsu_api.schemas.base import Moment
from kitsu_api.schemas.news_pages import NewsFeed, ProjectNews
from kitsu_api.settings import Settings

router = APIRouter(tags=["News"], responses=errors(BadRequest, Unauthorized, Forbidden))


class NewsQuery:
    """What news are asked for."""

    def __init__(
        self,
        before: Annotated[Moment | None, Query(description="Only earlier ones, UTC.")] = None,
        after: Annotated[Moment | None, Query(description="Only later ones, UTC.")] = None,
        person_id: Annotated[UUID | None, Query(description="Only by this person.")] = None,
        task_type_id: UUID | None = None,
        task_status_id: UUID | None = None,
        episode_id: UUID | None = None,
        only_preview: Annotated[bool, Query(description="Only those that bring a preview.")] = False,
        page: Annotated[int, Query(ge=1, description="Number of the page.")] = 1,
        limit: Annotated[int, Query(ge=1, description="News of a page.")] = 50,
    ) -> None:
        self.before, self.after = before, after
        self.person_id, self.episode_id = person_id, episode_id
        self.task_type_id, self.task_status_id = task_type_id, task_status_id
        self.only_preview = only_preview
        self.page, self.limit = min(page, 2**31), limit

    def filter(self, project_id: UUID | None) -> NewsFilter:
        """The news of one production, or of all."""
        return NewsFilter(
            project_id=project_id,
            task_type_id=self.task_type_id,
            task_status_id=self.task_status_id,
            person_id=self.person_id,
            episode_id=self.episode_id,
            only_preview=self.only_preview,
            before=self.before,
            after=self.after,
        )


Wanted = Annotated[NewsQuery, Depends(in_loop(NewsQuery))]


async def _list(
    request: Request,
    session: Session,
    settings: Settings,
    actor: Actor,
    query: NewsQuery,
    project_id: UUID | None,
) -> Response:
    seen = seen_news(actor, project_id)
    return await small_list(
        request, session, actor, lambda: _page(session, settings, query, project_id, seen)
    )


async def _page(
    session: Session,
    settings: Settings,
    query: NewsQuery,
    project_id: UUID | None,
    seen: list[ColumnElement[bool]],
) -> bytes:
    news, wanted = NewsRepository(session), query.filter(project_id)
    limit = min(query.limit, settings.max_records_per_page)
    offset = (query.page - 1) * limit
    rows = await news.page_json(wanted, seen, limit=limit, offset=offset)
    total, stats = await news.stats_json(wanted, seen)
    end = {
        "total": total,
        "nb_pages": math.ceil(total / limit),
        "limit": limit,
        "offset": offset,
        "page": query.page,
    }
    return b'{"data":' + rows + b',"stats":' + stats + b"," + orjson.dumps(end)[1:]


@router.get(
    "/data/projects/news",
    response_model=NewsFeed,
    responses=NAMED,
    operation_id="list_news_of_projects",
    summary="List news of projects",
)
async def list_news(
    request: Request,
    settings: AppSettings,
    actor: Annotated[Actor, allow(anyone)],
    project_id: NamedProject,
    query: Wanted,
    session: Listing,
) -> Response:
    """The news of all running productions that are open to the caller, or of one of them."""
    return await _list(request, session, settings, actor, query, project_id)


@router.get(
    "/data/projects/{project_id}/news",
    response_model=NewsFeed,
    responses=NAMED | errors(NotFound),
    operation_id="list_news_of_project",
    summary="List news of a project",
)
async def list_news_of_project(
    project_id: OpenProject,
    request: Request,
    settings: AppSettings,
    actor: CurrentActor,
    query: Wanted,
    session: Listing,
) -> Response:
    """The news of a production, newest first; clients and vendors see what concerns them."""
    return await _list(request, session, settings, actor, query, project_id)


@router.get(
    "/data/projects/{project_id}/news/{news_id}",
    response_model=ProjectNews,
    responses=errors(NotFound),
    operation_id="get_news_of_project",
    summary="Get a news of a project",
)
async def get_news(project_id: OpenProject, news_id: UUID, session: Session, actor: CurrentActor) -> Response:
    """One news of a production."""
    row = await NewsRepository(session).one_json(project_id, news_id, seen_news(actor, project_id))
    if row is None:
        raise NotFound
    return json_response(row)
