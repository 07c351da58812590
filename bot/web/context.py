"""What the HTTP API sees of the bot."""

from typing import TypeVar

from bot.client import HeadcountClient
from bot.web.keys import KeyBook

Service = TypeVar("Service")


class WebContext:
    """The bot, the keys, and whether there is anything to ask yet: the server runs before the gateway is ready."""

    def __init__(self, client: HeadcountClient) -> None:
        self.client = client
        self.clock = client.parts.clock
        self.config = client.parts.config.http

    @property
    def keys(self) -> KeyBook:
        """Who may ask."""
        return self.client.parts.api_keys

    @property
    def is_ready(self) -> bool:
        """Whether the bot knows its servers."""
        return self.client.is_ready() and not self.client.is_closed()

    def find_service(self, service_type: type[Service]) -> Service | None:
        """Return the service of this type; None before its module is loaded."""
        return self.client.parts.modules.find_service(service_type)
