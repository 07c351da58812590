"""/invite_tracker role and create … role: who may let which link bring which role, and what they are told."""

from typing import Any

import discord
import pytest
import simcord

from bot.sandbox.backend import Overwrite, OverwriteType
from bot.settings.guild_settings import GuildSettings
from cogs.invite_tracker.use_cases.joiner_roles import ROLES_PER_LINK_MOST
from tests.cogs.invite_tracker.commands.stage import Stage


@pytest.fixture
async def rolled(stage: Stage) -> Stage:
    """A server with the invite `abc`, in which the manager may manage roles, too."""
    managers = role_named(stage, "Managers")
    permissions = discord.Permissions(manage_guild=True, manage_roles=True)
    stage.place.world.edit_role(stage.guild.id, managers.id, {"permissions": permissions.value})
    await stage.record_invites(["abc"])
    await stage.env.settle()
    return stage


def role_named(stage: Stage, name: str) -> Any:
    """Return a role of the server."""
    [found] = [
        role for role in stage.place.world.get_guild(stage.guild.id).roles.values() if role.name == name
    ]
    return found


async def new_role(stage: Stage, name: str = "Guest", **permissions: bool) -> Any:
    """Make a role below all others."""
    role = stage.guild.create_role(name, permissions=discord.Permissions(**permissions))
    await stage.env.settle()
    return role


def raise_role(stage: Stage, role: Any, position: int) -> None:
    """Put a role to this place."""
    stage.place.world.edit_role(stage.guild.id, role.id, {"position": position})


async def test_a_role_is_added_listed_and_taken_off_again(rolled: Stage) -> None:
    guest = await new_role(rolled)

    added = await rolled.say(rolled.manager, "role add", code="https://discord.gg/abc", role=guest)
    listed = await rolled.say(rolled.manager, "role list")
    removed = await rolled.say(rolled.manager, "role remove", code="abc", role=guest)

    assert f"`abc` → <@&{guest.id}>" in added
    assert "neither gives nor takes roles" in added
    assert f"`abc` → <@&{guest.id}>" in listed
    assert "1 link" in listed
    assert f"`abc` does not bring <@&{guest.id}> any more. Members keep the roles" in removed
    assert "No link brings a role." in await rolled.say(rolled.manager, "role list")


async def test_all_roles_of_a_link_are_taken_off_together_also_of_one_that_is_gone(rolled: Stage) -> None:
    first, second = await new_role(rolled), await new_role(rolled, "Reader")
    for role in (first, second):
        await rolled.use(rolled.admin, "role add", code="abc", role=role)
    await rolled.record_invites(["abc"], deleted_at_ms=1)

    assert "this link does not exist any more" in await rolled.say(rolled.admin, "role list")
    removed = await rolled.say(rolled.admin, "role remove", code="abc")

    assert f"<@&{first.id}>" in removed
    assert f"<@&{second.id}>" in removed
    assert await rolled.say(rolled.admin, "role remove", code="abc") == "`abc` brings no roles."


@pytest.mark.parametrize(
    ("permissions", "named"),
    [
        ({"administrator": True}, "the permission Administrator;"),
        ({"manage_messages": True}, "the permission Manage Messages;"),
        ({"ban_members": True, "kick_members": True}, "the permissions Kick Members and Ban Members;"),
    ],
)
async def test_a_role_with_power_is_too_much_for_a_link(
    rolled: Stage, permissions: dict[str, bool], named: str
) -> None:
    mighty = await new_role(rolled, "Mighty", **permissions)

    answer = await rolled.say(rolled.admin, "role add", code="abc", role=mighty)

    assert answer == f"<@&{mighty.id}> has {named} that is too much for whoever has a link."
    assert "No link brings a role." in await rolled.say(rolled.admin, "role list")


async def test_everyone_and_managed_roles_cannot_be_given(rolled: Stage) -> None:
    managed = await new_role(rolled, "Booster")
    rolled.place.world.edit_role(rolled.guild.id, managed.id, {"managed": True})
    await rolled.env.settle()

    everyone = await rolled.say(rolled.admin, "role add", code="abc", role=rolled.guild.default_role)

    assert everyone == "Everybody has @everyone already."
    assert "is managed by Discord or by a bot" in await rolled.say(
        rolled.admin, "role add", code="abc", role=managed
    )


