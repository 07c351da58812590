"""Goals that are reached."""

from tests.cogs.serverstats.counters.stage import Stage


async def test_reaching_a_goal_is_announced_once(stage: Stage) -> None:
    await stage.make(goal=7, announce_channel=stage.other_channel)
    stage.grow()
    await stage.update(after_minutes=10)
    assert stage.messages() == []
    stage.grow()
    await stage.update(after_minutes=10)
    await stage.update(after_minutes=10)
    assert stage.messages() == ["🎉 The goal of **7** members is reached: there are **7** now!"]
    (counter,) = await stage.counters()
    assert stage.name_of(counter) == "Members: 0"


async def test_falling_below_a_goal_and_reaching_it_again_is_no_news(stage: Stage) -> None:
    await stage.make(goal=6, announce_channel=stage.other_channel)
    stage.grow()
    await stage.update(after_minutes=10)
    stage.world.remove_member(stage.guild.id, stage.member.id)
    await stage.update(after_minutes=10)
    stage.grow()
    await stage.update(after_minutes=10)
    assert len(stage.messages()) == 1


async def test_a_changed_goal_is_announced_anew(stage: Stage) -> None:
    counter = await stage.make(goal=6, announce_channel=stage.other_channel)
    stage.grow()
    await stage.update(after_minutes=10)
    await stage.say("edit", counter=str(counter.counter_id), goal=7)
    stage.grow()
    await stage.update(after_minutes=10)
    await stage.update(after_minutes=10)
    assert [text.split("**")[1] for text in stage.messages()] == ["6", "7"]


async def test_the_same_goal_set_again_is_not_announced_again(stage: Stage) -> None:
    counter = await stage.make(goal=6, announce_channel=stage.other_channel)
    stage.grow()
    await stage.update(after_minutes=10)
    await stage.say("edit", counter=str(counter.counter_id), goal=6)
    await stage.update(after_minutes=10)
    assert len(stage.messages()) == 1


async def test_a_goal_that_is_reached_from_the_start_is_no_news(stage: Stage) -> None:
    answer = await stage.say("create", type=6, goal=3, announce_channel=stage.other_channel)
    await stage.update(after_minutes=10)
    assert "The goal is reached already; that will not be announced." in answer
    assert stage.messages() == []


async def test_an_announcement_pings_nobody_and_breaks_no_markdown(stage: Stage) -> None:
    role = stage.guild.create_role("@everyone **x")
    await stage.make(7, role=role, goal=1, announce_channel=stage.other_channel)
    stage.world.edit_member(stage.guild.id, stage.member.id, {"role_ids": [role.id]})
    await stage.update(after_minutes=10)
    (message,) = stage.messages()
    assert "@everyone" not in message
    assert r"\*\*x" in message
    (sent,) = [
        one.json or {}
        for one in stage.world.http_requests
        if one.method == "POST" and one.path == f"/channels/{stage.other_channel.id}/messages"
    ]
    assert sent["allowed_mentions"] == {"parse": []}


async def test_an_announcement_that_was_refused_is_sent_when_it_can_be(stage: Stage) -> None:
    await stage.make(goal=6, announce_channel=stage.other_channel)
    stage.place.deny_bot(stage.other_channel, send_messages=False)
    await stage.env.settle()
    stage.grow()
    await stage.update(after_minutes=10)
    assert stage.messages() == []
    (trouble,) = stage.module.troubles(stage.guild.id)
    assert trouble.startswith(f"I need the permission Send Messages in <#{stage.other_channel.id}>")

    stage.place.deny_bot(stage.other_channel, connect=False)
    await stage.env.settle()
    await stage.update(after_minutes=10)
    await stage.update(after_minutes=10)
    assert len(stage.messages()) == 1
    assert stage.module.troubles(stage.guild.id) == ()
