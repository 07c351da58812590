"""The registry of modules: what the rest of the process may know of a feature without importing it."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from bot.privacy import ModulePrivacy
from bot.settings.pages import SettingsPage

Service = TypeVar("Service")


@dataclass(frozen=True, slots=True)
class Job:
    """Work that a module wants done again and again; a failure is logged and the next run comes as planned."""

    name: str
    every_seconds: float
    run: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Module:
    """What a module registers about itself."""

    name: str
    jobs: tuple[Job, ...]
    settle: Callable[[], Awaitable[None]]
    """Finish what is under way; called at a clean stop, while Discord can still be reached."""
    forget: Callable[[int], Awaitable[None]]
    """Stop all work for this guild, because its data is about to be deleted."""
    is_caught_up: Callable[[int], bool]
    """Whether everything that happened in this guild while the bot was away is on record."""
    settings_page: SettingsPage | None = None
    """What the settings screen shows of the module."""
    privacy: ModulePrivacy | None = None
    """What the module knows of a person, and how it forgets them."""
    services: tuple[object, ...] = ()
    """The use cases that the module's HTTP routes translate to."""


class ModuleRegistry:
    """The modules of this process, in the order in which they were loaded."""

    def __init__(self) -> None:
        self._modules: dict[str, Module] = {}

    def __iter__(self) -> Iterator[Module]:
        return iter(tuple(self._modules.values()))

    def settings_pages(self) -> tuple[SettingsPage, ...]:
        """Return the pages that the modules bring to the settings screen."""
        return tuple(module.settings_page for module in self if module.settings_page is not None)

    def find_service(self, service_type: type[Service]) -> Service | None:
        """Return the service of this type that a module has registered; None before the module is loaded."""
        for module in self:
            for service in module.services:
                if isinstance(service, service_type):
                    return service
        return None

    def register(self, module: Module) -> None:
        """Add a module; a second one of the same name raises ValueError."""
        if module.name in self._modules:
            raise ValueError(f"module {module.name} is registered twice")
        self._modules[module.name] = module
