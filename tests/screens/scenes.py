"""What is drawn: each scene uses the bot like a person does, and returns the answer to be drawn."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import simcord

from bot.config import Config, DiscordConfig, InviteTrackerConfig, LinksConfig
from bot.permissions import needed_permissions
from storage.statistics.catalogue import Group
from tests.discord_in_process import Place, control_of, in_process

Play = Callable[[Place], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture to be."""

    name: str
    play: Play
    in_docs: bool = False
    """Whether the documentation shows it."""
    by_member: bool = False
    """Whether somebody without special permissions looks at it."""

    is_new: bool = False
    """Whether nothing is turned on yet."""

    def viewer(self, place: Place) -> simcord.MemberActor:
        """Return who acts and looks."""
        return place.member if self.by_member else place.admin


@asynccontextmanager
async def stage(folder: Path, language: str, *, is_new: bool = False) -> AsyncIterator[Place]:
    """Set up a server in which the modules are on, unless it is new; everybody's Discord speaks this language."""
    config = Config(
        discord=DiscordConfig(shard_count=1),
        invite_tracker=InviteTrackerConfig(existing_members=False),
        links=LinksConfig(documentation="https://example.org/headcount"),
    )
    async with in_process(folder, config=config) as place:
        place.world.bot_user.name = "Headcount"
        place.world.edit_guild(place.guild.id, {"name": "Paper Boats", "preferred_locale": language})
        for person in (place.admin, place.manager, place.member):
            place.world.locales[person.id] = language
        place.guild.create_text_channel("moderators")
        if not is_new:
            for page in place.client.parts.modules.settings_pages():
                await page.enable(place.guild.id)
        yield place


async def settings_general(place: Place) -> Any:
    """The first page of the settings."""
    return await place.admin.slash(place.channel, "settings")


async def settings_messages(place: Place) -> Any:
    """The settings of join messages, which are on in one channel."""
    changes = {"join_messages_enabled": True, "join_messages_channel": place.other_channel.id}
    return await _settings_page(place, "invite_tracker", changes)


async def settings(place: Place) -> Any:
    """The settings of statistics: some are recorded, and some channels left out."""
    changes = {
        "enabled_groups": frozenset({Group.MESSAGES, Group.VOICE, Group.MEMBERS}),
        "ignored_channel_ids": frozenset({place.other_channel.id}),
    }
    return await _settings_page(place, "serverstats", changes)


async def _settings_page(place: Place, key: str, changes: dict[str, Any]) -> Any:
    pages = place.client.parts.modules.settings_pages()
    [page] = [page for page in pages if page.key == key]
    before = await page.read(place.guild.id)
    await page.save(place.guild.id, changes, before.version)
    shown = await place.admin.slash(place.channel, "settings")
    assert shown.response is not None
    menu = control_of(shown.response, "settings.page")
    return await place.admin.select(shown.response, custom_id=menu, values=[f"{key}:0"])


async def help_for_admins(place: Place) -> Any:
    """What an administrator may use."""
    return await place.admin.slash(place.channel, "help")


async def help_for_members(place: Place) -> Any:
    """What everybody may use."""
    return await place.member.slash(place.channel, "help")


async def help_topic(place: Place) -> Any:
    """The commands of one topic, with what each does."""
    shown = await place.admin.slash(place.channel, "help")
    assert shown.response is not None
    return await place.admin.select(shown.response, values=["serverstats counter"])


async def privacy(place: Place) -> Any:
    """What a member learns of their data."""
    await place.member.send(place.channel, "Rule one: no paper boats in the bath of the cat.")
    return await place.member.slash(place.channel, "privacy info")


async def doctor(place: Place) -> Any:
    """What an admin is told of what is missing."""
    place.deny_bot(place.other_channel, send_messages=False)
    return await place.admin.slash(place.channel, "doctor")


async def first_contact(place: Place) -> Any:
    """What the person reads who adds the bot, without every permission that it asked for."""
    place.world.kick_bot(place.guild.id)
    await place.env.settle()
    permissions = needed_permissions()
    permissions.update(attach_files=False)
    place.world.add_bot_again(place.guild.id, by_id=place.admin.id, bot_permissions=permissions)
    await place.env.settle()
    return place.channel.last_message


SCENES = (
    Scene("settings", settings, in_docs=True),
    Scene("settings-general", settings_general),
    Scene("settings-messages", settings_messages),
    Scene("help", help_for_admins, in_docs=True),
    Scene("help-member", help_for_members, by_member=True),
    Scene("help-topic", help_topic),
    Scene("privacy", privacy, in_docs=True, by_member=True),
    Scene("doctor", doctor),
    Scene("first-contact", first_contact, is_new=True),
)
