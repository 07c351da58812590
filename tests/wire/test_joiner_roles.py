"""Roles of newcomers on a real wire: given once it is certain how somebody came, never twice, and never lost."""

from pathlib import Path

import discord
import pytest

from bot.sandbox.switches import RouteLimit
from bot.sandbox.world import Invite, User
from cogs.invite_tracker.joiner_roles.requests import InviteWish
from storage.records import Certainty
from tests.wire.test_confirming import confirmed, confirming_config, tangled
from tests.wire.town import Town, eventually, town, without

GIVE = "/guilds/{guild}/members/{member}/roles/{role}"


async def new_role(here: Town, name: str = "Guest") -> discord.Role:
    """Let the server make a role below that of the bot; returns it as the bot sees it."""
    role_id = here.world.create_role(here.guild.id, name).id
    await here.world.until(lambda: here.seen_guild.get_role(role_id) is not None)
    found = here.seen_guild.get_role(role_id)
    assert found is not None
    return found


async def owner(here: Town) -> discord.Member:
    """Return the owner of the server, who may give every role."""
    return await here.seen_guild.fetch_member(here.guild.owner_id)


async def let_bring(here: Town, link: Invite | str, role: discord.Role) -> None:
    """Let a link bring a role, at the owner's wish."""
    code = link if isinstance(link, str) else link.code
    await here.service.add_joiner_role(here.guild.id, code, role, await owner(here))


def has(here: Town, person: User, role: discord.Role) -> bool:
    """Whether somebody has a role."""
    return role.id in here.world.get_member(here.guild.id, person.id).role_ids


def given(here: Town) -> int:
    """Return how often a role was given, or tried to be."""
    return len(here.world.requests("PUT", GIVE))


def waiting(here: Town) -> int:
    """Return how many roles are still to be given."""
    [(count,)] = here.execute("SELECT COUNT(*) FROM role_gifts WHERE due_at_ms IS NOT NULL")
    return int(count)


async def got(here: Town, role: discord.Role, *people: User) -> None:
    """Wait until these people have the role and nothing waits."""
    await here.world.until(lambda: all(has(here, person, role) for person in people))
    await here.world.until(lambda: waiting(here) == 0)


