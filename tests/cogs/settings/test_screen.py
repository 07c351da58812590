"""The settings screen: one message that is edited in place, for those who may manage the server."""

import asyncio
from typing import Any

import discord
import pytest

from bot.settings.fields import digest_of
from bot.settings.guild_settings import GuildSettings
from tests.cogs.settings.stage import Stage, control, says
from tests.discord_in_process import controls_of, words_of


async def test_the_screen_shows_what_holds_everywhere(stage: Stage) -> None:
    screen = await stage.open()

    assert "## Settings of Harbour" in says(screen)
    assert "⚪ **Log of changes:** off" in says(screen)
    assert controls_of(screen)[control(screen, "settings.form")]["label"] == "UTC"


async def test_only_who_manages_the_server_opens_it_or_uses_it(stage: Stage) -> None:
    # An admin may show the command to everybody; that alone lets nobody in.
    [command] = [each for each in await stage.place.client.tree.fetch_commands() if each.name == "settings"]
    stage.place.guild.set_command_permissions(command, {stage.place.member: True, stage.manager: True})
    refused = await stage.place.member.slash(stage.place.channel, "settings")
    assert "You need the permission Administrator or Manage Server" in words_of(refused)

    screen = await stage.open()
    for role_id in list(stage.place.world.guilds[stage.guild_id].members[stage.manager.id].role_ids):
        stage.place.world.remove_member_role(stage.guild_id, stage.manager.id, role_id)
    await stage.place.env.settle()
    answered = await stage.manager.select(
        screen, ["2"], custom_id=control(screen, "settings.choose", "language")
    )

    assert "You need the permission" in words_of(answered)
    assert stage.settings.language is None


async def test_a_choice_is_saved_at_once_and_shown_in_place(stage: Stage) -> None:
    screen = await stage.open()

    await stage.manager.select(screen, ["3"], custom_id=control(screen, "settings.choose", "language"))

    assert stage.settings.language == "de"
    assert "✅ Saved: Language: As set at Discord → Deutsch" in says(screen)


async def test_the_same_choice_again_says_that_nothing_was_changed(stage: Stage) -> None:
    screen = await stage.open()

    await stage.manager.select(screen, ["0"], custom_id=control(screen, "settings.choose", "language"))

    assert "Nothing was changed." in says(screen)


async def test_what_another_admin_changed_meanwhile_is_not_overwritten(stage: Stage) -> None:
    screen = await stage.open()
    await stage.book.save(stage.guild_id, GuildSettings(language="nl"), 0)

    await stage.manager.select(screen, ["3"], custom_id=control(screen, "settings.choose", "language"))

    assert stage.settings.language == "nl"
    assert "Somebody else changed these settings in the meantime, so nothing was saved" in says(screen)
    [shown] = [
        option["label"]
        for option in controls_of(screen)[control(screen, "settings.choose", "language")]["options"]
        if option.get("default")
    ]
    assert shown == "Nederlands"


async def test_what_another_admin_changed_elsewhere_on_the_page_stays(stage: Stage) -> None:
    screen = await stage.open()
    await stage.book.save(stage.guild_id, GuildSettings(timezone="Asia/Tokyo"), 0)

    await stage.manager.select(screen, ["3"], custom_id=control(screen, "settings.choose", "language"))

    assert stage.settings == GuildSettings(timezone="Asia/Tokyo", language="de")


async def test_a_channel_is_chosen_from_the_channels(stage: Stage) -> None:
    screen = await stage.open()
    channel = stage.place.other_channel

    await stage.manager.select(screen, [channel], custom_id=control(screen, "settings.pick"))

    assert stage.settings.log_channel_id == channel.id
    assert f"🟢 **Log of changes:** on · <#{channel.id}>" in says(screen)

    await stage.manager.select(screen, [], custom_id=control(screen, "settings.pick"))

    assert stage.settings.log_channel_id is None


