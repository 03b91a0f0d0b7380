"""``python -m kitsu_api.cli``."""

from kitsu_api.cli import app

app(prog_name="kitsu-api")
