"""A mail server that keeps what it is sent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class MailServer:
    """Speaks as much SMTP (RFC 5321) as a client needs; `refusals` is how many mails it turns away first."""

    port: int = 0
    refusals: int = 0
    received: list[EmailMessage] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        writer.write(b"220 ready\r\n")
        while line := await reader.readline():
            verb = line.split(maxsplit=1)[0].upper() if line.strip() else b""
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                lines = []
                while (line := await reader.readline()) != b".\r\n":
                    lines.append(line.removeprefix(b"."))
                writer.write(self._take(b"".join(lines)))
            elif verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 ok\r\n")
            await writer.drain()
        with contextlib.suppress(ConnectionError):
            await writer.drain()
            writer.close()

    def _take(self, data: bytes) -> bytes:
        if self.refusals:
            self.refusals -= 1
            return b"451 come back later\r\n"
        message = message_from_bytes(data, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append(message)
        return b"250 taken\r\n"


@contextlib.asynccontextmanager
async def mail_server(refusals: int = 0) -> AsyncIterator[MailServer]:
    """A server on a free port, for the length of a block."""
    server = MailServer(refusals=refusals)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield server
