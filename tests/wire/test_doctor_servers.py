"""What `python -m bot doctor` finds in servers: each finding is caused for real, and goes when it is healed."""

from functools import partial
from typing import Any

import discord
import pytest

from bot.clock import SystemClock
from bot.doctor.findings import Severity
from cogs.invite_tracker.settings import InviteTrackerSettings
from cogs.serverstats.counters.counter_types import CounterType
from storage.database import WriteTransaction
from storage.guild_modules import insert_module
from storage.guild_settings import update_guild_settings
from storage.guilds import upsert_guild_present
from storage.joiner_roles import JoinerRole, insert_joiner_role
from storage.statistics.catalogue import Group
from tests.wire.patient import Patient
from tests.wire.town import without

MINUTE_MS = 60_000
GENEROUS = without()


class Later(SystemClock):
    """Ten minutes from now."""

    def now_ms(self) -> int:
        return super().now_ms() + 10 * MINUTE_MS


async def test_a_server_in_which_nothing_is_enabled_is_a_note(patient: Patient) -> None:
    await patient.store()
    report = await patient.examine()
    (found,) = [one for one in report.findings if one.guild_id == patient.guild.id]
    assert (found.check, report.exit_code) == ("server.nothing_enabled", 0)


async def test_a_server_that_the_bot_was_put_out_of_is_a_note(patient: Patient) -> None:
    await patient.enable_invites()
    patient.world.kick_bot(patient.guild.id)
    assert (await patient.only("server.departed")).guild_id == patient.guild.id


@pytest.mark.parametrize(
    ("permission", "title", "severity"),
    [
        ("manage_guild", "Manage Server", Severity.ERROR),
        ("view_audit_log", "View Audit Log", Severity.WARNING),
        ("manage_channels", "Manage Channels", Severity.WARNING),
        ("create_instant_invite", "Create Invite", Severity.WARNING),
    ],
)
async def test_a_permission_that_invites_rest_on_is_named(
    patient: Patient, permission: str, title: str, severity: Severity
) -> None:
    await patient.enable_invites()
    patient.world.edit_role(patient.guild.id, patient.guild.id, {"permissions": 0})
    patient.world.set_bot_permissions(patient.guild.id, without(permission))
    found = await patient.only("server.permission")
    assert (found.subject, found.severity) == (title, severity)
    assert found.meaning
    patient.world.set_bot_permissions(patient.guild.id, GENEROUS)
    assert await patient.find("server.permission") == []


async def test_roles_of_newcomers_need_manage_roles_and_a_place_below_the_bot(patient: Patient) -> None:
    guild_id = patient.guild.id
    role = patient.world.create_role(guild_id, "Guest")
    carried = patient.world.create_role(guild_id, "Carried")
    await patient.enable_invites()
    await patient.store(
        lambda tx: insert_joiner_role(tx, JoinerRole(guild_id, "abc", role.id, 0, is_given_by_discord=False)),
        lambda tx: insert_joiner_role(
            tx, JoinerRole(guild_id, "abc", carried.id, 0, is_given_by_discord=True)
        ),
    )
    patient.world.delete_role(guild_id, carried.id)

    patient.world.set_bot_permissions(guild_id, without("manage_roles"))
    found = await patient.only("server.permission")
    assert (found.subject, found.meaning) == (
        "Manage Roles",
        "Newcomers do not get the roles of their links.",
    )
    patient.world.set_bot_permissions(guild_id, GENEROUS)
    assert await patient.find("server.permission") == []

    patient.world.edit_role(guild_id, role.id, {"position": 90})
    found = await patient.only("server.role_order")
    assert found.subject == "@Guest"
    assert found.sentence.startswith("Roles of newcomers: ")
    patient.world.edit_role(guild_id, role.id, {"position": 1})
    assert await patient.find("server.role_order") == []

    patient.world.delete_role(guild_id, role.id)
    assert (await patient.only("server.role_gone")).subject == "Roles of newcomers"


async def test_only_what_is_switched_on_needs_permissions(patient: Patient) -> None:
    await patient.enable_statistics(enabled_groups={Group.MESSAGES})
    patient.world.set_bot_permissions(patient.guild.id, without("manage_guild", "manage_roles"))
    assert (await patient.examine()).exit_code == 0


async def test_administrator_is_more_than_needed(patient: Patient) -> None:
    await patient.enable_invites()
    patient.world.set_bot_permissions(patient.guild.id, discord.Permissions(administrator=True))
    assert (await patient.only("server.administrator")).severity is Severity.NOTE