async def test_whoever_comes_by_the_link_gets_its_roles_and_nobody_else(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        guest, reader = await new_role(here), await new_role(here, "Reader")
        invite, other = here.invite(), here.invite(here.ben)
        await here.looked()
        await let_bring(here, invite, guest)
        await let_bring(here, invite, reader)

        first = here.join(invite)
        await here.recorded(first)
        await here.calm()
        second = here.join(other)
        await here.recorded(second)
        await got(here, guest, first)
        await got(here, reader, first)

        assert not has(here, second, guest)
        assert given(here) == 2


async def test_the_vanity_url_brings_roles_too(tmp_path: Path) -> None:
    async with town(tmp_path, vanity_code="harbour") as here:
        guest = await new_role(here)
        await let_bring(here, "discord.gg/HARBOUR", guest)

        person = here.join(vanity=True)

        await got(here, guest, person)


async def test_nobody_gets_a_role_while_several_links_fit(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        guest = await new_role(here)
        here.world.switches.search_answer = "missing"
        invites = [here.invite(), here.invite(here.ben)]
        await here.looked()
        for invite in invites:
            await let_bring(here, invite, guest)

        people = [here.join(invite) for invite in invites]
        for person in people:
            assert (await here.recorded(person)).certainty is Certainty.AMBIGUOUS
        await here.decided()

        assert waiting(here) == 0
        assert given(here) == 0


async def test_who_is_confirmed_later_gets_the_role_then(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config(), search_delay_s=0.6) as here:
        guest = await new_role(here)
        people, invites = await tangled(here)
        await let_bring(here, invites[1], guest)
        assert given(here) == 0

        here.world.switches.search_delay_s = 0
        await confirmed(here, *people)
        await got(here, guest, people[1])

        assert not has(here, people[0], guest)
        assert given(here) == 1


async def test_a_stop_before_discord_answers_loses_no_role(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        guest = await new_role(here)
        invite = here.invite()
        await here.looked()
        await let_bring(here, invite, guest)
        held = here.world.switches.fail("PUT", GIVE, status=500, hold=True)
        person = here.join(invite)
        await here.world.until(lambda: held.taken == 1)

        await here.stop()
        held.release()
        assert waiting(here) == 1
        assert not has(here, person, guest)
        await here.start()

        await got(here, guest, person)


async def test_a_role_that_a_moderator_took_away_is_not_given_again(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        guest = await new_role(here)
        invite = here.invite()
        await here.looked()
        await let_bring(here, invite, guest)
        person = here.join(invite)
        await got(here, guest, person)

        here.world.remove_member_role(here.guild.id, person.id, guest.id)
        here.world.repeat_member_add(here.guild.id, person.id)
        await here.stop()
        await here.start()
        await here.caught_up()
        await here.looked()
        await here.decided()

        assert not has(here, person, guest)
        assert given(here) == 1


async def test_a_role_above_the_bot_is_told_and_given_once_it_is_below(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        guest = await new_role(here)
        invite = here.invite()
        await here.looked()
        await let_bring(here, invite, guest)
        top = here.world.bot_role(here.guild.id).position
        here.world.edit_role(here.guild.id, guest.id, {"position": top + 1})
        await here.world.until(lambda: guest > here.seen_guild.me.top_role)

        person = here.join(invite)
        await here.recorded(person)
        await here.decided()
        [trouble] = await here.service.list_role_troubles(here.guild.id)
        assert guest.mention in trouble
        assert "above" in trouble
        assert (waiting(here), given(here)) == (1, 0)

        here.world.edit_role(here.guild.id, guest.id, {"position": 1})
        await here.stop()
        # A minute later.
        here.execute("UPDATE role_gifts SET due_at_ms = 0 WHERE due_at_ms IS NOT NULL")
        await here.start()
        await got(here, guest, person)
        assert await here.service.list_role_troubles(here.guild.id) == ()


async def test_a_role_that_discord_does_not_take_keeps_no_other_from_being_given(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        odd, guest = await new_role(here, "Odd"), await new_role(here)
        invite, other = here.invite(), here.invite(here.ben)
        await here.looked()
        await let_bring(here, invite, odd)
        await let_bring(here, other, guest)
        path = f"/guilds/{{guild}}/members/{{member}}/roles/{odd.id}"
        here.world.switches.fail(
            "PUT", path, status=400, body={"code": 50035, "message": "Invalid"}, times=None
        )

        refused = here.join(invite)
        await here.recorded(refused)
        await here.world.until(lambda: len(here.world.requests("PUT", path)) >= 1)
        person = here.join(other)
        await here.recorded(person)

        await here.world.until(lambda: has(here, person, guest) and waiting(here) == 1)
        assert await here.service.list_role_troubles(here.guild.id) == (
            f"Discord refuses to let me give {odd.mention}.",
        )


async def test_without_manage_roles_the_role_waits_and_the_reason_is_told(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        guest = await new_role(here)
        invite = here.invite()
        await here.looked()
        await let_bring(here, invite, guest)
        here.world.edit_role(
            here.guild.id,
            here.world.bot_role(here.guild.id).id,
            {"permissions": without("manage_roles").value},
        )
        await here.world.until(lambda: not here.seen_permissions.manage_roles)

        await here.recorded(here.join(invite))
        await here.decided()

        troubles = await here.service.list_role_troubles(here.guild.id)
        assert troubles == ("I need the permission Manage Roles to give newcomers the roles of their links.",)
        assert (waiting(here), given(here)) == (1, 0)


async def test_a_link_that_brings_the_role_no_more_gives_it_to_nobody_who_waits(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        guest = await new_role(here)
        invite = here.invite()
        await here.looked()
        await let_bring(here, invite, guest)
        held = here.world.switches.fail("PUT", GIVE, status=500, hold=True)
        person = here.join(invite)
        await here.world.until(lambda: held.taken == 1)
        await here.service.remove_joiner_roles(here.guild.id, invite.code, guest.id)
        await here.stop()
        held.release()

        await here.start()
        await here.caught_up()
        await here.world.until(lambda: waiting(here) == 0)

        assert not has(here, person, guest)


async def test_many_roles_are_given_at_the_pace_that_discord_allows(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        here.world.switches.route_limits.append(RouteLimit("PUT", GIVE, 5, 0.3))
        guest = await new_role(here)
        invite = here.invite()
        await here.looked()
        await let_bring(here, invite, guest)

        people = [here.join(invite) for _ in range(20)]
        await here.all_recorded()
        await got(here, guest, *people)

        # None is asked for again, and none in vain.
        assert given(here) == 20


async def test_who_opted_out_gets_the_role_and_is_not_written_down(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        guest = await new_role(here)
        invite = here.invite()
        await here.looked()
        await let_bring(here, invite, guest)
        person = here.newcomer()
        await here.client.parts.recorder.opt_out(here.guild.id, person.id)

        here.join(invite, person=person)

        await here.world.until(lambda: has(here, person, guest))
        assert here.execute("SELECT * FROM role_gifts") == []
        assert here.execute("SELECT COUNT(*) FROM joins WHERE member_id IS NOT NULL") == [(0,)]


@pytest.mark.parametrize("takes_roles", [True, False])
async def test_an_invite_carries_its_role_where_discord_lets_it(tmp_path: Path, takes_roles: bool) -> None:
    async with town(tmp_path, role_invites=takes_roles) as here:
        guest = await new_role(here)
        invite, by_discord = await here.service.create_invite_with_role(
            here.guild.id, here.channel.id, guest, await owner(here), wish=InviteWish(0, 0, False)
        )
        await here.looked()

        person = here.join(here.world.get_invite(invite.code))
        await here.recorded(person)
        await got(here, guest, person)

        assert by_discord is takes_roles
        assert given(here) == (0 if takes_roles else 1)
        [link] = (await here.service.fetch_joiner_roles_page(here.guild.id, 1, 10)).links
        assert [rule.is_given_by_discord for rule in link.roles] == [takes_roles]


async def test_nobody_who_left_meanwhile_is_asked_about(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        guest = await new_role(here)
        invite = here.invite()
        await here.looked()
        await let_bring(here, invite, guest)
        held = here.world.switches.fail("PUT", GIVE, status=500, hold=True)
        person = here.join(invite)
        await here.world.until(lambda: held.taken == 1)
        here.leave(person)
        await here.left(person)
        await here.stop()
        held.release()

        await here.start()

        async def is_settled() -> bool:
            return waiting(here) == 0

        await eventually(is_settled, "nothing waits")
        assert given(here) == 1
