"""One call of each function of gazu that asks the server for something, by the name of the function."""

from __future__ import annotations

from tests.contract.gazu_calls import connections, entities, files, people, productions, tasks

CALLS = {
    **entities.CALLS,
    **files.CALLS,
    **productions.CALLS,
    **people.CALLS,
    **tasks.CALLS,
    **connections.CALLS,
}
