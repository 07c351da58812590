"""The person's language for what they alone read, the server's for what everybody reads."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from bot.settings.guild_settings import GuildSettings
from cogs.invite_tracker.settings import DEFAULT_JOIN_TEMPLATE
from tests.cogs.invite_tracker.commands.stage import Stage
from tests.discord_in_process import control_of, controls_of, words_of
from tests.texts.collecting import Text
from tests.texts.other_words import languages_where

NOT_ENABLED = (
    "The invite tracker is not enabled in this server; "
    "an admin can enable it with `/invite_tracker enable` or in `/settings`."
)

SPOKEN = (
    "Disable the invite tracker?",
    "Invite leaderboard",
    "Invite tracker",
    "Turn on",
    "Unknown inviter",
    "No nickname",
    DEFAULT_JOIN_TEMPLATE,
    NOT_ENABLED,
)


@pytest.fixture(autouse=True)
def louder(tmp_path: Path) -> Iterator[None]:
    """In Dutch and German these texts end with an exclamation mark, whatever their translations are."""
    texts = [Text(message, "somewhere.py") for message in SPOKEN]
    with languages_where(tmp_path, texts, lambda english: f"{english}!"):
        yield


async def speak(stage: Stage, language: Literal["nl", "de"]) -> None:
    """Let the server speak this language."""
    book = stage.place.client.parts.guild_settings
    settings = GuildSettings(language=language)
    await book.save(stage.guild.id, settings, book.version_of(stage.guild.id))


async def test_a_person_reads_their_language_in_a_server_of_another(stage: Stage) -> None:
    stage.place.world.locales[stage.manager.id] = "nl"

    assert (await stage.say(stage.manager, "info")).startswith("Invite tracker!\n")
    assert (await stage.say(stage.admin, "info")).startswith("Invite tracker\n")


async def test_who_speaks_a_language_that_is_not_ours_reads_the_servers(stage: Stage) -> None:
    await speak(stage, "de")
    stage.place.world.locales[stage.manager.id] = "fi"
    stage.place.world.locales[stage.admin.id] = "en-GB"

    assert (await stage.say(stage.manager, "info")).startswith("Invite tracker!\n")
    assert (await stage.say(stage.admin, "info")).startswith("Invite tracker\n")


async def test_buttons_are_answered_in_the_language_of_who_presses(stage: Stage) -> None:
    stage.place.world.locales[stage.manager.id] = "nl"
    screen = await stage.use(stage.manager, "settings join_message")
    await stage.place.restart()

    assert screen.response is not None
    custom_id = control_of(screen.response, "tracker.message.channel")
    await stage.manager.select(screen.response, [stage.channel], custom_id=custom_id)

    switch = control_of(screen.response, "tracker.message.switch")
    assert controls_of(screen.response)[switch]["label"] == "Turn on!"


async def test_the_leaderboard_is_in_the_language_of_the_server_on_every_page(stage: Stage) -> None:
    await stage.record_joins([stage.join(1000 + number, 500 + number) for number in range(12)])
    stage.place.world.locales[stage.member.id] = "nl"

    result = await stage.use(stage.member, "leaderboard")
    assert words_of(result).startswith("Invite leaderboard\n")
    await speak(stage, "de")
    assert result.response is not None
    following = control_of(result.response, "list.tracker.leaderboard", "next", 2)
    stage.place.world.locales[stage.member.id] = "en-US"
    await stage.member.click(result.response, custom_id=following)

    assert words_of(result).startswith("Invite leaderboard!\n")


async def test_why_there_is_no_leaderboard_reads_only_who_asked_so_in_their_language(
    new_stage: Stage,
) -> None:
    await speak(new_stage, "nl")
    assert await new_stage.say(new_stage.member, "leaderboard") == NOT_ENABLED

    new_stage.place.world.locales[new_stage.member.id] = "fi"
    assert await new_stage.say(new_stage.member, "leaderboard") == f"{NOT_ENABLED}!"


async def test_the_first_messages_are_in_the_language_of_the_server(new_stage: Stage) -> None:
    await speak(new_stage, "nl")
    await new_stage.use(new_stage.admin, "enable")

    assert (await new_stage.settings()).join_message_content.endswith("Invite: `<invite_code>`!")


async def test_join_and_leave_messages_are_in_the_language_of_the_server(stage: Stage) -> None:
    await speak(stage, "de")
    await stage.save(
        join_messages_enabled=True,
        join_messages_channel=stage.other_channel.id,
        join_message_content="Hello by <inviter_display_name>",
        leave_messages_enabled=True,
        leave_messages_channel=stage.other_channel.id,
        leave_message_content="Bye by <inviter_display_name>",
    )
    newcomer = stage.env.create_user("newcomer")

    stage.place.world.join(stage.guild.id, newcomer.id)
    # Without a rise the tracker waits for one for half a minute.
    await stage.env.advance_time(60)
    stage.place.world.leave(stage.guild.id, newcomer.id)
    await stage.env.advance_time(10)

    contents = [message.content for message in stage.place.world.messages[stage.other_channel.id].values()]
    assert contents == ["Hello by Unknown inviter!", "Bye by Unknown inviter!"]


async def test_a_preview_reads_as_the_message_will(stage: Stage) -> None:
    await speak(stage, "de")
    await stage.save(join_message_content="<user_nickname>")

    screen = await stage.use(stage.admin, "settings join_message")

    assert "No nickname!" in words_of(screen)
    assert "Turn on" in [control.get("label") for control in controls_of(screen.response).values()]