async def test_nobody_lets_a_link_bring_a_role_that_they_could_not_give_themselves(rolled: Stage) -> None:
    guest = await new_role(rolled)
    raise_role(rolled, guest, 3)
    await rolled.env.settle()

    refused = await rolled.say(rolled.manager, "role add", code="abc", role=guest)
    by_create = await rolled.say(rolled.manager, "create", role=guest)

    sentence = f"You can choose only roles below your own highest one; <@&{guest.id}> is not."
    assert (refused, by_create) == (sentence, sentence)
    assert rolled.place.world.live_invites(rolled.guild.id) == []
    raise_role(rolled, guest, 1)
    await rolled.env.settle()
    assert "→" in await rolled.say(rolled.manager, "role add", code="abc", role=guest)


async def test_a_role_above_the_bot_is_refused(rolled: Stage) -> None:
    guest = await new_role(rolled)
    raise_role(rolled, guest, 90)
    raise_role(rolled, role_named(rolled, "Admins"), 99)
    await rolled.env.settle()

    answer = await rolled.say(rolled.admin, "role add", code="abc", role=guest)

    assert answer == f"To give <@&{guest.id}> I need a role that stands above it (Server Settings → Roles)."


async def test_unknown_links_too_many_roles_and_repetitions_are_refused(rolled: Stage) -> None:
    guest = await new_role(rolled)

    unknown = await rolled.say(rolled.admin, "role add", code="nothere", role=guest)
    assert unknown == "This server has no invite with the code `nothere`."
    await rolled.use(rolled.admin, "role add", code="abc", role=guest)
    again = await rolled.say(rolled.admin, "role add", code="abc", role=guest)
    assert again == f"`abc` brings <@&{guest.id}> already."
    for number in range(1, ROLES_PER_LINK_MOST):
        await rolled.use(rolled.admin, "role add", code="abc", role=await new_role(rolled, f"r{number}"))
    one_more = await rolled.say(rolled.admin, "role add", code="abc", role=await new_role(rolled, "more"))
    assert one_more == "One link can bring 5 roles at most."


async def test_an_invite_is_made_that_carries_its_role(rolled: Stage) -> None:
    guest = await new_role(rolled)

    answer = await rolled.say(rolled.manager, "create", role=guest)

    [invite] = rolled.place.world.live_invites(rolled.guild.id)
    assert rolled.place.world.invite_roles[invite.code] == (guest.id,)
    assert f"Whoever accepts it gets <@&{guest.id}> from Discord at once." in answer
    listed = await rolled.say(rolled.manager, "role list")
    assert f"`{invite.code}` → <@&{guest.id}> (given by Discord)" in listed
    kept = await rolled.say(rolled.manager, "role remove", code=invite.code)
    assert kept.startswith(f"Discord itself gives this role with the invite `{invite.code}`")


async def test_where_discord_does_not_take_the_role_the_bot_gives_it_and_says_so(rolled: Stage) -> None:
    guest = await new_role(rolled)
    rolled.place.world.switches.role_invites = False

    answer = await rolled.say(rolled.manager, "create", role=guest)

    [invite] = rolled.place.world.live_invites(rolled.guild.id)
    assert rolled.place.world.invite_roles == {}
    assert "Discord did not let the invite carry the role." in answer
    assert f"`{invite.code}` → <@&{guest.id}>" in await rolled.say(rolled.manager, "role list")


async def test_create_with_a_role_needs_more_than_create_invite(rolled: Stage) -> None:
    guest = await new_role(rolled)

    answer = await rolled.say(rolled.member, "create", role=guest)

    assert answer == "You need the permission Administrator, or Manage Server and Manage Roles, for this."
    assert rolled.place.world.live_invites(rolled.guild.id) == []


