"""Members, presences, the audit log and members-search."""

from datetime import UTC, datetime
from typing import Any

import discord
import pytest
from discord.http import Route

from bot.sandbox.world import User

from .contract import Town, town


def search(here: Town, **body: Any) -> Any:
    """Ask members-search as a bot does."""
    route = Route("POST", "/guilds/{guild_id}/members-search", guild_id=here.guild.id)
    return here.bot.http.request(route, json={"limit": 10, **body})


def about(person: User) -> dict[str, Any]:
    """Return the query for one person."""
    return {"user_id": {"or_query": [str(person.id)]}}


async def test_an_account_has_the_chosen_age_and_avatar() -> None:
    async with town() as here:
        made = datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)
        person = here.newcomer("old", created_at=made, avatar=False)
        here.world.join(here.guild.id, person.id)
        await here.world.until(lambda: here.bot.seen("member_join"))
        [member] = here.bot.seen("member_join")
        assert member.created_at == made
        assert member.avatar is None


async def test_a_rejoin_carries_the_did_rejoin_flag() -> None:
    async with town() as here:
        person = here.newcomer()
        here.world.join(here.guild.id, person.id)
        here.world.leave(here.guild.id, person.id)
        here.world.join(here.guild.id, person.id)
        await here.world.until(lambda: len(here.bot.seen("member_join")) == 2)
        assert [member.flags.did_rejoin for member in here.bot.seen("member_join")] == [False, True]
        fetched = await here.seen_guild.fetch_member(person.id)
        assert fetched.flags.did_rejoin


async def test_screening_clears_pending_with_a_member_update() -> None:
    async with town() as here:
        person = here.newcomer()
        here.world.join(here.guild.id, person.id, pending=True)
        await here.world.until(lambda: here.bot.seen("member_join"))
        assert here.bot.seen("member_join")[0].pending
        here.world.pass_screening(here.guild.id, person.id)
        await here.world.until(lambda: here.bot.seen("member_update"))
        member = here.seen_guild.get_member(person.id)
        assert member is not None
        assert not member.pending


async def test_a_bot_that_is_added_is_in_the_audit_log_with_who_added_it() -> None:
    async with town() as here:
        added = here.world.add_bot(here.guild.id, "helper", here.ada.id)
        await here.world.until(lambda: here.bot.seen("member_join"))
        assert here.bot.seen("member_join")[0].bot
        entries = [e async for e in here.seen_guild.audit_logs(action=discord.AuditLogAction.bot_add)]
        assert [(entry.user_id, entry.target and entry.target.id) for entry in entries] == [
            (here.ada.id, added.id)
        ]


async def test_a_kick_is_a_removal_with_an_audit_entry() -> None:
    async with town() as here:
        person = here.newcomer()
        here.world.join(here.guild.id, person.id)
        here.world.kick(here.guild.id, person.id, here.ada.id, reason="spam")
        await here.world.until(lambda: here.bot.seen("raw_member_remove"))
        [entry] = [e async for e in here.seen_guild.audit_logs(action=discord.AuditLogAction.kick)]
        assert (entry.reason, entry.user_id) == ("spam", here.ada.id)


async def test_the_audit_log_is_filtered_by_time_person_and_length() -> None:
    async with town() as here:
        for number in range(5):
            by = here.ada.id if number % 2 else here.guild.owner_id
            here.world.make_invite(here.channel.id, by, code=f"code{number}")
        guild = here.seen_guild
        everything = [entry async for entry in guild.audit_logs(limit=None)]
        assert [e.after.code for e in everything] == [f"code{n}" for n in (4, 3, 2, 1, 0)]
        later = [e async for e in guild.audit_logs(after=everything[2], oldest_first=True)]
        assert [e.after.code for e in later] == ["code3", "code4"]
        earlier = [e async for e in guild.audit_logs(before=everything[2])]
        assert [e.after.code for e in earlier] == ["code1", "code0"]
        hers = [e async for e in guild.audit_logs(user=discord.Object(here.ada.id), limit=1)]
        assert [e.after.code for e in hers] == ["code3"]


async def test_the_audit_log_needs_its_permission_for_reading_and_for_its_event() -> None:
    async with town(bot_permissions=discord.Permissions(manage_guild=True, manage_channels=True)) as here:
        invite = here.world.make_invite(here.channel.id, here.ada.id)
        here.world.remove_invite(invite.code, here.ada.id)
        await here.world.until(lambda: here.bot.seen("invite_delete"))
        assert here.bot.seen("audit_log_entry_create") == []
        with pytest.raises(discord.Forbidden):
            _ = [entry async for entry in here.seen_guild.audit_logs()]


async def test_presences_reach_the_bot_and_the_approximate_count() -> None:
    async with town() as here:
        here.world.set_presence(here.guild.id, here.ada.id, "dnd")
        await here.world.until(lambda: here.bot.seen("presence_update"))
        member = here.seen_guild.get_member(here.ada.id)
        assert member is not None
        assert member.status is discord.Status.dnd
        fetched = await here.bot.fetch_guild(here.guild.id, with_counts=True)
        assert (fetched.approximate_member_count, fetched.approximate_presence_count) == (3, 1)