async def test_a_channel_for_messages_that_is_closed_is_named(patient: Patient) -> None:
    await patient.enable_invites(
        join_messages_enabled=True, join_messages_channel=patient.welcome.id, join_message_is_embed=True
    )
    patient.deny(patient.welcome, send_messages=False, embed_links=False)
    found = await patient.only("server.channel_permission")
    assert (found.subject, found.channel_id) == ("#welcome", patient.welcome.id)
    assert found.sentence == "Join messages: the bot lacks the permissions Send Messages, Embed Links here."
    assert found.meaning == "Join messages are not sent."
    patient.deny(patient.welcome, view_channel=False)
    assert "the permission View Channel" in (await patient.only("server.channel_permission")).sentence
    patient.heal(patient.welcome)
    assert await patient.find("server.channel_permission") == []


async def test_a_channel_for_messages_that_is_gone_or_was_never_chosen_is_told(patient: Patient) -> None:
    await patient.enable_invites(
        join_messages_enabled=True, join_messages_channel=patient.welcome.id, leave_messages_enabled=True
    )
    patient.world.delete_channel(patient.welcome.id)
    gone = await patient.only("server.channel_gone")
    assert (gone.subject, gone.severity) == ("Join messages", Severity.ERROR)
    assert "`/invite_tracker settings join_message`" in gone.advice
    assert (await patient.only("server.channel_missing")).subject == "Leave messages"


async def test_a_log_channel_that_is_closed_is_a_warning(patient: Patient) -> None:
    async def choose(tx: Any) -> None:
        assert await update_guild_settings(tx, patient.guild.id, None, patient.general.id, 0)

    await patient.store(choose)
    patient.deny(patient.general, send_messages=False)
    found = await patient.only("server.channel_permission")
    assert found.severity is Severity.WARNING
    assert found.sentence.startswith("Log channel: ")


async def test_a_counter_whose_channel_is_closed_is_told_what_to_give_first(patient: Patient) -> None:
    voice = patient.world.voice_channel(patient.guild.id, "Members: 3")
    await patient.enable_statistics(patient.counter(voice), counters_enabled=True)
    assert await patient.find("server.channel_permission") == []
    # Where Connect is denied, Manage Channels is gone with it.
    patient.deny(voice, connect=False)
    found = await patient.only("server.channel_permission")
    assert found.sentence == "Counter “Members”: the bot lacks the permission Connect here."
    patient.deny(voice, manage_channels=False)
    assert "Manage Channels" in (await patient.only("server.channel_permission")).sentence


async def test_counters_that_are_off_need_nothing(patient: Patient) -> None:
    voice = patient.world.voice_channel(patient.guild.id, "Members: 3")
    await patient.enable_statistics(patient.counter(voice), counters_enabled=False)
    patient.deny(voice, connect=False)
    assert await patient.find("server.channel_permission") == []
    assert (await patient.only("server.nothing_recorded")).severity is Severity.NOTE


async def test_the_category_the_role_and_the_goal_of_a_counter_are_looked_for(patient: Patient) -> None:
    voice = patient.world.voice_channel(patient.guild.id, "Pilots: 3")
    category = patient.world.category(patient.guild.id, "Numbers")
    role = patient.world.create_role(patient.guild.id, "Pilots")
    counter = patient.counter(
        voice,
        CounterType.MEMBERS_WITH_ROLE,
        role_id=role.id,
        goal=10,
        announce_channel_id=patient.general.id,
    )
    await patient.enable_statistics(counter, counters_enabled=True, counters_category_id=category.id)
    assert (await patient.examine()).exit_code == 0

    patient.world.set_bot_permissions(patient.guild.id, without("manage_roles"))
    patient.deny(patient.general, send_messages=False)
    assert (await patient.only("server.permission")).subject == "Manage Roles"
    assert "goal" in (await patient.only("server.channel_permission")).sentence

    patient.world.delete_channel(category.id)
    patient.world.delete_role(patient.guild.id, role.id)
    assert (await patient.only("server.channel_gone")).subject == "The category of the counters"
    assert (await patient.only("server.role_gone")).role_id == role.id


