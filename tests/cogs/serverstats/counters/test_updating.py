"""Names that follow the numbers."""

import pytest

from cogs.serverstats.counters.counter_types import KINDS
from tests.cogs.serverstats.counters.stage import Stage


async def test_a_number_that_changes_after_the_creation_is_shown_at_the_next_run(stage: Stage) -> None:
    counter = await stage.make()
    stage.grow()
    await stage.update()
    assert stage.name_of(counter) == "Members: 6"


async def test_a_name_that_is_right_costs_no_request(stage: Stage) -> None:
    await stage.make()
    await stage.update(after_minutes=10)
    assert stage.patches() == []


async def test_a_rename_changes_the_name_and_nothing_else(stage: Stage) -> None:
    await stage.make()
    stage.grow()
    await stage.update()
    assert stage.patches() == [{"name": "Members: 6"}]


async def test_a_channel_is_renamed_at_most_once_in_six_minutes(stage: Stage) -> None:
    counter = await stage.make()
    for minute in range(1, 13):
        stage.grow()
        await stage.update(after_minutes=1)
        if minute in {1, 6}:
            assert stage.name_of(counter) == "Members: 6"
    assert [body["name"] for body in stage.patches()] == ["Members: 6", "Members: 12"]


async def test_a_name_that_people_changed_comes_back(stage: Stage) -> None:
    counter = await stage.make()
    stage.world.edit_channel(counter.channel_id, {"name": "mine now"})
    await stage.env.settle()
    await stage.update()
    assert stage.name_of(counter) == "Members: 5"


async def test_renames_by_people_are_counted_so_that_discord_need_not_refuse_ours(stage: Stage) -> None:
    counter = await stage.make()
    for name in ("mine", "no, mine"):
        stage.world.edit_channel(counter.channel_id, {"name": name})
        await stage.env.settle()
    await stage.update()
    assert stage.patches() == []
    await stage.update(after_minutes=9)
    assert stage.patches() == []
    await stage.update(after_minutes=2)
    assert stage.name_of(counter) == "Members: 5"


async def test_each_server_has_one_turn_in_an_interval(stage: Stage) -> None:
    await stage.make()
    (job,) = stage.service.jobs
    assert job.every_seconds <= 30
    await job.run()
    renames = []
    for _tick in range(60):
        stage.grow()
        await stage.env.advance_time(30)
        await job.run()
        renames.append(len(stage.patches()))
    assert renames[-1] == 3
    assert renames[19] == 1


async def test_one_broken_counter_does_not_stop_the_others(stage: Stage) -> None:
    broken, sound = await stage.make(), await stage.make(goal=100)
    stage.overwrite_bot(broken.channel_id, connect=True, manage_channels=False)
    await stage.env.settle()
    stage.grow()

    await stage.update()

    assert stage.name_of(broken) == "Members: 5"
    assert stage.name_of(sound) == "Members: 94"
    assert stage.module.troubles(stage.guild.id) == (
        f"I need the permission Manage Channels in <#{broken.channel_id}>.",
    )


async def test_a_counter_without_permission_is_kept_and_tried_again(stage: Stage) -> None:
    counter = await stage.make()
    stage.overwrite_bot(counter.channel_id, connect=False)
    await stage.env.settle()
    stage.grow()
    await stage.update(after_minutes=10)
    assert stage.patches() == []
    assert await stage.counters() == (counter,)

    stage.overwrite_bot(counter.channel_id, connect=True)
    await stage.env.settle()
    await stage.update(after_minutes=10)
    assert stage.name_of(counter) == "Members: 6"
    assert stage.module.troubles(stage.guild.id) == ()


# Statuses


async def test_statuses_are_followed(stage: Stage) -> None:
    counter = await stage.make(1)
    for who, status in ((stage.admin, "online"), (stage.manager, "idle"), (stage.member, "dnd")):
        stage.world.set_presence(stage.guild.id, who.id, status)
    await stage.update(after_minutes=10)
    assert stage.name_of(counter) == "Online: 2 · DND: 1 · Offline: 2"


async def test_who_gets_or_loses_the_role_is_followed_without_another_list(stage: Stage) -> None:
    role = stage.guild.create_role("Crew")
    for who in (stage.admin, stage.manager, stage.member):
        stage.world.set_presence(stage.guild.id, who.id, "online")
    counter = await stage.make(3, role=role)
    assert stage.name_of(counter) == "Online Crew: 0"

    for who in (stage.manager, stage.member):
        stage.world.edit_member(stage.guild.id, who.id, {"role_ids": [role.id]})
    await stage.update(after_minutes=10)
    assert stage.name_of(counter) == "Online Crew: 2"

    stage.world.edit_member(stage.guild.id, stage.manager.id, {"role_ids": []})
    stage.world.remove_member(stage.guild.id, stage.member.id)
    await stage.update(after_minutes=10)
    assert stage.name_of(counter) == "Online Crew: 0"
    lists = [one for one in stage.world.http_requests if one.path == f"/guilds/{stage.guild.id}/members"]
    assert len(lists) == 1


async def test_without_statuses_online_is_shown_as_approximate(blind_stage: Stage) -> None:
    for who in (blind_stage.admin, blind_stage.member):
        blind_stage.world.set_presence(blind_stage.guild.id, who.id, "dnd")
    counter = await blind_stage.make(2)
    assert blind_stage.name_of(counter) == "Online: ~2"
    assert "Online: ~2" in await blind_stage.say("list")


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.needs_presences], ids=lambda kind: kind.title
)
async def test_without_statuses_the_other_types_say_why_they_cannot_be(
    blind_stage: Stage, kind: object
) -> None:
    row = next(one for one in KINDS if one is kind)
    role = blind_stage.guild.create_role("Crew")
    options = {"role": role} if row.needs_role else {}
    answer = await blind_stage.say("create", type=int(row.counter_type), **options)
    assert answer == (
        f"A counter of the type {row.title} needs the Presence Intent, "
        "which the operator of this bot has not turned on."
    )


async def test_a_member_of_whom_discord_tells_twice_is_counted_once(stage: Stage) -> None:
    """Members of large servers are not cached, so discord.py cannot know that it has counted somebody."""
    counter = await stage.make()
    who = stage.place.add_member("oldie")
    await stage.env.settle()
    stage.seen_guild._members.pop(who.id, None)
    stage.world.repeat_member_add(stage.guild.id, who.id)
    await stage.env.settle()
    assert stage.seen_guild.member_count == 7
    await stage.update(after_minutes=10)
    assert stage.name_of(counter) == "Members: 6"

    stage.grow()
    await stage.update(after_minutes=10)
    assert stage.name_of(counter) == "Members: 7"
    asked = [one for one in stage.world.http_requests if one.path == f"/guilds/{stage.guild.id}"]
    assert len(asked) == 2