async def test_a_channel_that_i_cannot_write_to_is_refused_by_the_permission(stage: Stage) -> None:
    screen = await stage.open()
    stage.place.deny_bot(stage.place.other_channel, embed_links=False)
    await stage.place.env.settle()

    await stage.manager.select(
        screen, [stage.place.other_channel], custom_id=control(screen, "settings.pick")
    )

    assert stage.settings.log_channel_id is None
    assert f"⚠ I need the permission Embed Links in <#{stage.place.other_channel.id}>." in says(screen)


async def test_a_deleted_log_channel_is_told(stage: Stage) -> None:
    await stage.set_log_channel()
    stage.place.world.delete_channel(stage.place.other_channel.id)
    await stage.place.env.settle()

    screen = await stage.open()

    assert "🟠 **Log of changes:** on" in says(screen)
    assert "-# ⚠ The log channel was deleted; choose another one." in says(screen)


async def test_the_timezone_is_typed_into_a_form_and_found_by_its_city(stage: Stage) -> None:
    screen = await stage.open()
    form = await stage.manager.click(screen, custom_id=control(screen, "settings.form"))

    await stage.manager.submit_modal(form, {"timezone": "amsterdam"})
    assert stage.settings.timezone == "UTC"

    form = await stage.manager.click(screen, custom_id=control(screen, "settings.form"))
    await stage.manager.submit_modal(form, {"timezone": "europe/amsterdam"})

    assert stage.settings.timezone == "Europe/Amsterdam"
    assert "Saved: the timezone is `Europe/Amsterdam`." in says(screen)
    days = await stage.place.client.parts.recorder.fetch_days(stage.guild_id)
    assert days.timezone == "Europe/Amsterdam"


async def test_the_timezone_is_offered_while_it_is_typed(stage: Stage) -> None:
    offered = await stage.manager.autocomplete(stage.place.channel, "settings", "timezone", "amst")
    assert [choice["value"] for choice in offered][:1] == ["Europe/Amsterdam"]

    screen = await stage.open(timezone="Europe/Amsterdam")

    assert stage.settings.timezone == "Europe/Amsterdam"
    assert "Saved: the timezone is `Europe/Amsterdam`." in says(screen)


async def test_a_module_is_enabled_on_its_page(stage: Stage) -> None:
    screen = await stage.open()
    await stage.turn(screen, "invite_tracker")
    assert "Enable" in [each.get("label") for each in controls_of(screen).values()]

    await stage.manager.click(screen, custom_id=control(screen, "settings.enable"))

    page = stage.place.client.parts.modules.settings_pages()[0]
    assert await page.is_enabled(stage.guild_id)
    assert "is enabled." in says(screen)


async def test_every_view_of_every_page_is_one_message_that_discord_takes(stage: Stage) -> None:
    """Discord documentation, Component Reference: 40 components and 4,000 characters in a message."""
    for page in stage.place.client.parts.modules.settings_pages():
        await page.enable(stage.guild_id)
    screen = await stage.open()
    [pages] = [
        each for each in controls_of(screen).values() if each["custom_id"].split(":")[1] == "settings.page"
    ]
    values = [option["value"] for option in pages["options"]]

    assert len(values) >= 3
    for value in values:
        page_key, _colon, view = value.partition(":")
        await stage.turn(screen, page_key, int(view))
        layout = discord.ui.LayoutView.from_message(screen.message)
        assert layout.total_children_count <= 40, value
        assert layout.content_length() <= 4000, value
        assert all(len(custom_id) <= 100 for custom_id in controls_of(screen))


async def test_the_screen_works_after_a_restart(stage: Stage) -> None:
    screen = await stage.open()
    await stage.place.restart()

    await stage.manager.select(screen, ["2"], custom_id=control(screen, "settings.choose", "language"))
    await stage.turn(screen, "serverstats")

    assert stage.settings.language == "nl"
    assert "settings.enable" in [custom_id.split(":")[1] for custom_id in controls_of(screen)]


