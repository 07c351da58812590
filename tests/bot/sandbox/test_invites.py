"""Invites, their uses, and what the bot may see of them."""

import discord
import pytest
from discord.http import Route

from bot.sandbox.world import BackendError, JoinSource

from .contract import town

NO_SERVER_RIGHTS = discord.Permissions(view_channel=True)


async def test_a_join_through_an_invite_raises_its_uses() -> None:
    async with town() as here:
        invite = here.world.make_invite(here.channel.id, here.ada.id)
        member = here.world.join(here.guild.id, here.newcomer().id, code=invite.code)
        await here.world.until(lambda: here.bot.seen("member_join"))
        [seen] = await here.seen_guild.invites()
        assert (seen.code, seen.uses, seen.inviter and seen.inviter.id) == (invite.code, 1, here.ada.id)
        assert here.bot.seen("member_join")[0].joined_at.isoformat() == member.joined_at


@pytest.mark.parametrize(
    ("order", "names"),
    [("before", ["invite_delete", "member_join"]), ("after", ["member_join", "invite_delete"])],
)
async def test_the_last_use_removes_the_invite_in_the_chosen_order(order: str, names: list[str]) -> None:
    async with town(invite_delete_order=order) as here:
        invite = here.world.make_invite(here.channel.id, here.ada.id, max_uses=2)
        here.world.join(here.guild.id, here.newcomer("one").id, code=invite.code)
        here.bot.events.clear()
        here.world.join(here.guild.id, here.newcomer("two").id, code=invite.code)
        await here.world.until(lambda: len(here.bot.names("invite_delete", "member_join")) >= 2)
        assert here.bot.names("invite_delete", "member_join")[-2:] == names
        assert await here.seen_guild.invites() == []
        with pytest.raises(BackendError):
            here.world.join(here.guild.id, here.newcomer("three").id, code=invite.code)


async def test_an_expired_invite_vanishes_in_silence() -> None:
    async with town() as here:
        invite = here.world.make_invite(here.channel.id, here.ada.id, max_age_s=3600)
        [seen] = await here.seen_guild.invites()
        assert seen.expires_at is not None
        here.world.expire_now(invite.code)
        assert await here.seen_guild.invites() == []
        with pytest.raises(BackendError):
            here.world.join(here.guild.id, here.newcomer().id, code=invite.code)
        here.world.make_invite(here.channel.id, here.ada.id)
        await here.world.until(lambda: len(here.bot.seen("invite_create")) == 2)
        assert here.bot.seen("invite_delete") == []


async def test_uses_are_shown_only_with_manage_server() -> None:
    permissions = discord.Permissions(view_channel=True, view_audit_log=True)
    async with town(bot_permissions=permissions) as here:
        here.world.make_invite(here.channel.id, here.ada.id)
        [seen] = await here.seen_guild.invites()
        assert seen.uses is None
        here.world.set_bot_permissions(here.guild.id, discord.Permissions(manage_guild=True))
        [seen] = await here.seen_guild.invites()
        assert seen.uses == 0


async def test_the_invite_list_needs_manage_server_or_the_audit_log() -> None:
    async with town(bot_permissions=NO_SERVER_RIGHTS) as here:
        with pytest.raises(discord.Forbidden) as refused:
            await here.seen_guild.invites()
        assert refused.value.code == 50013
        with pytest.raises(discord.Forbidden):
            await here.bot.http.get_vanity_code(here.guild.id)


async def test_invite_events_need_manage_channels_on_that_channel() -> None:
    async with town() as here:
        other = here.world.text_channel(here.guild.id, "quiet")
        here.world.set_bot_overwrite(other.id, discord.PermissionOverwrite(manage_channels=False))
        hidden = here.world.make_invite(other.id, here.ada.id)
        shown = here.world.make_invite(here.channel.id, here.ada.id)
        here.world.remove_invite(hidden.code, here.ada.id)
        here.world.remove_invite(shown.code, here.ada.id)
        await here.world.until(lambda: here.bot.seen("invite_delete"))
        assert [invite.code for invite in here.bot.seen("invite_create")] == [shown.code]
        assert [invite.code for invite in here.bot.seen("invite_delete")] == [shown.code]


async def test_an_invite_deleted_by_a_person_is_in_the_audit_log_with_its_uses() -> None:
    async with town() as here:
        invite = here.world.make_invite(here.channel.id, here.ada.id, max_uses=5)
        here.world.join(here.guild.id, here.newcomer().id, code=invite.code)
        here.world.remove_invite(invite.code, here.ada.id)
        entries = [e async for e in here.seen_guild.audit_logs(action=discord.AuditLogAction.invite_delete)]
        assert len(entries) == 1
        before = entries[0].before
        assert (before.code, before.uses, before.max_uses) == (invite.code, 1, 5)
        assert before.inviter.id == here.ada.id
        assert before.channel.id == here.channel.id
        assert entries[0].user_id == here.ada.id
        await here.world.until(lambda: here.bot.seen("audit_log_entry_create"))


