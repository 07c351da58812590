"""/invite_tracker create, delete, list and serverlink."""

from typing import Any

import discord
import pytest
import simcord

from bot.errors import UnprocessableEntityError
from tests.cogs.invite_tracker.commands.stage import Stage
from tests.discord_in_process import control_of, controls_of, words_of


def pager(result: simcord.InteractionResult) -> dict[str, dict[str, Any]]:
    """Return the buttons of a list by their place, e.g. `next`."""
    return {custom_id.split(":")[-2]: control for custom_id, control in controls_of(result.response).items()}


async def turn(
    stage: Stage, result: simcord.InteractionResult, place: str, page: int
) -> simcord.InteractionResult:
    """Press a button of the list as the admin."""
    assert result.response is not None
    return await stage.admin.click(
        result.response, custom_id=control_of(result.response, "list.tracker.links", place, page)
    )


async def test_create_makes_a_link_that_counts_for_who_asked(stage: Stage) -> None:
    answer = await stage.say(stage.member, "create", max_uses=5, max_age=3600, temporary=True)

    [invite] = stage.place.world.live_invites(stage.guild.id)
    assert f"https://discord.gg/{invite.code}" in answer
    assert "5 uses" in answer
    assert "expires <t:" in answer
    assert "removed when they go offline" in answer
    assert f"Counts for {stage.member.mention}" in answer
    assert (invite.max_uses, invite.max_age, invite.temporary) == (5, 3600, True)
    page = await stage.service.fetch_invite_page(stage.guild.id, 1, 10)
    assert [(known.code, known.inviter_id) for known in page.invites] == [(invite.code, stage.member.id)]


async def test_create_leads_to_the_channel_that_was_named(stage: Stage) -> None:
    answer = await stage.say(stage.member, "create", channel=stage.other_channel, max_age=0)

    [invite] = stage.place.world.live_invites(stage.guild.id)
    assert invite.channel_id == stage.other_channel.id
    assert stage.other_channel.mention in answer
    assert "never expires" in answer


async def test_create_needs_create_invite_in_the_named_channel(stage: Stage) -> None:
    closed = stage.guild.create_text_channel(
        "closed",
        overwrites={stage.guild.default_role: discord.PermissionOverwrite(create_instant_invite=False)},
    )

    allowed = discord.PermissionOverwrite(create_instant_invite=True)
    stage.place.world.set_bot_overwrite(closed.id, allowed)
    await stage.env.settle()

    refused = await stage.say(stage.member, "create", channel=closed)

    assert refused == f"You need the permission Create Invite in {closed.mention} for this."
    assert stage.place.world.live_invites(stage.guild.id) == []
    assert "discord.gg" in await stage.say(stage.admin, "create", channel=closed)


async def test_create_names_the_permission_that_the_bot_lacks(stage: Stage) -> None:
    stage.place.deny_bot(stage.channel, create_instant_invite=False)
    await stage.env.settle()

    answer = await stage.say(stage.member, "create")

    assert answer == f"I need the permission Create Invite in {stage.channel.mention}."


async def test_create_with_101_uses_is_refused_by_the_client_and_by_the_use_case(stage: Stage) -> None:
    with pytest.raises(simcord.OptionError):
        await stage.use(stage.member, "create", max_uses=101)
    with pytest.raises(UnprocessableEntityError, match="not 101"):
        await stage.service.create_invite(
            stage.guild.id,
            stage.channel.id,
            max_uses=101,
            max_age_seconds=0,
            is_temporary=False,
            for_user_id=None,
        )
    assert stage.place.world.live_invites(stage.guild.id) == []


async def test_create_for_more_than_seven_days_is_refused(stage: Stage) -> None:
    with pytest.raises(UnprocessableEntityError, match="604800"):
        await stage.service.create_invite(
            stage.guild.id,
            stage.channel.id,
            max_uses=0,
            max_age_seconds=604_801,
            is_temporary=False,
            for_user_id=None,
        )