async def test_every_change_is_told_in_the_log_channel_with_who_and_what(stage: Stage) -> None:
    await stage.set_log_channel()
    screen = await stage.open()

    await stage.manager.select(screen, ["1"], custom_id=control(screen, "settings.choose", "language"))
    await stage.place.env.settle()

    [told] = stage.told()
    assert "Settings changed: General" in told
    assert "**Language:** As set at Discord → English" in told
    assert f"by <@{stage.manager.id}>" in told


@pytest.mark.parametrize("typed", ["Mars/Olympus", "Europe", "../etc/passwd", " "])
async def test_a_timezone_that_does_not_exist_changes_nothing(stage: Stage, typed: str) -> None:
    result = await stage.manager.slash(stage.place.channel, "settings", timezone=typed)

    assert "timezone: there is no" in words_of(result)
    assert stage.settings.timezone == "UTC"
    assert stage.book.version_of(stage.guild_id) == 0


async def test_a_form_does_not_overwrite_the_timezone_that_another_admin_chose_meanwhile(
    stage: Stage,
) -> None:
    screen = await stage.open()
    form = await stage.manager.click(screen, custom_id=control(screen, "settings.form"))
    await stage.book.save(stage.guild_id, GuildSettings(timezone="Asia/Tokyo"), 0)

    await stage.manager.submit_modal(form, {"timezone": "Europe/Amsterdam"})

    assert stage.settings.timezone == "Asia/Tokyo"
    assert "Somebody else changed these settings in the meantime, so nothing was saved" in says(screen)
    assert controls_of(screen)[control(screen, "settings.form")]["label"] == "Asia/Tokyo"


async def test_a_timezone_is_saved_although_another_admin_saves_another_setting_in_the_same_moment(
    stage: Stage,
) -> None:
    general: Any = stage.place.client.get_cog("SettingsCommands")
    book, guild_id = stage.book, stage.guild_id

    async def save_language() -> None:
        settings = book.settings_of(guild_id).model_copy(update={"language": "de"})
        await book.save(guild_id, settings, book.version_of(guild_id))

    await asyncio.gather(save_language(), general._general.save_timezone(guild_id, "Asia/Tokyo"))

    assert stage.settings == GuildSettings(timezone="Asia/Tokyo", language="de")


@pytest.mark.parametrize("is_moved", [True, False])
async def test_the_end_of_a_log_channel_is_told_in_it(stage: Stage, is_moved: bool) -> None:
    """Nobody ends the log, changes something, and begins it again without being seen."""
    await stage.set_log_channel()
    screen = await stage.open()
    chosen = [stage.place.channel] if is_moved else []

    await stage.manager.select(screen, chosen, custom_id=control(screen, "settings.pick"))
    await stage.place.env.settle()

    [told] = stage.told()
    assert f"**Log channel:** <#{stage.place.other_channel.id}> → " in told
    assert f"by <@{stage.manager.id}>" in told
    after = f"<#{stage.place.channel.id}>" if is_moved else "nothing"
    assert f"→ {after}" in told


async def test_a_value_that_is_set_already_is_no_conflict(stage: Stage) -> None:
    """A button that is pressed twice, or two admins who want the same."""
    screen = await stage.open()
    await stage.book.save(stage.guild_id, GuildSettings(language="de"), 0)

    await stage.manager.select(screen, ["3"], custom_id=control(screen, "settings.choose", "language"))

    assert "Nothing was changed." in says(screen)
    assert "Somebody else" not in says(screen)


async def test_a_form_that_there_is_no_more_is_answered(stage: Stage) -> None:
    general: Any = stage.place.client.get_cog("SettingsCommands")
    screen = await stage.open()
    general._general.forms = ()

    answered = await stage.manager.click(screen, custom_id=control(screen, "settings.form"))

    assert "This message is of an older version of me" in words_of(answered)