async def test_role_members_are_counted_without_a_member_list() -> None:
    async with town() as here:
        role = here.world.create_role(here.guild.id, "Sailor")
        here.world.add_member_role(here.guild.id, here.ada.id, role.id)
        counts = await here.seen_guild.role_member_counts()
        assert {one.id: count for one, count in counts.items()}[role.id] == 1


async def test_members_are_listed_in_pages() -> None:
    async with town() as here:
        for number in range(5):
            here.world.add_old_member(here.guild.id, here.newcomer(f"p{number}").id)
        fetched = [member.id async for member in here.seen_guild.fetch_members(limit=None)]
        assert sorted(fetched) == sorted(here.guild.members)


async def test_a_repeated_member_add_has_another_time() -> None:
    async with town() as here:
        person = here.newcomer()
        raw: list[dict[str, Any]] = []
        here.bot._connection.parsers["GUILD_MEMBER_ADD"] = raw.append
        here.world.join(here.guild.id, person.id)
        here.world.repeat_member_add(here.guild.id, person.id, shift_ms=400)
        await here.world.until(lambda: len(raw) == 2)
        first, second = (datetime.fromisoformat(one["joined_at"]) for one in raw)
        assert (second - first).total_seconds() == pytest.approx(0.4)


async def test_members_search_knows_code_source_and_inviter() -> None:
    async with town(vanity_code="harbour") as here:
        invite = here.world.make_invite(here.channel.id, here.ada.id)
        invited, vain = here.newcomer("invited"), here.newcomer("vain")
        here.world.join(here.guild.id, invited.id, code=invite.code)
        here.world.join(here.guild.id, vain.id, vanity=True)
        bot = here.world.add_bot(here.guild.id, "helper", here.ada.id)
        [entry] = (await search(here, and_query=about(invited)))["members"]
        assert entry["member"]["user"]["id"] == str(invited.id)
        assert (entry["source_invite_code"], entry["join_source_type"]) == (invite.code, 5)
        assert entry["inviter_id"] == str(here.ada.id)
        [entry] = (await search(here, and_query=about(vain)))["members"]
        assert (entry["source_invite_code"], entry["join_source_type"]) == ("harbour", 6)
        [entry] = (await search(here, and_query=about(bot)))["members"]
        assert (entry["join_source_type"], entry["inviter_id"]) == (1, str(here.ada.id))
        everyone = await search(here)
        assert everyone["total_result_count"] == len(here.guild.members)


@pytest.mark.parametrize("sort", [1, 2])
async def test_members_search_goes_on_behind_a_member(sort: int) -> None:
    async with town() as here:
        for number in range(5):
            person = here.newcomer(f"old{number}")
            # Two of them joined in the same millisecond.
            here.world.add_old_member(
                here.guild.id, person.id
            ).joined_at = f"2025-01-0{number // 2 + 1}T00:00:00+00:00"
        everybody = (await search(here, limit=1000, sort=sort))["members"]
        seen: list[Any] = []
        while True:
            query: dict[str, Any] = {"limit": 2, "sort": sort}
            if seen:
                last = seen[-1]["member"]
                joined_at = datetime.fromisoformat(last["joined_at"])
                query["after"] = {
                    "guild_joined_at": int(joined_at.timestamp() * 1000),
                    "user_id": last["user"]["id"],
                }
            answer = await search(here, **query)
            assert answer["total_result_count"] == len(everybody)
            if not answer["members"]:
                break
            seen += answer["members"]
        assert seen == everybody


async def test_members_search_misses_a_fresh_member_until_it_is_indexed() -> None:
    async with town(search_delay_s=3600) as here:
        person = here.newcomer()
        here.world.join(here.guild.id, person.id)
        assert (await search(here, and_query=about(person)))["members"] == []
        here.world.switches.search_delay_s = 0
        assert len((await search(here, and_query=about(person)))["members"]) == 1


async def test_members_search_of_an_unindexed_guild_is_202_with_a_retry_after() -> None:
    async with town(search_answer="unindexed") as here:
        answer = await search(here)
        assert (answer["code"], answer["retry_after"]) == (110000, 1)
        [request] = here.world.requests("POST", "/guilds/{id}/members-search")
        assert request.status == 202


@pytest.mark.parametrize(
    ("switch", "error"), [("forbidden", discord.Forbidden), ("missing", discord.NotFound)]
)
async def test_members_search_can_be_switched_off(switch: str, error: type[discord.HTTPException]) -> None:
    async with town(search_answer=switch) as here:
        with pytest.raises(error):
            await search(here)


async def test_members_search_needs_manage_server_and_takes_ten_values() -> None:
    async with town() as here:
        with pytest.raises(discord.HTTPException) as refused:
            await search(here, and_query={"user_id": {"or_query": [str(n) for n in range(11)]}})
        assert refused.value.code == 50035
        here.world.set_bot_permissions(here.guild.id, discord.Permissions(view_audit_log=True))
        with pytest.raises(discord.Forbidden):
            await search(here)
