"""Every change of the tracker's settings is told in the log channel, with who and what."""

import pytest

from bot.settings.guild_settings import GuildSettings
from tests.cogs.invite_tracker.commands.stage import Stage
from tests.discord_in_process import control_of


@pytest.fixture
async def logged(stage: Stage) -> Stage:
    """A server whose second channel is the log channel."""
    await choose_log_channel(stage)
    return stage


async def choose_log_channel(stage: Stage) -> None:
    settings = GuildSettings(log_channel_id=stage.other_channel.id)
    await stage.place.client.parts.guild_settings.save(stage.guild.id, settings, 0)


async def told(stage: Stage) -> list[str]:
    """Return what stands in the log channel."""
    await stage.env.settle()
    messages = stage.place.world.messages.get(stage.other_channel.id, {})
    return [
        f"{embed['title']}\n{embed['description']}"
        for message in messages.values()
        for embed in message.embeds
    ]


async def test_enabling_and_disabling_are_told(new_stage: Stage) -> None:
    await choose_log_channel(new_stage)
    await new_stage.use(new_stage.manager, "enable")
    question = await new_stage.use(new_stage.admin, "disable")
    assert question.response is not None
    await new_stage.admin.click(question.response, label="Delete and disable")

    assert await told(new_stage) == [
        f"Settings changed: Invite tracker\n**Module:** off → on\n-# by {new_stage.manager.mention}",
        f"Settings changed: Invite tracker\n**Module:** on → off\n-# by {new_stage.admin.mention}",
    ]


async def test_a_choice_on_the_message_screen_is_told_after_a_restart_too(logged: Stage) -> None:
    screen = await logged.use(logged.manager, "settings join_message")
    await logged.place.restart()
    assert screen.response is not None
    custom_id = control_of(screen.response, "tracker.message.channel")
    await logged.manager.select(screen.response, [logged.channel], custom_id=custom_id)

    [line] = await told(logged)
    assert f"**Channel of join messages:** nothing → {logged.channel.mention}\n" in line
    assert f"-# by {logged.manager.mention}" in line


async def test_an_edited_message_is_told_without_its_words(logged: Stage) -> None:
    screen = await logged.use(logged.manager, "settings leave_message")
    assert screen.response is not None
    form = await logged.manager.click(
        screen.response, custom_id=control_of(screen.response, "tracker.message.edit")
    )
    await logged.manager.submit_modal(
        form, {"content": '{"embeds": [{"title": "Gone"}]}', "format": ["embed"]}
    )

    [line] = await told(logged)
    assert "**Leave message:** a text → a text\n**Format of the leave message:** text → embeds" in line
    assert "Gone" not in line


async def test_rules_and_the_shared_link_are_told(logged: Stage) -> None:
    invite = logged.place.world.make_invite(logged.channel.id, logged.admin.id)
    await logged.env.settle()
    form = await logged.use(logged.manager, "settings rules")
    await logged.manager.submit_modal(form, {"rules": ["fake_rejoins"], "days": "7"})
    form = await logged.use(logged.admin, "settings shared_link")
    await logged.admin.submit_modal(form, {"link": invite.code})

    rules, link = await told(logged)
    assert "**Coming back:** off → on\n**Least age of an account:** 0 → 7" in rules
    assert f"by {logged.manager.mention}" in rules
    assert f"**Shared link:** nothing → `https://discord.gg/{invite.code}`" in link
    assert f"by {logged.admin.mention}" in link


async def test_what_was_refused_or_changed_nothing_is_not_told(logged: Stage) -> None:
    form = await logged.use(logged.manager, "settings rules")
    await logged.manager.submit_modal(form, {"rules": [], "days": "0"})
    form = await logged.use(logged.manager, "settings rules")
    await logged.manager.submit_modal(form, {"rules": [], "days": "400"})
    screen = await logged.use(logged.manager, "settings join_message")
    assert screen.response is not None
    switch = control_of(screen.response, "tracker.message.switch")
    await logged.manager.click(screen.response, custom_id=switch)

    assert await told(logged) == []


async def test_what_is_done_to_records_is_told_but_the_log_of_the_process_names_no_members(
    logged: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    member, admin = logged.member, logged.admin
    await logged.record_joins([logged.join(member.id, admin.id)])
    await logged.record_invites(["abc"])
    caplog.clear()
    with caplog.at_level("INFO"):
        await logged.say(logged.manager, "correct nobody", member=member)
        await logged.say(logged.manager, "correct undo", member=member)
        await logged.say(logged.manager, "bonus add", member=member, amount=5, reason="flyers")
        await logged.say(logged.manager, "label", code="abc", text="Reddit")
        question = await logged.use(logged.manager, "reset member", member=admin)
        assert question.response is not None
        await logged.manager.click(question.response, label="Reset")
        await logged.say(logged.manager, "reset undo")

    lines = [text.splitlines()[1] for text in await told(logged)]

    assert sorted(lines) == sorted(
        [
            f"**Join of {member.mention}:** {admin.mention} · `abc` → nobody known",
            f"**Join of {member.mention}:** nobody known → {admin.mention} · `abc`",
            f"**Bonus of {member.mention}:** ±0 → +5 (flyers)",
            "**Label of `abc`:** nothing → Reddit",
            f"**Reset of {admin.mention}:** counted → 1 join cleared",
            f"**Reset of {admin.mention}:** cleared → 1 join counts again",
        ]
    )
    logs = [record.getMessage() for record in caplog.records if "Settings changed" in record.getMessage()]
    assert len(logs) == len(lines)
    assert not any(str(person.id) in line for line in logs for person in (member, admin))
