"""Counters on the settings screen: a form for a new one, and a screen to change and delete those that there are."""

from pathlib import Path
from typing import Any

import discord
import pytest

from bot.sandbox.world import Channel
from cogs.serverstats.counters.counter_types import KINDS
from tests.cogs.serverstats.counters.form_steps import filled, make, manage, open_card, open_change_form, pick
from tests.cogs.serverstats.form_stage import FormStage, message_of, said, set_form_stage
from tests.discord_in_process import control_of, controls_of, words_of

NOT_ALLOWED = "You need the permission Administrator or Manage Server for this."


def channel_of(stage: FormStage, index: int = 0) -> Channel:
    """Return the channel of a counter as Discord has it."""
    return stage.place.world.channels[stage.counters[index].channel_id]


async def test_a_counter_is_made_by_a_form(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        answer = await make(
            stage, format="We are <value>", goal="1,000", announce_channel=[stage.place.other_channel]
        )

        (counter,) = stage.counters
        assert (counter.format, counter.goal) == ("We are <value>", 1000)
        assert counter.announce_channel_id == stage.place.other_channel.id
        assert channel_of(stage).name == "We are 995"
        assert f"<#{counter.channel_id}> shows **Members: 5 of 1,000, 995 to go**." in answer


async def test_the_form_offers_every_type(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        role = stage.place.guild.create_role("Crew")
        await stage.place.env.settle()
        for kind in KINDS:
            await make(stage, type=[str(int(kind.counter_type))], role=[role] if kind.needs_role else [])
        assert [counter.counter_type for counter in stage.counters] == [
            int(kind.counter_type) for kind in KINDS
        ]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"goal": "many"}, "Goal must be a whole number, not “many”."),
        ({"goal": "5 or 6"}, "Goal must be a whole number, not “5 or 6”."),
        ({"goal": "0"}, "The goal must be between 1 and 1000000000, not 0."),
        ({"type": ["7"]}, "A counter of the type Members with a role needs a role."),
        ({"type": ["1"], "goal": "5"}, "A counter of all statuses has no single number to set a goal for."),
    ],
)
async def test_what_cannot_be_is_refused_in_one_sentence_and_nothing_is_made(
    tmp_path: Path, values: dict[str, Any], sentence: str
) -> None:
    async with set_form_stage(tmp_path) as stage:
        channels = set(stage.place.world.channels)
        assert await make(stage, **values) == sentence
        assert not stage.counters
        assert set(stage.place.world.channels) == channels


