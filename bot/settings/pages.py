"""What a module offers to the settings screen."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import discord
from pydantic import BaseModel

from bot.settings.fields import SettingField
from bot.ui.look import Interaction

Values_co = TypeVar("Values_co", bound=BaseModel, covariant=True)


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[Values_co]):
    """Settings as they were read; `version` goes back with a save, so that no other admin's save is overwritten."""

    values: Values_co
    version: int


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a module as an admin wants to know it, in the language of the context."""

    label: str
    is_on: bool
    troubles: tuple[str, ...] = ()
    """Why it does not work although it is on, one sentence each: a missing permission, a deleted channel, an intent."""
    detail: str = ""
    """What is set up, e.g. `3 counters`."""


@dataclass(frozen=True, slots=True)
class Form:
    """A button to what is written in a form, or chosen on a screen of its own."""

    key: str
    """Lower-case letters and underscores; unique on the page."""
    label: str
    """Marked with N_."""
    emoji: str
    open: Callable[[Interaction], Awaitable[None]]
    """Answers the press: with a form, or with a further ephemeral message. It checks what the person may do."""


class SettingsScreen(Protocol):
    """The screen that shows the pages."""

    async def open(self, interaction: Interaction, page: str, notice: str = "") -> None:
        """Answer with the screen at the page of that key, and a sentence about what happened."""
        ...

    async def refresh(self, interaction: Interaction, notice: str = "") -> None:
        """Show the screen anew from which this deferred form was opened; do nothing with other forms."""
        ...


class SettingsPage(Protocol):
    """One page of the settings screen."""

    @property
    def key(self) -> str:
        """The module's name, e.g. `serverstats`."""
        ...

    @property
    def title(self) -> str:
        """The module's title, marked with N_."""
        ...

    @property
    def about(self) -> str:
        """What the module is for, marked with N_: one sentence."""
        ...

    @property
    def emoji(self) -> str:
        """What stands before the title."""
        ...

    @property
    def fields(self) -> tuple[SettingField, ...]:
        """The settings, in the order of the screen."""
        ...

    @property
    def forms(self) -> tuple[Form, ...]:
        """The buttons to forms."""
        ...

    @property
    def can_be_disabled(self) -> bool:
        """Whether there is anything to disable; not so for what holds everywhere."""
        ...

    async def is_enabled(self, guild_id: int) -> bool:
        """Whether the module is enabled there."""
        ...

    async def enable(self, guild_id: int) -> None:
        """Enable it; raises a HeadcountError when that cannot be."""
        ...

    async def ask_to_disable(self, interaction: Interaction) -> None:
        """Answer the press with the question of the module's own `disable` command."""
        ...

    async def read(self, guild_id: int) -> Snapshot[BaseModel]:
        """Return the settings of an enabled module."""
        ...

    async def save(
        self, guild_id: int, changes: dict[str, Any], expected_version: int
    ) -> Snapshot[BaseModel]:
        """Check and store these fields, tell the settings log, and return what is stored now.

        Raises ConflictError when somebody else saved since the version was read; a HeadcountError for what is refused.
        """
        ...

    async def components(self, guild: discord.Guild) -> Sequence[Component]:
        """Return the state of each part."""
        ...
