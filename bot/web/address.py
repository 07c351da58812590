"""Where the HTTP API listens: binding before anything else begins, and one sentence for whatever keeps it from that.

Light on purpose: what is needed to say why the bot cannot start must not need the server itself.
"""

import errno
import ipaddress
import os
import socket
from typing import Final

BACKLOG: Final = 256
ANY_IPV6: Final = "::"

_ADVICE: Final = {
    errno.EADDRINUSE: "something else listens there already; choose another http.port, or stop the other program",
    errno.EACCES: "this user may not; choose an http.port above 1023",
    errno.EADDRNOTAVAIL: "that is not an address of this machine; check http.host",
}


class AddressError(Exception):
    """The HTTP API cannot listen where it should; the message is one sentence for the operator."""

    def __init__(self, message: str, *, is_taken: bool = False) -> None:
        super().__init__(message)
        self.is_taken = is_taken
        """Whether that is because somebody listens there already."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; port 0 means any that is free. Raises AddressError.

    `::` means every address of this machine, of both generations where it has them.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        raise AddressError(
            f"The HTTP API cannot listen on {at_port(host, port)}: no machine of that name is known; check http.host."
        ) from None
    # A name may stand for addresses of both generations, of which browsers and programs all try the older one.
    family, _type, _protocol, _name, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    is_dual = host == ANY_IPV6 and socket.has_dualstack_ipv6()
    try:
        return socket.create_server(
            (str(address[0]), port), family=family, backlog=BACKLOG, dualstack_ipv6=is_dual
        )
    except OSError as error:
        number = error.errno or 0
        reason = _ADVICE.get(number, os.strerror(number).lower())
        raise AddressError(
            f"The HTTP API cannot listen on {at_port(host, port)}: {reason}.",
            is_taken=number == errno.EADDRINUSE,
        ) from None


def port_of(listening: socket.socket) -> int:
    """Return the port on which it listens."""
    return int(listening.getsockname()[1])


def at_port(host: str, port: int) -> str:
    """Return how addresses are written: `127.0.0.1:8080`, `[::1]:8080`."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def url_of(host: str, port: int) -> str:
    """Return the address as people type it on this machine, where 0.0.0.0 is no place to go to."""
    reachable = {"0.0.0.0": "127.0.0.1", ANY_IPV6: "::1"}.get(host, host)  # noqa: S104 - nothing is bound here
    return f"http://{at_port(reachable, port)}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