async def test_a_form_is_refused_to_whom_the_role_was_taken_meanwhile(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        form = await stage.press("counter_new")
        stage.demote()
        await stage.place.env.settle()
        assert said(await stage.manager.submit_modal(form, filled())) == NOT_ALLOWED
        assert not stage.counters


async def test_the_screen_lists_counters_and_changes_the_chosen_one(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        await make(stage)
        await make(stage, type=["8"])
        screen = await manage(stage)
        assert "**Members: 5**" in words_of(screen)
        assert "**Boosts: 0**" in words_of(screen)

        await pick(stage, screen)
        assert "Boosts" not in words_of(screen)
        form = await stage.manager.click(screen, label="Change…")
        await stage.manager.submit_modal(form, {"format": "All: <value>", "goal": "50"})

        assert (stage.counters[0].format, stage.counters[0].goal) == ("All: <value>", 50)
        assert "Counter changed" in words_of(screen)
        assert "**Members: 5 of 50, 45 to go**" in words_of(screen)
        await stage.manager.click(screen, label="All counters")
        assert "**Boosts: 0**" in words_of(screen)


async def test_an_empty_format_is_that_of_the_type_and_an_empty_goal_none(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        await make(stage, format="We are <value>", goal="50", announce_channel=[stage.place.other_channel])
        _screen, form = await open_change_form(stage)
        await stage.manager.submit_modal(form, {"format": "", "goal": "", "announce_channel": []})
        (counter,) = stage.counters
        assert (counter.format, counter.goal, counter.announce_channel_id) == ("Members: <value>", None, None)


async def test_a_form_sent_as_it_was_changes_nothing(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        await stage.log_to_second_channel()
        await make(stage)
        told = len(stage.told())
        screen, form = await open_change_form(stage)
        await stage.manager.submit_modal(form, {"format": "Members: <value>", "goal": ""})
        assert "Nothing was changed." in words_of(screen)
        assert len(stage.told()) == told


async def test_bad_input_when_a_counter_is_changed_is_told_and_changes_nothing(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        await make(stage)
        before = stage.counters
        _screen, form = await open_change_form(stage)
        refused = await stage.manager.submit_modal(form, {"format": "New <value>", "goal": "lots"})
        assert said(refused) == "Goal must be a whole number, not “lots”."
        assert stage.counters == before


async def test_a_role_is_changed_by_choosing_another(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        first, second = stage.place.guild.create_role("Crew"), stage.place.guild.create_role("Guests")
        await stage.place.env.settle()
        await make(stage, type=["7"], role=[first])
        _screen, form = await open_change_form(stage)
        await stage.manager.submit_modal(
            form, {"format": "<role_name>: <value>", "goal": "", "role": [second]}
        )
        assert stage.counters[0].role_id == second.id


async def test_a_counter_is_deleted_after_a_question(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        await make(stage)
        channel_id = stage.counters[0].channel_id
        screen = await open_card(stage)
        question = await stage.manager.click(screen, label="Delete…")
        assert "**It cannot be undone.**" in said(question)
        assert [counter.channel_id for counter in stage.counters] == [channel_id]

        await stage.manager.click(message_of(question), label="Delete")
        assert "Counter deleted" in words_of(message_of(question))
        assert not stage.counters
        assert channel_id not in stage.place.world.channels
        # What stands on the old message finds nothing any more, and says so.
        gone = await stage.manager.click(screen, label="Change…")
        assert said(gone) == "This server has no such counter; choose one from the list."


async def test_more_counters_than_a_page_holds_are_turned_to(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        for number in range(12):
            await make(stage, format=f"{number}: <value>")
        screen = await manage(stage)
        assert "12 counters, the oldest first" in words_of(screen)
        assert len(controls_of(screen)[control_of(screen, "counter.pick")]["options"]) == 10
        await stage.manager.click(screen, custom_id=control_of(screen, "counter.page", 2))
        assert len(controls_of(screen)[control_of(screen, "counter.pick")]["options"]) == 2
        await pick(stage, screen, 11)
        assert "`11: <value>`" in words_of(screen)
        await stage.manager.click(screen, label="All counters")
        assert len(controls_of(screen)[control_of(screen, "counter.pick")]["options"]) == 2


async def test_every_button_works_after_a_restart(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        await make(stage)
        screen, other = await manage(stage), await manage(stage)
        await pick(stage, other)
        question = await stage.manager.click(other, label="Delete…")
        await stage.place.restart()

        form = await stage.manager.click(screen, label="New counter…")
        made = await stage.manager.submit_modal(form, filled(type=["8"]))
        assert "Counter made" in said(made)
        assert "**Boosts: 0**" in words_of(screen)
        assert len(stage.counters) == 2
        await pick(stage, screen)
        await stage.place.restart()
        form = await stage.manager.click(screen, label="Change…")
        await stage.manager.submit_modal(form, {"format": "All: <value>", "goal": ""})
        assert stage.counters[0].format == "All: <value>"
        await stage.place.restart()
        await stage.manager.click(screen, label="All counters")
        assert "**Boosts: 0**" in words_of(screen)
        await stage.manager.click(message_of(question), label="Delete")
        assert len(stage.counters) == 1


async def test_every_button_asks_what_the_person_may_do_now(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        await make(stage)
        screen, card = await manage(stage), await manage(stage)
        await pick(stage, card)
        question = await stage.manager.click(card, label="Delete…")
        stage.demote()
        await stage.place.env.settle()

        presses = [
            (screen, {"label": "New counter…"}),
            (card, {"label": "Change…"}),
            (card, {"label": "Delete…"}),
            (card, {"label": "All counters"}),
            (message_of(question), {"label": "Delete"}),
        ]
        for message, which in presses:
            refused = await stage.manager.click(message, **which)
            assert NOT_ALLOWED in words_of(refused), which
        chosen = [str(stage.counters[0].counter_id)]
        refused = await stage.manager.select(screen, chosen, custom_id=control_of(screen, "counter.pick"))
        assert NOT_ALLOWED in words_of(refused)
        assert len(stage.counters) == 1


async def test_the_list_can_be_turned_after_a_restart(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        for number in range(11):
            await make(stage, format=f"{number}: <value>")
        shown = await stage.manager.slash(stage.place.channel, "serverstats counter list")
        page = shown.response
        assert page is not None
        await stage.place.restart()
        await stage.manager.click(page, custom_id=control_of(page, "list.counters", "next", 2))
        assert "`10: <value>`" in words_of(page)
        stage.demote()
        await stage.place.env.settle()
        refused = await stage.manager.click(page, custom_id=control_of(page, "list.counters", "first", 1))
        assert NOT_ALLOWED in words_of(refused)


async def test_a_form_is_not_opened_where_the_module_is_not_enabled(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        screen = await stage.screen()
        custom_ids = [
            control_of(screen, "settings.form", "serverstats", key) for key in ("counter_new", "counters")
        ]
        await stage.module.disable(stage.guild_id)
        for custom_id in custom_ids:
            refused = await stage.manager.click(screen, custom_id=custom_id)
            assert "Serverstats is not enabled in this server" in said(refused)


async def test_every_change_is_told_in_the_log_channel_with_who_and_what(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        await stage.log_to_second_channel()
        by = f"by <@{stage.manager.id}>"
        await make(stage)
        channel = f"<#{stage.counters[0].channel_id}>"
        made = next(text for text in stage.told() if "Settings changed: Counters" in text)
        assert f"**Counter “Members”:** nothing → {channel} · `Members: <value>`" in made
        assert by in made

        screen, form = await open_change_form(stage)
        await stage.manager.submit_modal(form, {"format": "All: <value>", "goal": "50"})
        edited = stage.told()[-1]
        assert f"**Counter “Members” {channel}: Format:** `Members: <value>` → `All: <value>`" in edited
        assert f"**Counter “Members” {channel}: Goal:** nothing → 50" in edited
        assert "Role" not in edited
        assert by in edited

        question = await stage.manager.click(screen, label="Delete…")
        await stage.manager.click(message_of(question), label="Delete")
        assert "**Counter “Members”:** `All: <value>` → nothing" in stage.told()[-1]
        assert by in stage.told()[-1]


async def test_a_counter_that_went_with_its_channel_is_told_too(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        await stage.log_to_second_channel()
        await make(stage)
        stage.place.world.delete_channel(stage.counters[0].channel_id)
        await stage.place.env.settle()
        assert not stage.counters
        assert "**Counter “Members”:** `Members: <value>` → nothing" in stage.told()[-1]
        assert "by the bot itself" in stage.told()[-1]


async def test_a_channel_that_becomes_a_counter_and_an_ordinary_one_again_is_told(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        await stage.log_to_second_channel()
        channel = stage.place.channel
        await stage.counter_service.adopt(stage.guild_id, channel.id, 8)
        await stage.place.client.settings_log.close()
        assert f"**Counter “Boosts”:** nothing → <#{channel.id}> · `Boosts: <value>`" in stage.told()[-1]
        assert await stage.counter_service.release(stage.guild_id, channel.id)
        await stage.place.client.settings_log.close()
        assert "**Counter “Boosts”:** `Boosts: <value>` → nothing" in stage.told()[-1]


async def test_the_settings_screen_tells_the_state_of_the_counters(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        guild = stage.place.client.get_guild(stage.guild_id)
        assert guild is not None
        before = stage.counter_service.component(guild)
        assert (before.label, before.is_on, before.detail) == ("Counters", False, "no counters yet")
        await make(stage)
        on = stage.counter_service.component(guild)
        assert (on.is_on, on.troubles, on.detail) == (True, (), "1 counter")
        role_id = stage.place.world.bot_role(stage.guild_id).id
        stage.place.world.edit_role(stage.guild_id, role_id, {"permissions": 0})
        channel_id = stage.counters[0].channel_id
        stage.place.world.set_bot_overwrite(channel_id, discord.PermissionOverwrite())
        await stage.place.env.settle()
        (trouble,) = stage.counter_service.component(guild).troubles
        assert trouble == f"I need the permission Connect in <#{channel_id}>."
