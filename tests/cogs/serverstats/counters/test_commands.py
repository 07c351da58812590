"""/serverstats counter create, list, edit and delete."""

import discord
import pytest

from cogs.serverstats.counters.counter_types import KINDS
from tests.cogs.serverstats.counters.stage import Stage
from tests.discord_in_process import words_of

NOT_A_MANAGER = "You need the permission Administrator or Manage Server for this."


async def test_the_first_counter_makes_its_category_and_turns_counters_on(stage: Stage) -> None:
    answer = await stage.say("create", type=6)

    (counter,) = await stage.counters()
    channel = stage.channel_of(counter)
    assert channel.name == "Members: 5"
    assert f"<#{channel.id}> shows **Members: 5**" in answer
    assert stage.settings.counters_enabled
    category = stage.world.channels[stage.settings.counters_category_id or 0]
    assert channel.parent_id == category.id
    assert category.type == discord.ChannelType.category.value
    second = await stage.make(8)
    assert stage.channel_of(second).parent_id == category.id


async def test_nobody_can_join_the_channel_but_the_bot_keeps_its_hold_on_it(stage: Stage) -> None:
    everyone = discord.Permissions(view_channel=True, connect=True, use_application_commands=True)
    stage.world.edit_role(stage.guild.id, stage.guild.id, {"permissions": everyone.value})
    await stage.env.settle()
    counter = await stage.make()

    channel = stage.seen_guild.get_channel(counter.channel_id)
    assert isinstance(channel, discord.VoiceChannel)
    member = stage.seen_guild.get_member(stage.member.id)
    assert member is not None
    assert channel.permissions_for(member).view_channel
    assert not channel.permissions_for(member).connect
    mine = channel.overwrites_for(stage.seen_guild.me)
    assert (mine.view_channel, mine.connect, mine.manage_channels) == (True, True, True)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.title)
async def test_every_type_can_be_made(stage: Stage, kind: object) -> None:
    row = next(one for one in KINDS if one is kind)
    role = stage.guild.create_role("Crew *")
    stage.world.edit_member(stage.guild.id, stage.member.id, {"role_ids": [role.id]})
    stage.world.set_presence(stage.guild.id, stage.member.id, "idle")
    stage.world.set_presence(stage.guild.id, stage.admin.id, "dnd")
    await stage.env.settle()

    options = {"role": role} if row.needs_role else {}
    counter = await stage.make(int(row.counter_type), **options)

    expected = {
        1: "Online: 1 · DND: 1 · Offline: 3",
        2: "Online: 1",
        3: "Online Crew *: 1",
        4: "Offline: 3",
        5: "DND: 1",
        6: "Members: 5",
        7: "Crew *: 1",
        8: "Boosts: 0",
        9: "Channels: 2",
        10: f"Roles: {len(stage.seen_guild.roles) - 1}",
    }
    assert stage.name_of(counter) == expected[int(row.counter_type)]


async def test_a_role_may_be_everyone(stage: Stage) -> None:
    stage.world.set_presence(stage.guild.id, stage.member.id, "online")
    everyone = stage.seen_guild.default_role
    made = await stage.service.create(stage.guild.id, 7, role_id=everyone.id, format="<value>")
    online = await stage.service.create(stage.guild.id, 3, role_id=everyone.id, format="<value>")
    assert stage.name_of(made.counter) == "5"
    assert stage.name_of(online.counter) == "1"


async def test_a_category_can_be_chosen_and_is_kept(stage: Stage) -> None:
    category = stage.guild.create_category("Numbers")
    counter = await stage.make(category=category)
    assert stage.channel_of(counter).parent_id == category.id
    assert stage.settings.counters_category_id == category.id


async def test_a_category_may_keep_everybody_out(stage: Stage) -> None:
    category = stage.guild.create_category("Numbers")
    stage.world.set_bot_overwrite(category.id, discord.PermissionOverwrite(connect=False))
    await stage.env.settle()
    counter = await stage.make(category=category)
    stage.grow()
    await stage.update()
    assert stage.name_of(counter) == "Members: 6"


async def test_a_new_category_is_made_on_request(stage: Stage) -> None:
    first = await stage.make()
    second = await stage.make(new_category=True)
    third = await stage.make()
    parents = [stage.channel_of(counter).parent_id for counter in (first, second, third)]
    assert parents[0] != parents[1] == parents[2]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"type": 7}, "A counter of the type Members with a role needs a role."),
        ({"type": 1, "goal": 5}, "A counter of all statuses has no single number to set a goal for."),
        ({"type": 6, "format": "   "}, "The format is empty; leave it out to use the one of this type."),
    ],
)
async def test_what_cannot_be_is_refused_in_one_sentence(
    stage: Stage, options: dict[str, object], sentence: str
) -> None:
    channels = set(stage.world.channels)
    assert await stage.say("create", **options) == sentence
    assert await stage.counters() == ()
    assert set(stage.world.channels) == channels


