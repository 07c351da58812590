"""The page of serverstats on the settings screen: every control, what it refuses, and what is told of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord

from bot.errors import ConflictError, UnprocessableEntityError
from bot.settings.pages import SettingsPage
from cogs.serverstats.settings import SERVERSTATS_FIELDS, ServerstatsSettings
from storage.statistics.catalogue import Group
from tests.cogs.serverstats.commands.stage import DAY_MS, Stage, set_stage
from tests.discord_in_process import controls_of, words_of

STATISTICS, PARTS = 0, 1
"""The views of the page."""


@pytest.fixture
async def new_stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A server in which serverstats is not enabled."""
    async with set_stage(tmp_path) as stage:
        yield stage


@pytest.fixture
async def stage(new_stage: Stage) -> Stage:
    """A server in which serverstats is enabled and everything in it is off."""
    await new_stage.module.enable(new_stage.guild.id)
    return new_stage


async def open_page(stage: Stage, view: int = STATISTICS) -> simcord.ResponseMessage:
    """Open the page with the module's own command, as a manager."""
    result = await stage.use(stage.manager, "settings")
    assert result.ephemeral
    assert result.response is not None
    if view != STATISTICS:
        pages = control(result.response, "settings.page")
        await stage.manager.select(result.response, [f"serverstats:{view}"], custom_id=pages)
    return result.response


def control(screen: simcord.ResponseMessage, action: str, *names: str) -> str:
    """Return the custom id of the one control with this action and these arguments among its own."""
    [custom_id] = [
        custom_id
        for custom_id in controls_of(screen)
        if custom_id.split(":")[1] == action and set(names) <= set(custom_id.split(":"))
    ]
    return custom_id


async def choose_groups(stage: Stage, screen: simcord.ResponseMessage, *groups: Group) -> None:
    """Choose what is recorded."""
    values = [str(list(Group).index(group)) for group in groups]
    await stage.manager.select(screen, values, custom_id=control(screen, "settings.choose", "enabled_groups"))


async def switch(stage: Stage, screen: simcord.ResponseMessage, name: str) -> None:
    """Press a switch."""
    await stage.manager.click(screen, custom_id=control(screen, "settings.switch", name))


def page_of(stage: Stage) -> SettingsPage:
    """Return the page as the screen knows it."""
    [page] = [page for page in stage.place.client.parts.modules.settings_pages() if page.key == "serverstats"]
    return page


def settings_of(stage: Stage) -> ServerstatsSettings:
    """Return what is stored."""
    return stage.module.require_settings(stage.guild.id)


async def change(stage: Stage, **values: Any) -> None:
    """Change settings as another admin would."""
    await stage.module.change_settings(stage.guild.id, lambda now: now.model_copy(update=values))


async def set_log_channel(stage: Stage) -> None:
    """Let changes be told in the second channel."""
    book = stage.place.client.parts.guild_settings
    settings = book.settings_of(stage.guild.id).model_copy(update={"log_channel_id": stage.other_channel.id})
    await book.save(stage.guild.id, settings, book.version_of(stage.guild.id))


async def told(stage: Stage) -> list[str]:
    """Return what was told in the log channel."""
    await stage.env.settle()
    return [
        "\n".join(f"{embed['title']}\n{embed['description']}" for embed in message.embeds)
        for message in stage.place.world.messages[stage.other_channel.id].values()
    ]


def test_every_setting_is_a_field() -> None:
    assert [
        field.name for field in SERVERSTATS_FIELDS if field.name not in ServerstatsSettings.model_fields
    ] == []
    assert {field.name for field in SERVERSTATS_FIELDS} == set(ServerstatsSettings.model_fields)


async def test_where_the_module_is_not_enabled_the_page_offers_to_enable_it(new_stage: Stage) -> None:
    stage = new_stage
    screen = await open_page(stage)

    await stage.manager.click(screen, custom_id=control(screen, "settings.enable"))

    assert settings_of(stage) == ServerstatsSettings()
    assert "Serverstats is enabled." in words_of(screen)
    assert "⚪ **Statistics:** off · 0 of 18 groups" in words_of(screen)


