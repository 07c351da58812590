"""/serverstats settings: the screen on which everything is chosen."""

from typing import Any

import simcord

from storage.statistics.catalogue import Group
from tests.cogs.serverstats.commands.stage import Stage
from tests.discord_in_process import controls_of, words_of


async def open_screen(stage: Stage) -> simcord.ResponseMessage:
    """Open the screen as a manager."""
    result = await stage.use(stage.manager, "settings")
    assert result.ephemeral
    assert result.response is not None
    return result.response


def chosen_in(screen: simcord.ResponseMessage, control: str) -> list[Any]:
    """Return what a select shows as chosen."""
    shown = controls_of(screen)[control]
    if "options" in shown:
        return [option["value"] for option in shown["options"] if option.get("default")]
    return [int(value["id"]) for value in shown.get("default_values", ())]


async def test_the_screen_offers_every_group_and_shows_what_is_on(bare_stage: Stage) -> None:
    await bare_stage.switch_on(Group.VOICE)

    screen = await open_screen(bare_stage)

    options = controls_of(screen)["groups"]["options"]
    assert [option["value"] for option in options] == [group.value for group in Group]
    assert all(len(option["description"]) <= 100 for option in options)
    assert chosen_in(screen, "groups") == ["voice"]
    assert "**Recorded:** Voice" in words_of(screen)


async def test_groups_are_switched_on_and_off_by_one_choice(bare_stage: Stage) -> None:
    stage = bare_stage
    await stage.switch_on(Group.VOICE)
    screen = await open_screen(stage)

    await stage.manager.select(screen, ["messages", "modules_polls"], custom_id="groups")

    settings = stage.module.require_settings(stage.guild.id)
    assert settings.enabled_groups == {Group.MESSAGES, Group.POLLS}
    assert stage.recorder.is_wanted(stage.guild.id, Group.MESSAGES)
    assert not stage.recorder.is_wanted(stage.guild.id, Group.VOICE)
    assert "**Recorded:** Messages, Polls" in words_of(screen)

    await stage.manager.select(screen, [], custom_id="groups")

    assert stage.module.require_settings(stage.guild.id).enabled_groups == frozenset()
    assert "nothing yet; choose below" in words_of(screen)


async def test_channels_and_roles_are_left_out(stage: Stage) -> None:
    role = stage.guild.create_role("Robots")
    screen = await open_screen(stage)

    await stage.manager.select(screen, [stage.other_channel], custom_id="channels")
    await stage.manager.select(screen, [role], custom_id="roles")

    settings = stage.module.require_settings(stage.guild.id)
    assert settings.ignored_channel_ids == {stage.other_channel.id}
    assert settings.ignored_role_ids == {role.id}
    assert f"**Channels left out:** <#{stage.other_channel.id}>" in words_of(screen)
    assert f"**Roles left out:** <@&{role.id}>" in words_of(screen)
    reopened = await open_screen(stage)
    assert chosen_in(reopened, "channels") == [stage.other_channel.id]
    assert chosen_in(reopened, "roles") == [role.id]


async def test_a_list_that_is_longer_than_a_menu_is_not_cut_by_the_screen(stage: Stage) -> None:
    channel_ids = frozenset(range(100, 130))
    await stage.module.change_settings(
        stage.guild.id, lambda now: now.model_copy(update={"ignored_channel_ids": channel_ids})
    )

    screen = await open_screen(stage)

    assert controls_of(screen)["channels"]["disabled"]
    assert "and 5 more" in words_of(screen)
    assert "cannot be changed here" in words_of(screen)


async def test_bots_are_left_out_and_counted_again(stage: Stage) -> None:
    screen = await open_screen(stage)
    assert "**Bots:** counted" in words_of(screen)

    await stage.manager.click(screen, label="Leave out bots")
    assert not stage.module.require_settings(stage.guild.id).track_bot_messages
    assert "**Bots:** left out" in words_of(screen)

    await stage.manager.click(screen, label="Count bots")
    assert stage.module.require_settings(stage.guild.id).track_bot_messages


async def test_the_timezone_is_found_whatever_its_capitals(stage: Stage) -> None:
    screen = await open_screen(stage)
    form = await stage.manager.click(screen, custom_id="timezone")

    await stage.manager.submit_modal(form, {"timezone": "europe/amsterdam "})

    assert await stage.statistics.fetch_timezone(stage.guild.id) == "Europe/Amsterdam"
    assert "**Timezone:** Europe/Amsterdam · now 13:00" in words_of(screen)


async def test_an_unknown_timezone_is_refused_with_similar_names(stage: Stage) -> None:
    screen = await open_screen(stage)
    form = await stage.manager.click(screen, custom_id="timezone")

    result = await stage.manager.submit_modal(form, {"timezone": "Amsterdm"})

    assert "timezone: there is no `Amsterdm`; did you mean `Europe/Amsterdam`?" in words_of(result)
    assert await stage.statistics.fetch_timezone(stage.guild.id) == "UTC"


async def test_who_lost_the_permission_changes_nothing(stage: Stage) -> None:
    screen = await open_screen(stage)
    stage.place.world.edit_member(stage.guild.id, stage.manager.id, {"role_ids": []})

    refused = await stage.manager.select(screen, [], custom_id="groups")

    assert "You need the permission" in words_of(refused)
    assert stage.module.require_settings(stage.guild.id).enabled_groups == frozenset(Group)


async def test_the_controls_end_after_ten_quiet_minutes(stage: Stage) -> None:
    screen = await open_screen(stage)

    await stage.env.advance_time(601)

    assert all(control["disabled"] for control in controls_of(screen).values())
