"""The PostgreSQL and the Valkey that come with the package, and the supervisor of ``kitsu-api up``."""