async def test_an_announcement_needs_a_goal(stage: Stage) -> None:
    answer = await stage.say("create", type=6, announce_channel=stage.other_channel)
    assert answer == "Without a goal there is nothing to announce; set one too."


async def test_an_announcement_needs_a_channel_to_send_to(stage: Stage) -> None:
    stage.place.deny_bot(stage.other_channel, send_messages=False)
    await stage.env.settle()
    answer = await stage.say("create", type=6, goal=9, announce_channel=stage.other_channel)
    assert answer == f"I need the permission Send Messages in <#{stage.other_channel.id}>."


async def test_two_categories_cannot_be_chosen_at_once(stage: Stage) -> None:
    category = stage.guild.create_category("Numbers")
    answer = await stage.say("create", type=6, category=category, new_category=True)
    assert answer == "Choose a category or a new one, not both."


async def test_a_warning_tells_of_a_variable_that_is_none_here(stage: Stage) -> None:
    answer = await stage.say("create", type=6, format="<value> of <onlin>")
    assert "⚠ `<onlin>` is not a variable and will be shown as it is" in answer


async def test_a_missing_permission_is_named(stage: Stage) -> None:
    permissions = discord.Permissions.all()
    permissions.update(administrator=False, manage_channels=False, manage_roles=False)
    stage.world.set_bot_permissions(stage.guild.id, permissions)
    await stage.env.settle()
    role = stage.guild.create_role("Crew")

    assert "I need the permission Manage Channels" in await stage.say("create", type=6)
    assert (
        await stage.say("create", type=7, role=role)
        == "I need the permission Manage Roles to count the members of a role."
    )


async def test_a_full_category_is_refused_with_its_limit(stage: Stage) -> None:
    category = stage.guild.create_category("Numbers")
    for number in range(50):
        stage.world.create_channel(stage.guild.id, f"c{number}", parent_id=category.id)
    await stage.env.settle()
    answer = await stage.say("create", type=6, category=category)
    assert answer == f"The category <#{category.id}> is full: Discord allows 50 channels in one."


async def test_the_51st_counter_is_refused(stage: Stage) -> None:
    category = stage.guild.create_category("More")
    for number in range(50):
        await stage.service.create(stage.guild.id, 6, category=None if number < 49 else category.id)
    assert await stage.say("create", type=6) == "A server can have 50 counters; delete one first."
    assert len(await stage.counters()) == 50


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("create", {"type": 6}),
        ("list", {}),
        ("edit", {"counter": "1", "goal": 5}),
        ("delete", {"counter": "1"}),
    ],
)
async def test_members_may_use_none_of_the_commands(
    stage: Stage, command: str, options: dict[str, object]
) -> None:
    assert words_of(await stage.use(stage.member, command, **options)) == NOT_A_MANAGER


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("create", {"type": 6}),
        ("list", {}),
        ("edit", {"counter": "1", "goal": 5}),
        ("delete", {"counter": "1"}),
    ],
)
async def test_without_the_module_there_are_no_counters(
    new_stage: Stage, command: str, options: dict[str, object]
) -> None:
    assert "Serverstats is not enabled" in await new_stage.say(command, **options)


async def test_the_list_shows_every_counter_with_its_number(stage: Stage) -> None:
    assert "There are no counters yet." in await stage.say("list")
    role = stage.guild.create_role("Crew")
    members = await stage.make(goal=10, announce_channel=stage.other_channel)
    crew = await stage.make(7, role=role)

    answer = await stage.say("list")

    assert f"<#{members.channel_id}> · **Members: 5 of 10, 5 to go**" in answer
    assert f"announced in <#{stage.other_channel.id}>" in answer
    assert f"<#{crew.channel_id}> · **Members with a role: 0**" in answer
    assert f"<@&{role.id}>" in answer
    assert "2 counters" in answer
    assert "⚠" not in answer


async def test_the_list_names_what_is_in_the_way(stage: Stage) -> None:
    role = stage.guild.create_role("Crew")
    counter = await stage.make(7, role=role)
    stage.world.delete_role(stage.guild.id, role.id)
    await stage.env.settle()

    await stage.update(after_minutes=10)

    assert "⚠ The role of this counter was deleted" in await stage.say("list")
    assert stage.name_of(counter) == "Crew: 0"
    assert stage.module.troubles(stage.guild.id) == (
        "The role of this counter was deleted; choose another with `/serverstats counter edit`.",
    )


async def test_the_list_says_when_counters_are_turned_off(stage: Stage) -> None:
    counter = await stage.make()
    await stage.module.change_settings(
        stage.guild.id, lambda now: now.model_copy(update={"counters_enabled": False})
    )
    stage.place.add_member("new")
    await stage.update(after_minutes=10)

    assert "⚠ Counters are turned off: the names stand still." in await stage.say("list")
    assert stage.name_of(counter) == "Members: 5"