async def test_groups_are_switched_on_and_off_by_one_choice(stage: Stage) -> None:
    await stage.switch_on(Group.VOICE)
    screen = await open_page(stage)

    await choose_groups(stage, screen, Group.MESSAGES, Group.POLLS)

    assert settings_of(stage).enabled_groups == {Group.MESSAGES, Group.POLLS}
    assert stage.recorder.is_wanted(stage.guild.id, Group.MESSAGES)
    assert not stage.recorder.is_wanted(stage.guild.id, Group.VOICE)
    assert "Saved: Recorded: added Messages, Polls; removed Voice" in words_of(screen)
    assert "🟢 **Statistics:** on · 2 of 18 groups" in words_of(screen)

    await choose_groups(stage, screen)

    assert settings_of(stage).enabled_groups == frozenset()
    assert "Saved: Recorded: removed Messages, Polls" in words_of(screen)


async def test_channels_and_roles_are_left_out(stage: Stage) -> None:
    role = stage.guild.create_role("Robots")
    screen = await open_page(stage)

    await stage.manager.select(
        screen, [stage.other_channel], custom_id=control(screen, "settings.pick", "ignored_channel_ids")
    )
    await stage.manager.select(screen, [role], custom_id=control(screen, "settings.pick", "ignored_role_ids"))

    assert settings_of(stage).ignored_channel_ids == {stage.other_channel.id}
    assert settings_of(stage).ignored_role_ids == {role.id}
    chosen = controls_of(screen)[control(screen, "settings.pick", "ignored_channel_ids")]["default_values"]
    assert [int(value["id"]) for value in chosen] == [stage.other_channel.id]


async def test_a_list_that_is_longer_than_a_menu_says_so_and_can_be_cleared(stage: Stage) -> None:
    """A menu that cannot show all of them would drop the others with the next choice."""
    await change(stage, ignored_channel_ids=frozenset(range(100, 130)))
    screen = await open_page(stage)
    assert "30 are more than this list takes; clear it to choose anew." in words_of(screen)
    assert "Now: <#100>, <#101>, " in words_of(screen)
    assert ", <#109> and 20 more." in words_of(screen)

    clear = control(screen, "settings.clear", "ignored_channel_ids")
    await stage.manager.click(screen, custom_id=clear)

    assert settings_of(stage).ignored_channel_ids == frozenset()
    assert "Saved: Channels left out: removed <#100>, " in words_of(screen)
    assert control(screen, "settings.pick", "ignored_channel_ids")


async def test_a_list_that_somebody_else_changed_meanwhile_is_not_cleared(stage: Stage) -> None:
    await change(stage, ignored_channel_ids=frozenset(range(100, 130)))
    screen = await open_page(stage)
    await change(stage, ignored_channel_ids=frozenset(range(100, 131)))

    await stage.manager.click(screen, custom_id=control(screen, "settings.clear", "ignored_channel_ids"))

    assert len(settings_of(stage).ignored_channel_ids) == 31
    assert "31 are more than this list takes" in words_of(screen)


async def test_bots_are_left_out_and_counted_again(stage: Stage) -> None:
    screen = await open_page(stage)

    await switch(stage, screen, "track_bot_messages")
    assert not settings_of(stage).track_bot_messages
    assert "Saved: Count bots: on → off" in words_of(screen)

    await switch(stage, screen, "track_bot_messages")
    assert settings_of(stage).track_bot_messages


async def test_counters_switched_on_show_at_once_what_changed_meanwhile(stage: Stage) -> None:
    """As `/serverstats counter switch` does."""
    await stage.use(stage.manager, "counter create", type=6)
    [counter] = [c for c in stage.place.world.channels.values() if (c.name or "").startswith("Members: ")]
    before = counter.name or ""
    screen = await open_page(stage, PARTS)

    await switch(stage, screen, "counters_enabled")
    assert not settings_of(stage).counters_enabled
    stage.place.add_member("late")
    stage.place.clock.skip_to(stage.now_ms + DAY_MS)
    await switch(stage, screen, "counters_enabled")

    assert settings_of(stage).counters_enabled
    number = int(before.rpartition(" ")[2])
    assert stage.place.world.channels[counter.id].name == f"Members: {number + 1}"


