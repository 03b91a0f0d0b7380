"""A first script: makes a small production with gazu, reads it back and prints it.

    pip install gazu
    python examples/first_production.py --email admin@example.com --password …

The account may come from KITSU_EMAIL and KITSU_PASSWORD, the address from KITSU_HOST_URL. It can be run
again: gazu finds what the first run made, and makes nothing twice.
"""

from __future__ import annotations

import argparse
import getpass
import os
from typing import Any

import gazu

Row = dict[str, Any]

ASSETS = {"Characters": ["Ada", "Grandmother"], "Props": ["Telescope", "Teapot"]}
SHOTS = {"SQ010": {"SH0010": (1001, 1048), "SH0020": (1001, 1120)}, "SQ020": {"SH0010": (1001, 1072)}}
ASSET_WORK = {"Modeling": "#78909C", "Rigging": "#26A69A"}
SHOT_WORK = {"Layout": "#7E57C2", "Animation": "#4CAF50"}


def make_production(name: str) -> Row:
    """The production with its assets, shots and tasks."""
    asset_types = {name: gazu.asset.new_asset_type(name) for name in ASSETS}
    asset_work = [gazu.task.new_task_type(work, color, "Asset") for work, color in ASSET_WORK.items()]
    shot_work = [gazu.task.new_task_type(work, color, "Shot") for work, color in SHOT_WORK.items()]
    production: Row = gazu.project.new_project(name, production_type="short", production_style="3d")
    for asset_type in asset_types.values():
        gazu.project.add_asset_type(production, asset_type)
    for priority, task_type in enumerate([*asset_work, *shot_work], start=1):
        gazu.project.add_task_type(production, task_type, priority)
    for type_name, names in ASSETS.items():
        for asset_name in names:
            asset = gazu.asset.new_asset(production, asset_types[type_name], asset_name)
            for task_type in asset_work:
                gazu.task.new_task(asset, task_type)
    for sequence_name, shots in SHOTS.items():
        sequence = gazu.shot.new_sequence(production, sequence_name)
        for shot_name, (first, last) in shots.items():
            shot = gazu.shot.new_shot(
                production, sequence, shot_name, nb_frames=last - first + 1, frame_in=first, frame_out=last
            )
            for task_type in shot_work:
                gazu.task.new_task(shot, task_type)
    return production


def print_production(production_id: str) -> None:
    """Read the production back from the server, and show it as a tree."""
    production = gazu.project.get_project(production_id)
    task_types = {row["id"]: row["name"] for row in gazu.task.all_task_types()}
    asset_types = {row["id"]: row["name"] for row in gazu.asset.all_asset_types()}
    print(f"{production['name']} ({production['production_type']})")
    for asset in gazu.asset.all_assets_for_project(production):
        work = sorted(task_types[task["task_type_id"]] for task in gazu.task.all_tasks_for_asset(asset))
        print(f"  {asset_types[asset['entity_type_id']]} / {asset['name']}: {', '.join(work)}")
    for sequence in gazu.shot.all_sequences_for_project(production):
        print(f"  {sequence['name']}")
        for shot in gazu.shot.all_shots_for_sequence(sequence):
            work = sorted(task_types[task["task_type_id"]] for task in gazu.task.all_tasks_for_shot(shot))
            print(f"    {shot['name']}, {shot['nb_frames']} frames: {', '.join(work)}")


def main() -> None:
    """Sign in, make the production, print it."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--host", default=os.environ.get("KITSU_HOST_URL", "http://127.0.0.1:8000/api"))
    options.add_argument("--email", default=os.environ.get("KITSU_EMAIL", "admin@example.com"))
    options.add_argument("--password", default=os.environ.get("KITSU_PASSWORD"))
    options.add_argument("--name", default="The Stargazer", help="name of the production")
    chosen = options.parse_args()
    gazu.set_host(chosen.host)
    gazu.log_in(chosen.email, chosen.password or getpass.getpass(f"Password of {chosen.email}: "))
    try:
        production = make_production(chosen.name)
        print_production(production["id"])
    finally:
        gazu.log_out()


if __name__ == "__main__":
    main()
