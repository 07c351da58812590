"""One connection of a client: nobody holds it, or what is to be sent on it, for longer than honest programs need."""

import asyncio
import socket
from collections.abc import Iterable
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

FIRST_WORDS_SECONDS: Final = 20.0
"""So long a connection may take to send the head of a request."""
HEAD_MOST: Final = 128 * 1024
"""So much the head of a request may be, in bytes; longer ones fill the memory."""
BODY_SECONDS: Final = 40.0
"""So long a body may take, also one that nobody wants any more; whoever waits for one gives up before that."""
CONNECTIONS_MOST: Final = 512
"""Half of the files that a process may usually open: the database and Discord need some of them."""
SENDING_SECONDS: Final = 120.0
"""So long a client may take to read what waits for it: a page of 10,000 records, some two megabytes, on a poor line."""
SENDING_MOST: Final = 64
"""So many answers may wait to be read; then the one that has waited longest is given up. Each is held in memory."""


class Connection(HttpToolsProtocol):
    """Keeps strangers from holding connections that they do not use, and anybody from filling the memory."""

    _receiving: asyncio.TimerHandle | None = None
    _sending: asyncio.TimerHandle | None = None
    _is_in_head = False
    _head_size = 0

    @property
    def gives_up_at(self) -> float | None:
        """Until when (the loop's time) an answer waits for the client to read it; None when none does."""
        return None if self._sending is None else self._sending.when()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request, unless there are too many connections (asyncio)."""
        super().connection_made(transport)
        # The head and the body of an answer are written one after the other: the kernel would keep the second back until the
        # client has acknowledged the first, which takes 40 ms. asyncio asks for this only of sockets that it made itself.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if len(self.connections) > CONNECTIONS_MOST:
            transport.abort()
            return
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more (asyncio)."""
        self._is_in_head = False
        self._stop_receiving()
        self._stop_sending()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on (asyncio)."""
        was_in_head = self._is_in_head
        super().data_received(data)
        if was_in_head and self._is_in_head:
            self._head_size += len(data)
            if self._head_size > HEAD_MOST:
                self.transport.abort()

    def on_message_begin(self) -> None:
        """Begin to wait for the rest of the head (httptools)."""
        super().on_message_begin()
        if not self._is_in_head:
            self._await_head()

    def on_headers_complete(self) -> None:
        """Begin to wait for the body (httptools)."""
        self._is_in_head = False
        self._receive_within(BODY_SECONDS)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait for nothing (httptools)."""
        self._stop_receiving()
        super().on_message_complete()

    def pause_writing(self) -> None:
        """Begin to wait for the client to read (asyncio)."""
        super().pause_writing()
        self._sending = self.loop.call_later(SENDING_SECONDS, self.transport.abort)
        waiting = waiting_to_send(self.connections)
        if len(waiting) > SENDING_MOST:
            _until, longest = min(waiting, key=lambda each: each[0])
            longest.transport.abort()

    def resume_writing(self) -> None:
        """Go on (asyncio)."""
        self._stop_sending()
        super().resume_writing()

    def _await_head(self) -> None:
        self._is_in_head, self._head_size = True, 0
        self._receive_within(FIRST_WORDS_SECONDS)

    def _receive_within(self, seconds: float) -> None:
        self._stop_receiving()
        self._receiving = self.loop.call_later(seconds, self.transport.close)

    def _stop_receiving(self) -> None:
        if self._receiving is not None:
            self._receiving.cancel()
            self._receiving = None

    def _stop_sending(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None


def waiting_to_send(connections: Iterable[object]) -> list[tuple[float, Connection]]:
    """Return those on which an answer waits for the client to read it, with until when it does."""
    return [
        (each.gives_up_at, each)
        for each in connections
        if isinstance(each, Connection) and each.gives_up_at is not None
    ]
