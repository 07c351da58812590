"""What an operator may write in the section `[http]` of the configuration: an address to listen on, and websites."""

import ipaddress
import re
from typing import Any, Final
from urllib.parse import urlsplit

HOST_RULE: Final = "must be an address or a name of this machine, without a port: 127.0.0.1 for example"
ORIGINS_RULE: Final = 'must be addresses like https://example.org, without a path, or "*" for all websites'

_HOST_NAME: Final = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")
_ORIGIN_HOST: Final = re.compile(r"([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d+)?")
_USUAL_PORTS: Final = {"http": 80, "https": 443}


def check_host(value: Any) -> Any:
    """Return the address as it is written shortest, without the brackets of IPv6; raises ValueError."""
    if not isinstance(value, str):
        return value
    host = value.strip().removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        if _HOST_NAME.fullmatch(host):
            return host
    raise ValueError(HOST_RULE)


def check_origins(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return the addresses of websites as browsers send them; raises ValueError."""
    return tuple(map(_check_origin, values))


def _check_origin(value: str) -> str:
    """Return the address as browsers send it, which is compared letter by letter (Fetch Standard, Origin header)."""
    if value == "*":
        return value
    origin = value.lower().removesuffix("/")
    try:
        parts = urlsplit(origin)
        well_formed = (
            parts.scheme in _USUAL_PORTS
            and bool(parts.hostname)
            and origin == f"{parts.scheme}://{parts.netloc}"
            and "@" not in parts.netloc
            and _ORIGIN_HOST.fullmatch(parts.netloc) is not None
        )
        port = parts.port
    except ValueError:
        raise ValueError(ORIGINS_RULE) from None
    if not well_formed:
        raise ValueError(ORIGINS_RULE)
    return origin.removesuffix(f":{port}") if port == _USUAL_PORTS[parts.scheme] else origin
