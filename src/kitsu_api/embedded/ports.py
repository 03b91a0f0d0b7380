"""Free and taken TCP ports."""

from __future__ import annotations

import errno
import socket

LOOPBACK = "127.0.0.1"


def is_taken(host: str, port: int) -> bool:
    """Whether nobody could listen on this address now.

    Raises:
        OSError: the host is none of this machine's addresses, or the port needs privileges.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with socket.socket(family, kind, protocol) as probe:
        # as servers do: the remains of closed connections don't count as taken
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return True
            raise
    return False


def free_port(preferred: int | None = None) -> int:
    """A port of the loopback address that is free now: ``preferred`` if it is, else any."""
    if preferred and not is_taken(LOOPBACK, preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port
