"""The leaderboard is set up in a form, told in the log channel, and forgets whom it leaves out."""

import pytest

from bot.errors import ConflictError, DiscordRefusedError, UnprocessableEntityError
from bot.privacy import Person
from bot.settings.guild_settings import GuildSettings
from cogs.invite_tracker.leaderboard.schedule import Schedule
from tests.cogs.invite_tracker.commands.stage import Stage
from tests.discord_in_process import words_of


async def test_it_is_not_turned_on_without_a_channel_that_works(stage: Stage) -> None:
    with pytest.raises(UnprocessableEntityError, match="Choose a channel for the leaderboard first"):
        await stage.save(leaderboard_schedule=Schedule.MONDAY)
    stage.place.deny_bot(stage.other_channel, embed_links=False)
    with pytest.raises(DiscordRefusedError, match="Embed Links"):
        await stage.save(leaderboard_schedule=Schedule.MONDAY, leaderboard_channel=stage.other_channel.id)


async def test_the_form_sets_it_and_says_when_the_next_one_comes(stage: Stage) -> None:
    form = await stage.use(stage.manager, "settings leaderboard")
    answer = await stage.manager.submit_modal(
        form,
        {
            "schedule": ["friday"],
            "hour": ["18"],
            "channel": [stage.other_channel],
            "members": [stage.member],
            "roles": [],
        },
    )

    settings = await stage.settings()
    assert (settings.leaderboard_schedule, settings.leaderboard_hour) == (Schedule.FRIDAY, 18)
    assert settings.leaderboard_channel == stage.other_channel.id
    assert settings.leaderboard_hidden_members == {stage.member.id}
    assert f"in {stage.other_channel.mention}" in words_of(answer)
    assert "18:00:00 (UTC)" in words_of(answer)
    assert f"Left out: {stage.member.mention}." in words_of(answer)


async def test_a_change_is_told_with_days_and_names(stage: Stage) -> None:
    # Not where the bot greets the server.
    log = GuildSettings(log_channel_id=stage.other_channel.id)
    await stage.place.client.parts.guild_settings.save(stage.guild.id, log, 0)

    await stage.save(
        leaderboard_schedule=Schedule.MONTHLY,
        leaderboard_channel=stage.other_channel.id,
        leaderboard_hidden_members=frozenset({stage.member.id}),
    )

    await stage.env.settle()
    [message] = stage.place.world.messages[stage.other_channel.id].values()
    [embed] = message.embeds
    assert "**Leaderboard:** never → the 1st of every month" in embed["description"]
    assert f"**Members left out:** added {stage.member.mention}" in embed["description"]


async def test_an_erasure_takes_the_person_off_the_list_of_those_left_out(stage: Stage) -> None:
    await stage.save(leaderboard_hidden_members=frozenset({stage.member.id, stage.manager.id}))
    client = stage.place.client
    [privacy] = [module.privacy for module in client.parts.modules if module.name == "invite_tracker"]
    assert privacy is not None
    person = Person(stage.member.id)
    stale = await stage.service.fetch_settings(stage.guild.id)

    before = await privacy.count_references(stage.guild.id, person)
    erasure = await privacy.erase(stage.guild.id, person)

    assert before.ids == 1
    assert "1 place on the list of those whom the leaderboard leaves out" in str(erasure)
    assert (await privacy.count_references(stage.guild.id, person)).ids == 0
    assert (await stage.settings()).leaderboard_hidden_members == {stage.manager.id}
    with pytest.raises(ConflictError):
        await stage.service.save_settings(stage.guild.id, stale.values, stale.version)