async def test_delete_removes_the_link_at_discord(stage: Stage) -> None:
    await stage.use(stage.member, "create")
    [invite] = stage.place.world.live_invites(stage.guild.id)

    answer = await stage.say(stage.admin, "delete", code=f"https://discord.gg/{invite.code}")

    assert f"`{invite.code}`" in answer
    assert stage.place.world.live_invites(stage.guild.id) == []


async def test_delete_of_a_code_that_does_not_exist_says_so(stage: Stage) -> None:
    assert await stage.say(stage.admin, "delete", code="nosuch") == (
        "This server has no invite with the code `nosuch`."
    )


async def test_delete_of_what_is_no_code_says_what_one_looks_like(stage: Stage) -> None:
    answer = await stage.say(stage.admin, "delete", code="@everyone come here")

    assert "is not an invite" in answer
    assert "discord.gg/abc123" in answer


async def test_delete_of_an_invite_that_is_gone_at_discord_says_so(stage: Stage) -> None:
    await stage.record_invites(["gone"])

    assert await stage.say(stage.admin, "delete", code="gone") == "The invite `gone` does not exist any more."


async def test_codes_are_suggested_to_those_who_may_delete_them(stage: Stage) -> None:
    await stage.record_invites(["summer", "summit", "winter"], uses=1)

    offered = await stage.admin.autocomplete(stage.channel, "invite_tracker delete", "code", "sum")
    refused = await stage.member.autocomplete(stage.channel, "invite_tracker delete", "code", "sum")

    assert {choice["value"] for choice in offered} == {"summer", "summit"}
    assert "summer · #general · 1 use" in {choice["name"] for choice in offered}
    assert refused == []


async def test_list_turns_pages_in_place(stage: Stage) -> None:
    await stage.record_invites([f"code{number:02}" for number in range(25)], max_uses=9)

    result = await stage.use(stage.admin, "list")

    assert result.ephemeral
    assert words_of(result).count("0/9 uses") == 10
    assert "25 links" in words_of(result)
    assert pager(result)["position"]["label"] == "1/3"
    assert pager(result)["previous"]["disabled"]
    for page in (2, 3):
        await turn(stage, result, "next", page)
    assert words_of(result).count("0/9 uses") == 5
    assert pager(result)["next"]["disabled"]
    await turn(stage, result, "first", 1)
    assert pager(result)["position"]["label"] == "1/3"
    await turn(stage, result, "last", 3)
    assert pager(result)["position"]["label"] == "3/3"
    await turn(stage, result, "previous", 2)
    assert pager(result)["position"]["label"] == "2/3"


async def test_the_list_is_turned_after_a_restart_by_who_is_still_an_administrator(stage: Stage) -> None:
    await stage.record_invites([f"code{number:02}" for number in range(25)], max_uses=9)
    result = await stage.use(stage.admin, "list")

    await stage.place.restart()
    await turn(stage, result, "next", 2)

    assert pager(result)["position"]["label"] == "2/3"
    stage.place.world.edit_member(stage.guild.id, stage.admin.id, {"role_ids": []})
    refused = await turn(stage, result, "next", 3)
    assert words_of(refused.followups[0]) == "You need the permission Administrator for this."
    assert refused.followups[0].ephemeral
    assert pager(result)["position"]["label"] == "2/3"


async def test_a_list_of_one_page_has_no_buttons(stage: Stage) -> None:
    await stage.record_invites(["only"], channel_id=None, inviter_id=None, label="**loud** @everyone")

    result = await stage.use(stage.admin, "list")

    assert result.response is not None
    assert result.response.components == []
    assert "`only`" in words_of(result)
    assert "@everyone" not in words_of(result)


async def test_an_empty_list_says_how_to_begin(stage: Stage) -> None:
    assert "/invite_tracker create" in await stage.say(stage.admin, "list")


async def test_serverlink_shows_the_link_or_that_there_is_none(stage: Stage) -> None:
    assert "no shared link" in await stage.say(stage.member, "serverlink")

    await stage.save(server_shared_invite_link="https://discord.gg/harbour")

    assert "https://discord.gg/harbour" in await stage.say(stage.member, "serverlink")