async def test_the_vanity_url_has_its_own_counter_and_is_not_in_the_list() -> None:
    async with town(vanity_code="harbour") as here:
        assert "VANITY_URL" in here.seen_guild.features
        assert here.seen_guild.vanity_url_code == "harbour"
        here.world.join(here.guild.id, here.newcomer().id, vanity=True)
        answer = await here.bot.http.get_vanity_code(here.guild.id)
        assert answer["code"] == "harbour"
        assert answer["uses"] == 1
        assert await here.seen_guild.invites() == []
        vanity = await here.seen_guild.vanity_invite()
        assert vanity is not None
        assert vanity.uses == 1


async def test_an_invite_without_a_channel_is_listed_with_a_null_channel() -> None:
    async with town() as here:
        here.world.make_invite(0, here.ada.id, guild_id=here.guild.id, code="nowhere")
        [raw] = await here.bot.http.invites_from(here.guild.id)
        assert (raw["code"], dict(raw)["channel"]) == ("nowhere", None)
        with pytest.raises(TypeError):
            await here.seen_guild.invites()


async def test_the_thousand_and_first_invite_is_refused_with_30016() -> None:
    async with town() as here:
        here.server.gateway.hold_events()
        for number in range(1000):
            here.world.make_invite(here.channel.id, here.ada.id, code=f"code{number}")
        channel = here.bot.get_channel(here.channel.id)
        assert isinstance(channel, discord.TextChannel)
        with pytest.raises(discord.HTTPException) as refused:
            await channel.create_invite()
        assert refused.value.code == 30016
        assert len(await here.bot.http.invites_from(here.guild.id)) == 1000


async def test_the_bot_makes_and_deletes_invites() -> None:
    async with town() as here:
        channel = here.bot.get_channel(here.channel.id)
        assert isinstance(channel, discord.TextChannel)
        made = await channel.create_invite(max_uses=3, max_age=60, temporary=True, unique=True)
        assert (made.max_uses, made.max_age, made.temporary, made.uses) == (3, 60, True, 0)
        like = await channel.create_invite(max_uses=3, max_age=60, temporary=True, unique=False)
        assert like.code == made.code
        fetched = await here.bot.fetch_invite(made.code)
        assert fetched.guild is not None
        assert (fetched.guild.id, fetched.uses) == (here.guild.id, None)
        await made.delete()
        assert await here.seen_guild.invites() == []


@pytest.mark.parametrize("takes_roles", [True, False])
async def test_an_invite_carries_roles_where_discord_takes_them(takes_roles: bool) -> None:
    async with town() as here:
        here.world.switches.role_invites = takes_roles
        role = here.world.create_role(here.guild.id, "Guest")
        route = Route("POST", "/channels/{channel_id}/invites", channel_id=here.channel.id)
        body = {"unique": True, "role_ids": [str(role.id)]}
        if not takes_roles:
            with pytest.raises(discord.HTTPException) as refused:
                await here.bot.http.request(route, json=body)
            assert refused.value.status == 400
            return
        made = await here.bot.http.request(route, json=body)
        assert [one["id"] for one in made["roles"]] == [str(role.id)]
        person = here.world.add_person("guest")
        assert here.world.join(here.guild.id, person.id, code=made["code"]).role_ids == [role.id]


async def test_an_old_member_can_use_a_link_again() -> None:
    async with town() as here:
        invite = here.world.make_invite(here.channel.id, here.ada.id)
        here.world.use_again(invite.code)
        [seen] = await here.seen_guild.invites()
        assert seen.uses == 1
        assert here.bot.seen("member_join") == []


async def test_a_join_through_discovery_raises_no_counter() -> None:
    async with town(vanity_code="harbour") as here:
        invite = here.world.make_invite(here.channel.id, here.ada.id)
        here.world.join(here.guild.id, here.newcomer().id, source=JoinSource.DISCOVERY)
        await here.world.until(lambda: here.bot.seen("member_join"))
        assert (invite.uses, here.world.vanity_invite(here.guild.id).uses) == (0, 0)


async def test_the_invites_of_a_deleted_channel_are_gone() -> None:
    async with town() as here:
        other = here.world.text_channel(here.guild.id, "short-lived")
        here.world.make_invite(other.id, here.ada.id)
        here.world.delete_channel(other.id)
        assert await here.seen_guild.invites() == []