async def test_manage_permissions_on_a_channel_does_not_let_links_bring_roles(stage: Stage) -> None:
    # Discord calls it by the name that Manage Roles has: an interaction's permissions are those in its channel.
    await stage.record_invites(["abc"])
    allowed = discord.Permissions(manage_roles=True).value
    overwrite = Overwrite(stage.manager.id, OverwriteType.MEMBER, allowed, 0)
    stage.place.world.set_overwrite(stage.channel.id, overwrite)
    managers = role_named(stage, "Managers")
    guest = await new_role(stage)
    raise_role(stage, managers, 5)
    await stage.env.settle()

    added = await stage.say(stage.manager, "role add", code="abc", role=guest)
    by_create = await stage.say(stage.manager, "create", role=guest)

    sentence = "You need the permission Administrator, or Manage Server and Manage Roles, for this."
    assert (added, by_create) == (sentence, sentence)
    assert "No link brings a role." in await stage.say(stage.admin, "role list")
    assert stage.place.world.live_invites(stage.guild.id) == []


async def test_what_keeps_roles_from_being_given_is_told_by_info_and_list(rolled: Stage) -> None:
    guest = await new_role(rolled)
    await rolled.use(rolled.admin, "role add", code="abc", role=guest)
    rolled.place.world.edit_role(
        rolled.guild.id, guest.id, {"permissions": discord.Permissions(manage_roles=True).value}
    )
    await rolled.env.settle()
    sentence = f"⚠ <@&{guest.id}> has the permission Manage Roles; that is too much for whoever has a link."

    assert sentence in await rolled.say(rolled.admin, "info")
    assert sentence in await rolled.say(rolled.admin, "role list")

    rolled.place.world.delete_role(rolled.guild.id, guest.id)
    await rolled.env.settle()
    assert "was deleted; `/invite_tracker role remove` takes it off" in await rolled.say(rolled.admin, "info")


async def test_changes_are_told_in_the_log_channel(rolled: Stage) -> None:
    settings = GuildSettings(log_channel_id=rolled.other_channel.id)
    await rolled.place.client.parts.guild_settings.save(rolled.guild.id, settings, 0)
    guest = await new_role(rolled)

    await rolled.use(rolled.manager, "role add", code="abc", role=guest)
    await rolled.use(rolled.admin, "role remove", code="abc")
    await rolled.env.settle()

    messages = rolled.place.world.messages.get(rolled.other_channel.id, {})
    told = [embed["description"] for message in messages.values() for embed in message.embeds]
    label = "**Roles of those who come by `abc`:**"
    assert told == [
        f"{label} added <@&{guest.id}>\n-# by {rolled.manager.mention}",
        f"{label} removed <@&{guest.id}>\n-# by {rolled.admin.mention}",
    ]


async def test_links_are_offered_while_typing_to_those_who_may_choose(rolled: Stage) -> None:
    rolled.place.world.set_vanity_url(rolled.guild.id, "harbour")
    await rolled.place.restart()
    guest = await new_role(rolled)
    await rolled.use(rolled.admin, "role add", code="abc", role=guest)

    async def offered(who: simcord.MemberActor, command: str, typed: str) -> list[str]:
        choices = await who.autocomplete(rolled.channel, f"invite_tracker role {command}", "code", typed)
        return [choice["value"] for choice in choices]

    assert await offered(rolled.manager, "add", "") == ["harbour", "abc"]
    assert await offered(rolled.manager, "add", "a") == ["abc"]
    assert await offered(rolled.manager, "remove", "") == ["abc"]
    assert await offered(rolled.member, "add", "") == []
    assert await offered(rolled.member, "remove", "") == []


async def test_the_vanity_url_brings_roles_under_its_own_name(rolled: Stage) -> None:
    rolled.place.world.set_vanity_url(rolled.guild.id, "harbour")
    await rolled.place.restart()
    guest = await new_role(rolled)

    added = await rolled.say(rolled.admin, "role add", code="Harbour", role=guest)

    assert f"`harbour` (vanity URL) → <@&{guest.id}>" in added
    assert "does not bring" in await rolled.say(rolled.admin, "role remove", code="discord.gg/harbour")