async def test_counters_of_statuses_need_the_presence_intent(patient: Patient) -> None:
    voice = patient.world.voice_channel(patient.guild.id, "DND: 3")
    await patient.enable_statistics(patient.counter(voice, CounterType.DND), counters_enabled=True)
    patient.world.approved_intents.discard("presences")
    assert (await patient.only("server.intent")).meaning == "The counter “Do not disturb” does not work."


async def test_a_name_that_must_be_left_alone_is_a_note_with_the_time_that_is_left(patient: Patient) -> None:
    now_ms = SystemClock().now_ms()
    voice = patient.world.voice_channel(patient.guild.id, "Members: 3")
    other = patient.world.voice_channel(patient.guild.id, "Boosts: 3")
    old = patient.world.voice_channel(patient.guild.id, "Roles: 3")
    await patient.enable_statistics(
        patient.counter(voice, renamed_at_ms=now_ms - MINUTE_MS),
        patient.counter(other, blocked_until_ms=now_ms + 9 * MINUTE_MS - 20_000),
        patient.counter(old, renamed_at_ms=now_ms - 7 * MINUTE_MS),
        counters_enabled=True,
    )
    found = await patient.only("server.rename_limit")
    assert found.subject == "#Members: 3, #Boosts: 3"
    assert found.sentence == "The name is left alone for another 9 minutes at most."
    assert found.severity is Severity.NOTE
    assert await patient.find("server.rename_limit", clock=Later()) == []


async def test_a_board_that_cannot_be_posted_to_and_channels_without_history_are_told(
    patient: Patient,
) -> None:
    await patient.enable_statistics(patient.board(patient.welcome), starboard_enabled=True)
    assert (await patient.examine()).exit_code == 0
    patient.deny(patient.welcome, embed_links=False)
    patient.deny(patient.general, read_message_history=False)
    assert "Embed Links" in (await patient.only("server.channel_permission")).sentence
    reach_note = await patient.only("server.reach")
    assert (reach_note.subject, reach_note.severity) == ("#general", Severity.NOTE)
    assert reach_note.meaning == "Stars there do not count."
    patient.world.delete_channel(patient.welcome.id)
    assert (await patient.only("server.channel_gone")).subject == "Starboard"


async def test_channels_that_are_hidden_from_statistics_are_noted_unless_they_are_left_out(
    patient: Patient,
) -> None:
    await patient.enable_statistics(enabled_groups={Group.MESSAGES}, ignored_channel_ids={patient.welcome.id})
    patient.deny(patient.welcome, view_channel=False)
    patient.deny(patient.general, view_channel=False)
    found = await patient.only("server.reach")
    assert (found.subject, found.meaning) == ("#general", "Messages there are not counted.")


async def test_a_category_that_is_left_out_leaves_out_its_channels(patient: Patient) -> None:
    category = patient.world.category(patient.guild.id, "Staff")
    inside = patient.world.create_channel(patient.guild.id, "staff", parent_id=category.id)
    await patient.enable_statistics(enabled_groups={Group.MESSAGES}, ignored_channel_ids={category.id})
    patient.deny(inside, view_channel=False)
    assert await patient.find("server.reach") == []


async def test_a_permission_that_is_missing_everywhere_is_not_told_of_every_channel(patient: Patient) -> None:
    await patient.enable_statistics(patient.board(patient.welcome), starboard_enabled=True)
    patient.world.edit_role(patient.guild.id, patient.guild.id, {"permissions": 0})
    patient.world.set_bot_permissions(patient.guild.id, without("read_message_history"))
    assert (await patient.only("server.permission")).subject == "Read Message History"
    assert await patient.find("server.reach") == []


async def test_a_channel_counts_as_left_out_only_when_every_board_ignores_it(patient: Patient) -> None:
    boards = (
        patient.board(patient.welcome, 1, ignored_channel_ids={patient.general.id}),
        patient.board(patient.welcome, 2),
    )
    await patient.enable_statistics(*boards, starboard_enabled=True)
    patient.deny(patient.general, read_message_history=False)
    assert (await patient.only("server.reach")).subject == "#general"


async def test_text_channels_need_no_connect_to_serve_as_counters(patient: Patient) -> None:
    await patient.enable_statistics(patient.counter(patient.welcome), counters_enabled=True)
    patient.deny(patient.welcome, connect=False)
    assert await patient.find("server.channel_permission") == []


