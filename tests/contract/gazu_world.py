"""A studio with one of everything for calls of gazu, and new rows for those that remove some."""

from __future__ import annotations

import asyncio
import datetime
import itertools
import threading
from collections.abc import Awaitable, Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import gazu
import gazu.aio
import opentimelineio as otio
import pyotp

from kitsu_api.services.file_trees import named_tree
from tests import previews

Row = dict[str, Any]

TODAY = datetime.date.today()
DAY = TODAY.isoformat()
YEAR, WEEK, _ = TODAY.isocalendar()
EMAIL, PASSWORD = "ada@studio.example", "the first admin's password"


class World:
    """Rows made by gazu with its default client, which is signed in as the first admin.

    Attributes stay as they are; `fresh_…` methods make a row that the caller may change or remove.
    """

    def __init__(self, address: str, folder: Path) -> None:
        self.address, self.folder = address, folder
        self.host = f"{address}/api"
        self._numbers = itertools.count(1)
        gazu.set_host(self.host)
        gazu.set_event_host(address)
        gazu.log_in(EMAIL, PASSWORD)
        gazu.cache.disable()
        self.client = gazu.client.default_client
        self.person = gazu.client.get_current_user()
        self._make_files()
        self._make_studio()
        self._make_production()
        self._make_entities()
        self._make_tasks()
        self._make_stored_files()
        self._make_settings()
        self._make_user_records()

    def name(self, kind: str = "Thing") -> str:
        """A name that nothing has yet."""
        return f"{kind} {next(self._numbers)}"

    def path(self, ending: str = "bin") -> str:
        """Where a download may go."""
        return str(self.folder / f"download-{next(self._numbers)}.{ending}")

    # --- what is there from the start ---------------------------------------------------------------

    def _make_files(self) -> None:
        self.png = self._written("picture.png", previews.png())
        self.movie = self._written("movie.mp4", previews.movie())
        self.text = self._written("notes.txt", b"Mind the teapot.")
        shots = "Episode,Sequence,Name,Nb Frames\nE01,SQ010,SH0900,24\n"
        self.shots_csv = self._written("shots.csv", shots.encode())
        self.assets_csv = self._written("assets.csv", b"Episode,Type,Name\nMP,Props,Lantern\n")
        timeline = otio.schema.Timeline(name="cut")
        track = otio.schema.Track(name="V1", kind=otio.schema.TrackKind.Video)
        seconds = otio.opentime.TimeRange(
            otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(24, 24)
        )
        track.append(otio.schema.Clip(name="Stargazer_SQ020-SH0010", source_range=seconds))
        timeline.tracks.append(track)
        self.otio = str(self.folder / "cut.otio")
        otio.adapters.write_to_file(timeline, self.otio)

    def _written(self, name: str, content: bytes) -> str:
        (self.folder / name).write_bytes(content)
        return str(self.folder / name)

    def _make_studio(self) -> None:
        self.department = gazu.person.new_department("Modeling department", "#112233")
        self.artist = gazu.person.new_person(
            "Grace", "Hopper", "grace@studio.example", desktop_login="grace", password="a password of Grace"
        )
        self.artist_client = gazu.create_session(self.host, self.artist["email"], "a password of Grace")
        self.asset_type = gazu.asset.new_asset_type("Props")
        self.task_type = gazu.task.new_task_type("Modeling", "#4CAF50", "Asset")
        self.shot_task_type = gazu.task.new_task_type("Animation", "#4CAF51", "Shot")
        kinds = ("Sequence", "Episode", "Scene", "Edit", "Concept")
        self.task_types = {kind: gazu.task.new_task_type(f"{kind} work", "#4CAF52", kind) for kind in kinds}
        gazu.client.put(f"data/task-types/{self.task_type['id']}", {"short_name": "mdl"})
        self.task_status = gazu.task.get_default_task_status()
        self.wip = gazu.task.get_task_status_by_short_name("wip")
        self.done = gazu.task.get_task_status_by_short_name("done")
        self.studio = gazu.client.create("studios", {"name": "South", "color": "#445566"})
        self.organisation = gazu.person.get_organisation()

    def _make_production(self) -> None:
        self.project = gazu.project.new_project("Stargazer", "tvshow", team=[self.person, self.artist])
        gazu.files.update_project_file_tree(self.project, named_tree("simple"))
        kinds = [self.task_type, self.shot_task_type, *self.task_types.values()]
        for priority, task_type in enumerate(kinds, start=1):
            gazu.project.add_task_type(self.project, task_type, priority)
        for status in (self.task_status, self.wip, self.done):
            gazu.project.add_task_status(self.project, status)
        gazu.project.add_asset_type(self.project, self.asset_type)
        self.project = gazu.project.get_project(self.project["id"])

    def _make_entities(self) -> None:
        self.episode = gazu.shot.new_episode(self.project, "E01")
        self.sequence = gazu.shot.new_sequence(self.project, "SQ010", self.episode)
        self.shot = gazu.shot.new_shot(self.project, self.sequence, "SH0010", nb_frames=48)
        self.asset = gazu.asset.new_asset(self.project, self.asset_type, "Teapot", episode=self.episode)
        self.other_asset = gazu.asset.new_asset(self.project, self.asset_type, "Lid", episode=self.episode)
        self.scene = gazu.scene.new_scene(self.project, self.sequence, "SC01")
        self.edit = gazu.edit.new_edit(self.project, "First cut", episode=self.episode)
        self.concept = gazu.concept.new_concept(self.project, "A sketch", entity_concept_links=[self.asset])
        gazu.casting.cast_asset(self.project, [self.shot, self.episode, self.other_asset], self.asset)
        self.casting = [{"asset_id": self.asset["id"], "nb_occurences": 2}]
        self.asset_instance = gazu.scene.new_scene_asset_instance(self.scene, self.asset)
        gazu.shot.add_asset_instance_to_shot(self.shot, self.asset_instance)
        gazu.asset.new_asset_asset_instance(self.other_asset, self.asset)
        camera = gazu.asset.new_asset_type("Camera")
        filming = gazu.asset.new_asset(self.project, camera, "Main camera")
        gazu.scene.new_scene_asset_instance(self.scene, filming)
        gazu.scene.add_shot_to_scene(self.scene, self.shot)

    def _make_tasks(self) -> None:
        me = [self.person]
        self.task = gazu.task.new_task(self.asset, self.task_type, assignees=me)
        self.shot_task = gazu.task.new_task(self.shot, self.shot_task_type, assignees=[*me, self.artist])
        for kind in ("sequence", "episode", "scene", "edit", "concept"):
            task = gazu.task.new_task(getattr(self, kind), self.task_types[kind.title()], assignees=me)
            setattr(self, f"{kind}_task", task)
        finished = gazu.task.new_task(self.other_asset, self.task_type, assignees=me)
        gazu.task.add_comment(finished, self.done, "That was it.")
        asking = gazu.client.create(
            "task-status",
            {"name": "To check", "short_name": "check", "color": "#AA0000", "is_feedback_request": True},
        )
        gazu.project.add_task_status(self.project, asking)
        awaited = gazu.task.new_task(self.shot, self.shot_task_type, name="second", assignees=me)
        gazu.task.add_comment(awaited, asking, "Please look.")
        self.comment, self.preview = gazu.task.publish_preview(
            self.shot_task, self.wip, "The first take.", attachments=[self.png], preview_file_path=self.movie
        )
        self.preview = gazu.files.wait_for_preview_file(self.preview, poll_interval=0.1)
        self.comment = gazu.task.get_comment(self.comment["id"])
        self.attachment = gazu.files.get_all_attachment_files_for_task(self.shot_task)[0]
        for kind, task in (("edit", self.edit_task), ("concept", self.concept_task)):
            gazu.task.publish_preview(task, self.wip, f"Of the {kind}.", preview_file_path=self.png)
        gazu.task.set_time_spent(self.shot_task, self.person, DAY, 120)
        gazu.task.update_task({"id": self.shot_task["id"], "start_date": DAY, "due_date": DAY})

    def _make_stored_files(self) -> None:
        self.output_type = gazu.files.new_output_type("Cache", "abc")
        self.software = gazu.files.new_software("Blender", "bln", "blend")
        self.file_status = gazu.files.new_file_status("Kept", "#00FF00")
        self.working_file = gazu.files.new_working_file(self.task, software=self.software, revision=1)
        gazu.files.upload_working_file(self.working_file, self.text)
        self.output_file = gazu.files.new_entity_output_file(
            self.asset, self.output_type, self.task_type, "For the shot", self.working_file, revision=1
        )
        self.instance_output_file = gazu.files.new_asset_instance_output_file(
            self.asset_instance, self.scene, self.output_type, self.task_type, "For the scene", revision=1
        )
        gazu.files.upload_person_avatar(self.person, self.png)
        gazu.files.upload_project_avatar(self.project, self.png)
        gazu.files.upload_organisation_avatar(self.organisation, self.png)

    def _make_settings(self) -> None:
        self.descriptor = gazu.project.add_metadata_descriptor(self.project, "Weather", "Shot")
        self.automation = self.fresh_automation()
        self.background = self.fresh_background()
        gazu.project.add_status_automation(self.project, {"status_automation_id": self.automation["id"]})
        gazu.project.add_preview_background_file(
            self.project, {"preview_background_file_id": self.background["id"]}
        )
        milestone = {"name": "Alpha", "date": DAY, "project_id": self.project["id"]}
        gazu.client.create("milestones", {**milestone, "task_type_id": self.task_type["id"]})
        self.budget = gazu.project.create_budget(self.project, "First budget", currency="EUR")
        self.entry = self.fresh_budget_entry()
        self.template = gazu.project_template.new_project_template_from_project(self.project, "As Stargazer")
        self.playlist = gazu.playlist.new_playlist(self.project, "Dailies", episode=self.episode)
        self.playlist = gazu.playlist.add_entity_to_playlist(self.playlist, self.shot, self.preview)
        self.share_link = gazu.playlist.new_share_link(self.playlist)
        self.build_job = gazu.playlist.build_playlist_movie(self.playlist)

    def _make_user_records(self) -> None:
        self.day_off = self.fresh_day_off(TODAY)
        self.filter = self.fresh_filter()
        self.filter_group = self.fresh_filter_group()
        gazu.user.log_desktop_session_log_in()
        gazu.user.subscribe_to_task(self.shot_task)
        gazu.task.add_comment(self.shot_task, self.wip, "Seen.", client=self.artist_client)
        self.notification = gazu.user.all_notifications()[0]
        self.chat = gazu.client.get(f"data/entities/{self.shot['id']}/chat")
        gazu.user.join_chat(self.shot)

    # --- rows of a call's own -----------------------------------------------------------------------

    def fresh_asset(self) -> Row:
        """An asset."""
        return gazu.asset.new_asset(self.project, self.asset_type, self.name("Prop"), episode=self.episode)

    def fresh_asset_type(self) -> Row:
        """A type of assets."""
        return gazu.asset.new_asset_type(self.name("Asset type"))

    def fresh_shot(self) -> Row:
        """A shot."""
        return gazu.shot.new_shot(self.project, self.sequence, self.name("SH"), nb_frames=10)

    def fresh_removed_shot(self) -> Row:
        """A shot that was removed once, so that it is canceled."""
        shot = self.fresh_shot()
        gazu.task.new_task(shot, self.shot_task_type)
        gazu.shot.remove_shot(shot)
        return shot

    def fresh_sequence(self) -> Row:
        """A sequence."""
        return gazu.shot.new_sequence(self.project, self.name("SQ"), self.episode)

    def fresh_episode(self) -> Row:
        """An episode."""
        return gazu.shot.new_episode(self.project, self.name("E"))

    def fresh_scene(self) -> Row:
        """A scene."""
        return gazu.scene.new_scene(self.project, self.sequence, self.name("SC"))

    def fresh_edit(self) -> Row:
        """An edit."""
        return gazu.edit.new_edit(self.project, self.name("Cut"), episode=self.episode)

    def fresh_concept(self) -> Row:
        """A concept."""
        return gazu.concept.new_concept(self.project, self.name("Sketch"))

    def fresh_entity_type(self) -> Row:
        """A type of entities."""
        return gazu.entity.new_entity_type(self.name("Kind"))

    def fresh_asset_instance(self) -> Row:
        """An instance of the asset in the scene and the shot."""
        instance = gazu.scene.new_scene_asset_instance(self.scene, self.asset)
        gazu.shot.add_asset_instance_to_shot(self.shot, instance)
        return instance

    def fresh_scene_with_shot(self) -> Row:
        """A scene that the shot comes from."""
        scene = self.fresh_scene()
        gazu.scene.add_shot_to_scene(scene, self.shot)
        return scene

    def fresh_entity_link(self) -> Row:
        """A casting."""
        shot = self.fresh_shot()
        gazu.casting.cast_asset(self.project, [shot], self.asset)
        links = gazu.casting.all_entity_links_for_project(self.project)
        return next(link for link in links if link["entity_in_id"] == shot["id"])

    def fresh_task(self) -> Row:
        """A task of the person."""
        return gazu.task.new_task(self.fresh_asset(), self.task_type, assignees=[self.person])

    def fresh_comment(self, task: Row | None = None, **values: Any) -> Row:
        """A comment on a task."""
        return gazu.task.add_comment(task or self.shot_task, self.wip, self.name("Words"), **values)

    def fresh_preview(self) -> Row:
        """A picture on a comment of the shot's task."""
        comment = self.fresh_comment()
        return gazu.task.add_preview(self.shot_task, comment, self.png)

    def fresh_time_spent(self) -> Row:
        """Time of the person on a task."""
        return gazu.task.set_time_spent(self.fresh_task(), self.person, DAY, 60)

    def fresh_task_type(self) -> Row:
        """A type of tasks."""
        return gazu.task.new_task_type(self.name("Task type"))

    def fresh_task_status(self) -> Row:
        """A status of tasks."""
        name = self.name("status")
        return gazu.task.new_task_status(name, name.replace(" ", "")[-8:], "#123456")

    def fresh_person(self) -> Row:
        """A person."""
        number = next(self._numbers)
        return gazu.person.new_person("Alan", f"Number {number}", f"alan{number}@studio.example")

    def fresh_member(self) -> Row:
        """A person in the team."""
        person = self.fresh_person()
        gazu.project.add_person_to_team(self.project, person)
        return person

    def fresh_guarded_person(self) -> Row:
        """A person whose authenticator app is turned on."""
        person = self.fresh_person()
        gazu.person.change_password_for_person(person, "a password of Alan")
        with gazu.create_session(self.host, person["email"], "a password of Alan") as client:
            secret = gazu.client.put("auth/totp", {}, client=client)["otp_secret"]
            gazu.client.post("auth/totp", {"totp": pyotp.TOTP(secret).now()}, client=client)
            return person

    def fresh_bot(self) -> Row:
        """A bot."""
        number = next(self._numbers)
        return gazu.person.new_bot(f"Bot {number}", f"bot{number}@studio.example")

    def fresh_department(self) -> Row:
        """A department."""
        return gazu.person.new_department(self.name("Department"))

    def fresh_day_off(self, day: datetime.date | None = None) -> Row:
        """A day off of the artist."""
        date = day or TODAY + datetime.timedelta(days=7 * next(self._numbers))
        return gazu.person.new_day_off(self.artist, date.isoformat(), date.isoformat())

    def fresh_project(self) -> Row:
        """A production."""
        return gazu.project.new_project(self.name("Production"), team=[self.person])

    def fresh_full_project(self) -> Row:
        """A production with a shot, an asset cast in it, a task on the asset and a comment on the task."""
        project = gazu.project.new_project(self.name("Show"), "tvshow", team=[self.person])
        episode = gazu.shot.new_episode(project, "E01")
        shot = gazu.shot.new_shot(project, gazu.shot.new_sequence(project, "SQ", episode), "SH")
        asset = gazu.asset.new_asset(project, self.asset_type, "Chair")
        gazu.casting.cast_asset(project, [shot], asset)
        task = gazu.task.new_task(asset, self.task_type)
        gazu.task.publish_preview(task, self.wip, attachments=[self.text], preview_file_path=self.png)
        return gazu.project.get_project(project["id"])

    def fresh_descriptor(self) -> Row:
        """A field of shots."""
        return gazu.project.add_metadata_descriptor(self.project, self.name("Field"), "Shot")

    def fresh_automation(self) -> Row:
        """A rule: what is done with modeling begins animation."""
        rule = {"in_field_type": "status", "out_field_type": "status", "entity_type": "asset"}
        rule |= {"in_task_type_id": self.task_type["id"], "in_task_status_id": self.done["id"]}
        rule |= {"out_task_type_id": self.shot_task_type["id"], "out_task_status_id": self.wip["id"]}
        return gazu.client.create("status-automations", rule)

    def fresh_background(self) -> Row:
        """A background of previews."""
        return gazu.client.create("preview-background-files", {"name": self.name("Sky"), "extension": "hdr"})

    def fresh_budget(self) -> Row:
        """A budget."""
        return gazu.project.create_budget(self.project, self.name("Budget"), currency="EUR")

    def fresh_budget_entry(self) -> Row:
        """A line of the budget."""
        entry = {"department_id": self.department["id"], "start_date": DAY, "months_duration": 2}
        entry |= {"daily_salary": 300, "position": "artist", "seniority": "junior"}
        return gazu.client.post(
            f"data/projects/{self.project['id']}/budgets/{self.budget['id']}/entries", entry
        )

    def fresh_template(self) -> Row:
        """A template with one of everything."""
        return gazu.project_template.new_project_template_from_project(self.project, self.name("Template"))

    def fresh_playlist(self) -> Row:
        """A playlist of the shot."""
        playlist = gazu.playlist.new_playlist(self.project, self.name("Playlist"), episode=self.episode)
        return gazu.playlist.add_entity_to_playlist(playlist, self.shot, self.preview)

    def fresh_build_job(self) -> Row:
        """A movie of the playlist."""
        return gazu.playlist.build_playlist_movie(self.playlist)

    def fresh_share_link(self) -> Row:
        """A link that opens the playlist."""
        return gazu.playlist.new_share_link(self.playlist)

    def fresh_studio(self) -> Row:
        """A studio."""
        return gazu.client.create("studios", {"name": self.name("Studio"), "color": "#445566"})

    def fresh_filter(self) -> Row:
        """A search that the person keeps."""
        return gazu.user.new_filter(self.name("Filter"), "sh=wip", "shot", self.project)

    def fresh_filter_group(self) -> Row:
        """A group of searches."""
        group = {"name": self.name("Group"), "color": "#123456", "list_type": "shot"}
        return gazu.client.post("data/user/filter-groups", {**group, "project_id": self.project["id"]})

    def fresh_session(self) -> Any:
        """A client of the artist's own, signed in."""
        return gazu.create_session(
            self.host, self.artist["email"], "a password of Grace", use_refresh_token=True
        )

    # --- ways to call -------------------------------------------------------------------------------

    def aio(self, call: Callable[[Any], Awaitable[Any]]) -> Any:
        """What an asynchronous call answers with a client that is signed in."""

        async def run() -> Any:
            async with await gazu.aio.create_session(self.host, EMAIL, PASSWORD) as client:
                return await call(client)

        return asyncio.run(run())

    @cached_property
    def heard(self) -> Row:
        """The first message that a listener hears when an asset is made while the client runs."""
        listener = gazu.events.init()
        messages: list[Row] = []
        ready = threading.Event()

        def hear(message: Row) -> None:
            messages.append(message)
            ready.set()

        gazu.events.add_listener(listener, "asset:new", hear)
        running = threading.Thread(target=gazu.events.run_client, args=(listener,), daemon=True)
        running.start()
        self.fresh_asset()
        assert ready.wait(10), "the listener heard nothing"
        listener.disconnect()
        running.join(10)
        return messages[0]