async def test_the_starboard_needs_a_board_to_be_switched_on(stage: Stage) -> None:
    """As `/serverstats starboard switch` does."""
    screen = await open_page(stage, PARTS)

    await switch(stage, screen, "starboard_enabled")

    assert not settings_of(stage).starboard_enabled
    assert "There is no starboard here; an admin can make one with `/serverstats starboard add`" in words_of(
        screen
    )


async def test_the_starboard_is_switched_off_and_on(stage: Stage) -> None:
    await stage.use(stage.manager, "starboard add")
    assert settings_of(stage).starboard_enabled
    screen = await open_page(stage, PARTS)

    await switch(stage, screen, "starboard_enabled")
    assert not settings_of(stage).starboard_enabled
    assert "⚪ **Starboard:** off" in words_of(screen)

    await switch(stage, screen, "starboard_enabled")
    assert settings_of(stage).starboard_enabled
    assert "🟢 **Starboard:** on · 1 starboard" in words_of(screen)


async def test_what_does_not_work_says_why(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await stage.use(stage.manager, "starboard add")
    [board] = [c for c in stage.place.world.channels.values() if c.name == "starboard"]
    await stage.switch_on(Group.ACTIVITIES, Group.POLLS)
    monkeypatch.setattr(stage.place.client._connection._intents, "presences", False)
    stage.place.world.set_bot_overwrite(
        board.id, discord.PermissionOverwrite(send_messages=True, embed_links=False)
    )
    await stage.env.settle()

    screen = await open_page(stage)

    said = words_of(screen)
    assert "🟠 **Statistics:** on · 2 of 18 groups" in said
    assert "-# ⚠ Statuses and activities are not recorded: the bot lacks the Presence Intent" in said
    assert "🟠 **Starboard:** on" in said
    assert f"-# ⚠ I need the permission Embed Links in <#{board.id}>" in said


async def test_the_forms_of_counters_and_starboards_open_from_the_page(stage: Stage) -> None:
    screen = await open_page(stage)

    for form in page_of(stage).forms:
        opened = await stage.manager.click(screen, custom_id=control(screen, "settings.form", form.key))
        assert opened.modal is not None or opened.ephemeral, form.key
    assert {"counter_new", "board_new"} <= {form.key for form in page_of(stage).forms}


async def test_the_page_asks_before_it_disables(stage: Stage) -> None:
    screen = await open_page(stage)

    question = await stage.manager.click(screen, custom_id=control(screen, "settings.disable"))
    [asked] = question.followups

    assert asked.ephemeral
    assert "Disable serverstats?" in words_of(asked)
    assert stage.module.settings_of(stage.guild.id) is not None
    await stage.manager.click(asked, label="Delete and disable")
    assert stage.module.settings_of(stage.guild.id) is None


async def test_what_another_admin_changed_meanwhile_is_not_overwritten(stage: Stage) -> None:
    screen = await open_page(stage)
    await change(stage, enabled_groups=frozenset({Group.TICKETS}))

    await choose_groups(stage, screen, Group.MESSAGES)

    assert settings_of(stage).enabled_groups == {Group.TICKETS}
    assert "Somebody else changed these settings in the meantime, so nothing was saved" in words_of(screen)


@pytest.mark.parametrize(
    "changes",
    [
        {"track_bot_messages": False},
        {"counters_enabled": True},
        {"starboard_enabled": False},
        {"counters_enabled": True, "track_bot_messages": False},
    ],
)
async def test_a_save_with_an_old_version_changes_nothing(stage: Stage, changes: dict[str, Any]) -> None:
    page = page_of(stage)
    old = await page.read(stage.guild.id)
    await change(stage, enabled_groups=frozenset({Group.TICKETS}))
    now = await page.read(stage.guild.id)

    with pytest.raises(ConflictError):
        await page.save(stage.guild.id, changes, old.version)

    assert await page.read(stage.guild.id) == now
    assert (await page.save(stage.guild.id, changes, now.version)).values == settings_of(stage)


async def test_of_two_changes_to_the_same_version_one_is_stored(stage: Stage) -> None:
    version = (await stage.module.fetch_settings(stage.guild.id)).version
    await change(stage, track_bot_messages=False)

    with pytest.raises(ConflictError):
        await stage.module.change_settings(
            stage.guild.id,
            lambda now: now.model_copy(update={"track_bot_messages": True}),
            expected_version=version,
        )

    assert not settings_of(stage).track_bot_messages


async def test_more_than_a_hundred_channels_are_refused(stage: Stage) -> None:
    with pytest.raises(UnprocessableEntityError, match="ignored_channel_ids: no more than 100 are possible"):
        await change(stage, ignored_channel_ids=frozenset(range(1, 102)))

    assert settings_of(stage).ignored_channel_ids == frozenset()


async def test_several_fields_are_saved_together(stage: Stage) -> None:
    page = page_of(stage)
    old = await page.read(stage.guild.id)

    await page.save(stage.guild.id, {"counters_enabled": True, "track_bot_messages": False}, old.version)

    assert settings_of(stage).counters_enabled
    assert not settings_of(stage).track_bot_messages


async def test_who_lost_the_permission_changes_nothing(stage: Stage) -> None:
    screen = await open_page(stage)
    stage.place.world.edit_member(stage.guild.id, stage.manager.id, {"role_ids": []})

    await choose_groups(stage, screen, Group.MESSAGES)

    assert settings_of(stage).enabled_groups == frozenset()


async def test_every_control_works_after_a_restart(stage: Stage) -> None:
    statistics, parts = await open_page(stage), await open_page(stage, PARTS)
    await stage.use(stage.manager, "starboard add")
    parts = await open_page(stage, PARTS)

    await stage.place.restart()
    await choose_groups(stage, statistics, Group.MESSAGES)
    await switch(stage, statistics, "track_bot_messages")
    await stage.manager.select(
        statistics, [stage.channel], custom_id=control(statistics, "settings.pick", "ignored_channel_ids")
    )
    await switch(stage, parts, "counters_enabled")
    await switch(stage, parts, "starboard_enabled")
    form = await stage.manager.click(parts, custom_id=control(parts, "settings.form", "counter_new"))

    settings = settings_of(stage)
    assert settings.enabled_groups == {"messages"}
    assert not settings.track_bot_messages
    assert settings.ignored_channel_ids == {stage.channel.id}
    assert settings.counters_enabled
    assert not settings.starboard_enabled
    assert form.modal is not None or form.ephemeral


async def test_every_change_is_told_with_who_and_what(new_stage: Stage) -> None:
    stage = new_stage
    await set_log_channel(stage)
    await stage.use(stage.manager, "enable")
    screen = await open_page(stage)

    await choose_groups(stage, screen, Group.MESSAGES)
    # A choice that changes nothing is no change.
    await choose_groups(stage, screen, Group.MESSAGES)
    await stage.use(stage.admin, "counter switch", on=True)
    question = await stage.use(stage.admin, "disable")
    assert question.response is not None
    await stage.admin.click(question.response, label="Delete and disable")

    enabled, recorded, counters, disabled = await told(stage)
    manager, admin = f"by <@{stage.manager.id}>", f"by <@{stage.admin.id}>"
    assert "Settings changed: Serverstats" in enabled
    assert "**Module:** off → on" in enabled
    assert "**Recorded:** added Messages" in recorded
    assert "**Counters:** off → on" in counters
    assert "**Module:** on → off" in disabled
    assert manager in enabled
    assert manager in recorded
    assert admin in counters
    assert admin in disabled