async def test_a_goal_that_was_announced_needs_its_channel_no_more(patient: Patient) -> None:
    voice = patient.world.voice_channel(patient.guild.id, "Members: 3")
    goal: dict[str, Any] = {"goal": 2, "announce_channel_id": patient.general.id, "goal_reached_at_ms": 1}
    await patient.enable_statistics(patient.counter(voice, **goal), counters_enabled=True)
    patient.deny(patient.general, send_messages=False)
    assert await patient.find("server.channel_permission") == []


async def test_the_role_that_everybody_has_needs_no_permission(patient: Patient) -> None:
    voice = patient.world.voice_channel(patient.guild.id, "Everybody: 3")
    counter = patient.counter(voice, CounterType.MEMBERS_WITH_ROLE, role_id=patient.guild.id)
    await patient.enable_statistics(counter, counters_enabled=True)
    patient.world.set_bot_permissions(patient.guild.id, without("manage_roles"))
    assert await patient.find("server.permission") == []


async def test_a_bot_that_is_timed_out_is_told_so_instead_of_all_that_follows(patient: Patient) -> None:
    await patient.enable_invites()
    patient.world.time_out(patient.guild.id, patient.world.bot_user.id, seconds=600)
    report = await patient.examine()
    assert [one.check for one in report.findings if one.guild_id] == ["server.timeout"]


async def test_a_server_that_discord_does_not_tell_about_keeps_no_other_from_being_checked(
    patient: Patient,
) -> None:
    await patient.enable_invites()
    other = patient.world.make_guild("Lagoon")
    await patient.store(lambda tx: insert_module(tx, other.id, "invite_tracker", 0, "{}"))
    await patient.store(lambda tx: upsert_guild_present(tx, [other.id]))
    patient.world.switches.fail(
        "GET", f"/guilds/{patient.guild.id}", status=403, body={"message": "No entry"}
    )
    report = await patient.examine()
    checks = {(one.guild_id, one.check) for one in report.findings}
    assert (patient.guild.id, "server.unreadable") in checks
    assert (other.id, "server.permissions") in checks


async def test_one_server_can_be_asked_for_alone(patient: Patient) -> None:
    await patient.enable_invites()
    patient.world.make_guild("Lagoon")
    report = await patient.examine(only_guild_id=patient.guild.id)
    assert {one.guild_id for one in report.findings} == {None, patient.guild.id}


async def test_a_server_that_is_asked_for_and_not_known_is_an_error(patient: Patient) -> None:
    await patient.enable_invites()
    report = await patient.examine(only_guild_id=987_654_321)
    (found,) = [one for one in report.findings if one.guild_id is not None]
    assert (found.check, found.guild_id, report.exit_code) == ("server.not_there", 987_654_321, 1)
    assert "https://" in found.advice


async def test_a_connection_that_is_cut_keeps_no_other_server_from_being_checked(
    patient: Patient,
) -> None:
    others = await with_invites(patient, 2)
    patient.world.switches.fail("GET", f"/guilds/{others[0]}", drop_connection=True, times=None)
    report = await patient.examine()
    (found,) = [one for one in report.findings if one.check == "server.unreadable"]
    assert found.guild_id == others[0]
    assert {one.guild_id for one in report.findings if one.check == "server.permissions"} == {
        patient.guild.id,
        others[1],
    }
    assert [one for one in report.findings if one.check == "discord.unreachable"] == []


async def test_connections_that_are_cut_again_and_again_end_the_examination(patient: Patient) -> None:
    """With the network gone a hundred servers would take an hour."""
    await with_invites(patient, 9)
    patient.world.switches.fail("GET", "/guilds/{id}", drop_connection=True, times=None)
    report = await patient.examine()
    checks = [one.check for one in report.findings]
    assert checks.count("server.unreadable") == 2
    assert checks.count("discord.unreachable") == 1
    assert report.exit_code == 1


async def with_invites(patient: Patient, number: int) -> list[int]:
    """Enable the invite tracker here and in so many other servers; returns the ids of those, the lowest first."""
    await patient.enable_invites()
    guild_ids = sorted(patient.world.make_guild(f"Guild {one}").id for one in range(number))
    document = InviteTrackerSettings().model_dump_json()
    for guild_id in guild_ids:
        await patient.store(partial(_enable_invites, guild_id=guild_id, document=document))
    return guild_ids


async def _enable_invites(tx: WriteTransaction, guild_id: int, document: str) -> None:
    await upsert_guild_present(tx, [guild_id])
    await insert_module(tx, guild_id, "invite_tracker", 0, document)
