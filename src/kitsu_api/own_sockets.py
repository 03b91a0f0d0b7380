"""Several processes on one port, each with a socket of its own.

uvicorn has its processes accept from one socket: whichever wakes first takes all connections that wait, and
keeps them for as long as they last. A burst of clients ends up with one process while the others idle. With a
socket for each, Linux deals connections out evenly (`SO_REUSEPORT`, socket(7)); other systems don't.
"""

from __future__ import annotations

import socket
import sys
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess


class Address(socket.socket):
    """Holds an address without listening; a process that it is handed to gets a socket of its own there."""

    def __reduce_ex__(self, _protocol: Any) -> Any:
        """What is sent to a process that is started."""
        return _bound, (socket.socket, int(self.family), self.getsockname())


def _bound(kind: type[socket.socket], family: int, address: tuple[Any, ...]) -> socket.socket:
    """A socket at an address that others hold as well."""
    found = kind(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    found.bind(address)
    return found


def held(config: uvicorn.Config) -> socket.socket:
    """The address that a server is to listen on, for all of its processes.

    Ends the program with a message if somebody else listens there: sockets of one user could share it.
    """
    tried = config.bind_socket()
    if not sys.platform.startswith("linux"):
        return tried
    family, address = tried.family, tried.getsockname()
    tried.close()
    return _bound(Address, int(family), address)


def serve(config: uvicorn.Config) -> None:
    """Run a server of several processes until it is told to end."""
    Multiprocess(config, sockets=[held(config)]).run()