async def test_a_deleted_channel_is_not_selected(stage: Stage) -> None:
    """Discord knows it no more, and a select must not hang on that; its setting is told above."""
    await stage.set_log_channel()
    screen = await stage.open()
    assert controls_of(screen)[control(screen, "settings.pick")]["default_values"]
    stage.place.world.delete_channel(stage.place.other_channel.id)
    await stage.place.env.settle()

    await stage.turn(screen, "general")

    assert not controls_of(screen)[control(screen, "settings.pick")].get("default_values")
    assert "The log channel was deleted" in says(screen)


async def test_enabling_may_take_longer_than_discord_waits(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord waits for three seconds; what a crash left behind is deleted first, and a disk may be slow."""
    screen = await stage.open()
    await stage.turn(screen, "serverstats")
    [page] = [each for each in stage.place.client.parts.modules.settings_pages() if each.key == "serverstats"]
    enable = type(page).enable

    async def enable_slowly(self: Any, guild_id: int) -> None:
        await stage.place.clock.sleep(4)
        await enable(self, guild_id)

    monkeypatch.setattr(type(page), "enable", enable_slowly)
    await stage.manager.click(screen, custom_id=control(screen, "settings.enable"))
    await stage.place.env.advance_time(5)

    assert await page.is_enabled(stage.guild_id)
    assert "is enabled." in says(screen)


async def test_the_log_channel_is_told_to_lack_one_permission_or_several(stage: Stage) -> None:
    screen, mention = await stage.open(), f"<#{stage.place.other_channel.id}>"

    async def choose(**denied: bool) -> str:
        stage.place.deny_bot(stage.place.other_channel, **denied)
        await stage.place.env.settle()
        channels = control(screen, "settings.pick")
        await stage.manager.select(screen, [stage.place.other_channel], custom_id=channels)
        return says(screen)

    one = await choose(embed_links=False)
    several = await choose(embed_links=False, send_messages=False)

    assert f"I need the permission Embed Links in {mention}." in one
    assert f"I need the permissions Send Messages and Embed Links in {mention}." in several
    assert stage.settings.log_channel_id is None


async def test_a_form_says_in_the_log_channel_who_sent_it(stage: Stage) -> None:
    await stage.set_log_channel()
    screen = await stage.open()
    form = await stage.manager.click(screen, custom_id=control(screen, "settings.form"))

    await stage.manager.submit_modal(form, {"timezone": "Asia/Tokyo"})
    await stage.place.env.settle()

    [told] = stage.told()
    assert "**Timezone:** `UTC` → `Asia/Tokyo`" in told
    assert f"by <@{stage.manager.id}>" in told


async def test_a_form_is_answered_in_the_language_of_who_sends_it(stage: Stage) -> None:
    stage.place.set_language(stage.manager, "de")
    screen = await stage.open()
    form = await stage.manager.click(screen, custom_id=control(screen, "settings.form"))

    await stage.manager.submit_modal(form, {"timezone": "Asia/Tokyo"})

    assert "Gespeichert: Die Zeitzone ist `Asia/Tokyo`." in says(screen)


async def test_a_choice_is_saved_although_another_setting_is_saved_in_the_same_moment(stage: Stage) -> None:
    general: Any = stage.place.client.get_cog("SettingsCommands")
    book, guild_id = stage.book, stage.guild_id

    async def save_timezone() -> None:
        settings = book.settings_of(guild_id).model_copy(update={"timezone": "Asia/Tokyo"})
        await book.save(guild_id, settings, book.version_of(guild_id))

    choose_german = general._screen._store(general._general, guild_id, "language", digest_of(None), "de")
    await asyncio.gather(save_timezone(), choose_german)

    assert stage.settings == GuildSettings(timezone="Asia/Tokyo", language="de")


async def test_a_log_channel_that_is_gone_does_not_keep_other_settings_from_being_saved(stage: Stage) -> None:
    await stage.set_log_channel()
    stage.place.world.delete_channel(stage.place.other_channel.id)
    await stage.place.env.settle()
    screen = await stage.open()

    await stage.manager.select(screen, ["3"], custom_id=control(screen, "settings.choose", "language"))

    assert stage.settings.language == "de"
