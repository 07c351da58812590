"""Two admins who change the same counter at the same time: nobody's change is lost without a word."""

from pathlib import Path

from bot.settings.guild_settings import CHANGED_MEANWHILE
from tests.cogs.serverstats.counters.form_steps import make, open_change_form
from tests.cogs.serverstats.form_stage import set_form_stage
from tests.discord_in_process import words_of


async def test_what_a_form_left_as_it_was_is_not_written_over_what_somebody_else_saved(
    tmp_path: Path,
) -> None:
    async with set_form_stage(tmp_path) as stage:
        await make(stage, format="We are <value>", goal="50")
        _screen, form = await open_change_form(stage)
        counter_id = str(stage.counters[0].counter_id)
        await stage.place.admin.slash(
            stage.place.channel, "serverstats counter edit", counter=counter_id, format="Mine: <value>"
        )
        await stage.manager.submit_modal(form, {"format": "We are <value>", "goal": "60"})
        assert (stage.counters[0].format, stage.counters[0].goal) == ("Mine: <value>", 60)


async def test_a_form_does_not_write_over_the_same_field_that_somebody_else_saved(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        await make(stage, goal="50")
        screen, form = await open_change_form(stage)
        counter_id = str(stage.counters[0].counter_id)
        await stage.place.admin.slash(
            stage.place.channel, "serverstats counter edit", counter=counter_id, goal=90
        )
        sent = {"format": "Members: <value>", "goal": "60"}
        await stage.manager.submit_modal(form, sent)
        assert stage.counters[0].goal == 90
        assert CHANGED_MEANWHILE in words_of(screen)
        assert "**Members: 5 of 90, 85 to go**" in words_of(screen)

        # The form that is opened now shows how it is.
        form = await stage.manager.click(screen, label="Change…")
        await stage.manager.submit_modal(form, sent)
        assert stage.counters[0].goal == 60
        assert CHANGED_MEANWHILE not in words_of(screen)


async def test_a_goal_is_not_taken_away_together_with_a_channel_that_somebody_else_chose_for_it(
    tmp_path: Path,
) -> None:
    async with set_form_stage(tmp_path) as stage:
        await make(stage, goal="50")
        screen, form = await open_change_form(stage)
        counter_id = str(stage.counters[0].counter_id)
        await stage.place.admin.slash(
            stage.place.channel,
            "serverstats counter edit",
            counter=counter_id,
            announce_channel=stage.place.other_channel,
        )
        await stage.manager.submit_modal(form, {"format": "Members: <value>", "goal": ""})
        (counter,) = stage.counters
        assert (counter.goal, counter.announce_channel_id) == (50, stage.place.other_channel.id)
        assert CHANGED_MEANWHILE in words_of(screen)


async def test_two_admins_who_want_the_same_are_not_in_each_others_way(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        await make(stage, goal="50")
        _screen, form = await open_change_form(stage)
        counter_id = str(stage.counters[0].counter_id)
        await stage.place.admin.slash(
            stage.place.channel, "serverstats counter edit", counter=counter_id, goal=60
        )
        await stage.manager.submit_modal(form, {"format": "All: <value>", "goal": "60"})
        assert (stage.counters[0].format, stage.counters[0].goal) == ("All: <value>", 60)
