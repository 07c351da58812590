"""The commands by topic, and which of them a person may use: read from the command tree and the rules of each cog."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import discord
from discord import app_commands

from bot.settings.pages import SettingsPage
from bot.text.language import N_
from bot.ui.access import Access, AccessTable, may_manage

GENERAL: Final = "general"
GENERAL_TITLE: Final = N_("Everything else")
ENABLE: Final = "enable"
"""What the command is called that turns a module on."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A command."""

    name: str
    """Its qualified name, e.g. `serverstats counter create`."""
    description: str
    """English; the key of its translations."""
    access: Access


@dataclass(frozen=True, slots=True)
class Topic:
    """Commands that belong together: those of a group, of a group within it, or all that stand alone."""

    key: str
    title: str
    """English; the key of its translations."""
    entries: tuple[Entry, ...]

    @property
    def module(self) -> str:
        """The name of the group, which is that of its module if it is one's."""
        return self.key.partition(" ")[0]


Command = app_commands.Command[Any, ..., Any] | app_commands.Group | app_commands.ContextMenu


def read_topics(
    commands: Iterable[Command], access: AccessTable, pages: Sequence[SettingsPage]
) -> tuple[Topic, ...]:
    """Return all topics: those of modules first, in the order of their rules."""
    titles = {page.key: page.title for page in pages}
    entries: dict[str, list[Entry]] = {}
    for command in commands:
        if isinstance(command, app_commands.Group):
            for key, title, entry in _entries_of(command, access):
                titles.setdefault(key, title)
                entries.setdefault(key, []).append(entry)
        elif isinstance(command, app_commands.Command):
            entries.setdefault(GENERAL, []).append(_entry(command, access))
    titles[GENERAL] = GENERAL_TITLE
    place = {name: number for number, name in enumerate(access)}
    topics = [
        Topic(key, titles[key], tuple(sorted(found, key=lambda entry: place.get(entry.name, len(place)))))
        for key, found in entries.items()
    ]
    modules = {page.key: number for number, page in enumerate(pages)}

    def rank(topic: Topic) -> tuple[int, bool, bool]:
        return modules.get(topic.module, len(modules)), topic.key == GENERAL, topic.key != topic.module

    return tuple(sorted(topics, key=rank))


def for_person(
    topics: Iterable[Topic], permissions: discord.Permissions, is_on: Mapping[str, bool]
) -> tuple[Topic, ...]:
    """Return what a person with these permissions may use where these modules are on or off.

    Of a module that is off that is the command that turns it on, if they may use it.
    """
    found = []
    for topic in topics:
        entries = tuple(
            entry
            for entry in topic.entries
            if may_use(entry.access, permissions)
            and (is_on.get(topic.module, True) or entry.name == f"{topic.module} {ENABLE}")
        )
        # Enabling what is enabled is refused.
        if is_on.get(topic.module, False):
            entries = tuple(entry for entry in entries if entry.name != f"{topic.module} {ENABLE}")
        if entries:
            found.append(replace(topic, entries=entries))
    return tuple(found)


def may_use(access: Access, permissions: discord.Permissions) -> bool:
    """Whether a person with these permissions in this channel may use the command at all."""
    match access:
        case Access.ADMINISTRATOR:
            return permissions.administrator
        case Access.MANAGE_SERVER:
            return may_manage(permissions)
        case Access.MANAGE_ROLES:
            return permissions.administrator or (permissions.manage_guild and permissions.manage_roles)
        case Access.CREATE_INVITE:
            return permissions.administrator or permissions.create_instant_invite
        case Access.EVERYONE | Access.OWN_RECORDS:
            return True


def _entries_of(group: app_commands.Group, access: AccessTable) -> Iterator[tuple[str, str, Entry]]:
    for command in group.commands:
        if isinstance(command, app_commands.Group):
            yield from _entries_of(command, access)
        else:
            yield group.qualified_name, group.description, _entry(command, access)


def _entry(command: app_commands.Command[Any, ..., Any], access: AccessTable) -> Entry:
    name = command.qualified_name
    return Entry(name, command.description, access.get(name, Access.EVERYONE))