async def test_an_edit_renames_at_once_when_discord_allows_it(stage: Stage) -> None:
    counter = await stage.make()

    answer = await stage.say("edit", counter=str(counter.counter_id), format="People: <value>")

    assert stage.name_of(counter) == "People: 5"
    assert "Discord allows few renames" not in answer
    answer = await stage.say("edit", counter=f"<#{counter.channel_id}>", format="default")
    assert stage.name_of(counter) == "People: 5"
    assert "Discord allows few renames: the new name comes after <t:" in answer
    await stage.update(after_minutes=7)
    assert stage.name_of(counter) == "Members: 5"


async def test_an_edit_changes_only_what_is_given(stage: Stage) -> None:
    counter = await stage.make(goal=10, announce_channel=stage.other_channel)
    await stage.say("edit", counter=str(counter.counter_id), format="<value>!")
    (edited,) = await stage.counters()
    assert (edited.format, edited.goal, edited.announce_channel_id) == (
        "<value>!",
        10,
        stage.other_channel.id,
    )
    await stage.say("edit", counter=str(counter.counter_id), stop_announcing=True)
    (edited,) = await stage.counters()
    assert (edited.goal, edited.announce_channel_id) == (10, None)


async def test_a_goal_that_is_taken_away_takes_its_announcement_along(stage: Stage) -> None:
    counter = await stage.make(goal=10, announce_channel=stage.other_channel)
    await stage.say("edit", counter=str(counter.counter_id), goal=0)
    (edited,) = await stage.counters()
    assert (edited.goal, edited.announce_channel_id) == (None, None)


async def test_an_edit_can_replace_a_deleted_role(stage: Stage) -> None:
    role, other = stage.guild.create_role("Crew"), stage.guild.create_role("Guests")
    counter = await stage.make(7, role=role)
    stage.world.delete_role(stage.guild.id, role.id)
    await stage.env.settle()
    await stage.say("edit", counter=str(counter.counter_id), role=other)
    assert stage.name_of(counter) == "Guests: 0"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "Nothing to change; give at least one other option."),
        ({"counter": "123", "goal": 5}, "This server has no such counter; choose one from the list."),
        ({"format": "   "}, "The format is empty; leave it out to use the one of this type."),
    ],
)
async def test_an_edit_that_cannot_be_is_refused(
    stage: Stage, options: dict[str, object], sentence: str
) -> None:
    counter = await stage.make()
    assert await stage.say("edit", **{"counter": str(counter.counter_id), **options}) == sentence
    assert await stage.counters() == (counter,)


async def test_a_role_is_refused_for_a_type_without_one(stage: Stage) -> None:
    counter = await stage.make()
    role = stage.guild.create_role("Crew")
    answer = await stage.say("edit", counter=str(counter.counter_id), role=role)
    assert answer == "A counter of the type Members has no role."


async def test_delete_asks_first_and_takes_the_channel_along(stage: Stage) -> None:
    counter = await stage.make()
    other = await stage.make(8)

    question = await stage.use(stage.manager, "delete", counter=str(counter.counter_id))
    assert f"This deletes the channel <#{counter.channel_id}> too." in words_of(question)
    assert len(await stage.counters()) == 2
    assert question.response is not None
    await stage.manager.click(question.response, label="Delete")

    assert "Counter deleted" in words_of(question)
    assert await stage.counters() == (other,)
    assert counter.channel_id not in stage.world.channels
    assert stage.settings.counters_enabled


async def test_delete_cancelled_changes_nothing(stage: Stage) -> None:
    counter = await stage.make()
    question = await stage.use(stage.manager, "delete", counter=str(counter.counter_id))
    assert question.response is not None
    await stage.manager.click(question.response, label="Cancel")
    assert await stage.counters() == (counter,)
    assert counter.channel_id in stage.world.channels


async def test_delete_confirmed_by_who_lost_the_permission_is_refused(stage: Stage) -> None:
    counter = await stage.make()
    question = await stage.use(stage.manager, "delete", counter=str(counter.counter_id))
    stage.world.edit_member(stage.guild.id, stage.manager.id, {"role_ids": []})
    assert question.response is not None
    clicked = await stage.manager.click(question.response, label="Delete")
    assert words_of(clicked.followups[-1]) == NOT_A_MANAGER
    assert await stage.counters() == (counter,)


async def test_the_choices_are_the_counters_that_fit_what_was_typed(stage: Stage) -> None:
    members, boosts = await stage.make(), await stage.make(8)

    async def choices(typed: str) -> dict[str, str]:
        found = await stage.manager.autocomplete(
            stage.channel, "serverstats counter delete", "counter", typed
        )
        return {choice["value"]: choice["name"] for choice in found}

    assert await choices("") == {
        str(members.counter_id): "Members: 5 · Members",
        str(boosts.counter_id): "Boosts: 0 · Boosts",
    }
    assert list(await choices("boo")) == [str(boosts.counter_id)]


async def test_members_are_offered_no_choices(stage: Stage) -> None:
    await stage.make()
    found = await stage.member.autocomplete(stage.channel, "serverstats counter delete", "counter", "")
    assert list(found) == []
