"""A server in which everything is enabled and a little of everything has happened."""

from typing import Any

from bot.text.language import Language
from storage.statistics.catalogue import Group
from tests.discord_in_process import Place


async def speak_here(place: Place, language: Language) -> None:
    """Let the server and its admin speak this language."""
    place.set_language(place.admin, "en-US" if language is Language.ENGLISH else language.value)
    book = place.client.parts.guild_settings
    settings = book.settings_of(place.guild.id).model_copy(update={"language": language})
    await book.save(place.guild.id, settings, book.version_of(place.guild.id))


async def enable_modules(place: Place) -> None:
    """Enable both modules, with everything that they can record."""
    for module in ("invite_tracker", "serverstats"):
        await place.admin.slash(place.channel, f"{module} enable")
    await record_everything(place)


async def record_everything(place: Place) -> None:
    """Switch on all groups of statistics."""
    # Not checked with isinstance: classes of features come anew with every client.
    commands: Any = place.client.get_cog("ServerstatsCommands")
    await commands.module.change_settings(
        place.guild.id, lambda now: now.model_copy(update={"enabled_groups": frozenset(Group)})
    )


async def live_a_day(place: Place) -> None:
    """Let people come, go, write, talk and star, so that everything has something to show."""
    guests = [place.add_member(f"guest{number}") for number in range(3)]
    for writer in (place.member, place.manager, *guests):
        message = await writer.send(place.channel, "123 456")
        await place.admin.react(message, "⭐")
    await place.env.advance_time(7_200)
    await guests[0].send(place.channel, "789")
    place.guild.remove_member(guests[0])
    await place.env.settle()
    await place.client.parts.recorder.flush()
