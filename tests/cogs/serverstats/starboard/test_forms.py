"""Starboards on the settings screen: a form for a new one, and a screen to change and remove those that there are."""

from pathlib import Path
from typing import Any

import discord
import pytest
import simcord

from bot.settings.guild_settings import CHANGED_MEANWHILE
from cogs.serverstats.starboard.board_wishes import BoardWishes
from cogs.serverstats.starboard.service import BOARDS_MOST
from tests.cogs.serverstats.form_stage import FormStage, message_of, said, set_form_stage
from tests.discord_in_process import control_of, words_of

NOT_ALLOWED = "You need the permission Administrator or Manage Server for this."


def filled(**values: Any) -> dict[str, Any]:
    """Return what a form is sent with when it is sent as it was opened."""
    return {"threshold": "3", "emoji": "⭐", "name": ""} | values


async def make(stage: FormStage, **values: Any) -> str:
    """Send the form of a new board and return the answer."""
    form = await stage.press("board_new")
    return said(await stage.manager.submit_modal(form, filled(**values)))


async def manage(stage: FormStage) -> simcord.ResponseMessage:
    """Open the screen of all boards."""
    result = await stage.press("boards")
    assert result.ephemeral
    assert result.response is not None
    return result.response


async def pick(stage: FormStage, message: simcord.ResponseMessage, index: int = 0) -> None:
    """Choose one of the boards."""
    board = stage.boards[index]
    await stage.manager.select(message, [str(board.board_id)], custom_id=control_of(message, "board.pick"))


async def open_card(stage: FormStage) -> simcord.ResponseMessage:
    """Open the screen of the first board."""
    screen = await manage(stage)
    await pick(stage, screen)
    return screen


async def open_change_form(stage: FormStage) -> tuple[simcord.ResponseMessage, simcord.InteractionResult]:
    """Open that screen, and the form from it."""
    screen = await open_card(stage)
    return screen, await stage.manager.click(screen, label="Change…")


async def make_in_second_channel(stage: FormStage) -> None:
    """Make a board of three stars."""
    wishes = BoardWishes(channel_id=stage.place.other_channel.id)
    await stage.board_service.create_board(stage.guild_id, wishes)


async def test_a_board_is_made_by_a_form(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        answer = await make(
            stage,
            channel=[stage.place.other_channel],
            threshold="5",
            emoji="🌟",
            self_stars=True,
            name="Hall of fame",
        )
        (board,) = stage.boards
        assert (board.channel_id, board.threshold) == (stage.place.other_channel.id, 5)
        assert (board.emoji, board.counts_self_stars, board.name) == ("🌟", True, "Hall of fame")
        assert "Starboard Hall of fame is on" in answer
        assert stage.board_service.is_on(stage.guild_id)


async def test_what_the_form_leaves_out_is_chosen_for_the_admin(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        stage.place.world.edit_role(
            stage.guild_id,
            stage.place.world.bot_role(stage.guild_id).id,
            {"permissions": discord.Permissions(administrator=True).value},
        )
        await stage.place.env.settle()
        await make(stage, threshold="", emoji="")
        (board,) = stage.boards
        assert (board.emoji, board.threshold, board.counts_self_stars) == ("⭐", 3, False)
        assert stage.place.world.channels[board.channel_id].name == "starboard"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"threshold": "some"}, "Stars needed must be a whole number, not “some”."),
        ({"threshold": "0"}, "threshold must be between 1 and 1000, not 0."),
        ({"emoji": "star"}, "emoji must be one emoji, such as ⭐ or one of this server."),
    ],
)
async def test_bad_input_is_told_and_changes_nothing(
    tmp_path: Path, values: dict[str, Any], sentence: str
) -> None:
    async with set_form_stage(tmp_path) as stage:
        assert await make(stage, channel=[stage.place.other_channel], **values) == sentence
        assert not stage.boards
        await make_in_second_channel(stage)
        before = stage.boards
        _screen, form = await open_change_form(stage)
        channel = [stage.place.other_channel]
        refused = await stage.manager.submit_modal(form, filled(channel=channel, name="welcome", **values))
        assert said(refused) == sentence
        assert stage.boards == before


async def test_the_chosen_board_is_changed_by_a_form_that_shows_how_it_is(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        await make_in_second_channel(stage)
        screen, form = await open_change_form(stage)
        await stage.manager.submit_modal(
            form, filled(channel=[stage.place.channel], threshold="7", self_stars=True, name="Best of")
        )
        (board,) = stage.boards
        assert (board.channel_id, board.threshold) == (stage.place.channel.id, 7)
        assert (board.counts_self_stars, board.name) == (True, "Best of")
        assert "Starboard Best of changed" in words_of(screen)
        await stage.manager.click(screen, label="All starboards")
        assert "from 7 ⭐ on" in words_of(screen)


async def test_what_a_form_left_as_it_was_is_not_written_over_what_somebody_else_saved(
    tmp_path: Path,
) -> None:
    async with set_form_stage(tmp_path) as stage:
        await make_in_second_channel(stage)
        _screen, form = await open_change_form(stage)
        await stage.place.admin.slash(stage.place.channel, "serverstats starboard edit", threshold=9)
        await stage.manager.submit_modal(form, filled(channel=[stage.place.other_channel], name="Best of"))
        (board,) = stage.boards
        assert (board.threshold, board.name) == (9, "Best of")


async def test_a_form_does_not_write_over_the_same_field_that_somebody_else_saved(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        await make_in_second_channel(stage)
        screen, form = await open_change_form(stage)
        await stage.place.admin.slash(stage.place.channel, "serverstats starboard edit", threshold=9)
        sent = filled(channel=[stage.place.other_channel], threshold="5", name="welcome")
        await stage.manager.submit_modal(form, sent)
        assert stage.boards[0].threshold == 9
        assert CHANGED_MEANWHILE in words_of(screen)
        assert "from 9 ⭐ on" in words_of(screen)

        # The form that is opened now shows how it is.
        form = await stage.manager.click(screen, label="Change…")
        await stage.manager.submit_modal(form, sent)
        assert stage.boards[0].threshold == 5
        assert CHANGED_MEANWHILE not in words_of(screen)


async def test_a_form_for_a_board_that_was_removed_meanwhile_says_so(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        await make_in_second_channel(stage)
        _screen, form = await open_change_form(stage)
        await stage.board_service.remove_board(stage.guild_id, stage.boards[0].board_id)
        refused = await stage.manager.submit_modal(
            form, filled(channel=[stage.place.other_channel], threshold="5", name="welcome")
        )
        assert said(refused) == "There is no such starboard."


async def test_a_form_sent_as_it_was_changes_nothing(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        await make_in_second_channel(stage)
        before = stage.boards
        screen, form = await open_change_form(stage)
        await stage.manager.submit_modal(form, filled(channel=[stage.place.other_channel], name="welcome"))
        assert "Nothing was changed." in words_of(screen)
        assert stage.boards == before


async def test_what_a_board_ignores_is_chosen_from_the_screen(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        await make_in_second_channel(stage)
        screen = await open_card(stage)
        ignored = await stage.manager.click(screen, label="Ignore…")
        custom_id = control_of(message_of(ignored), "board.ignored_channels")
        await stage.manager.select(message_of(ignored), [stage.place.channel], custom_id=custom_id)
        assert stage.boards[0].ignored_channel_ids == {stage.place.channel.id}


async def test_what_another_admin_chose_to_ignore_meanwhile_stays(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        await make_in_second_channel(stage)
        others = stage.place.guild.create_text_channel("others")
        screen = await open_card(stage)
        ignored = message_of(await stage.manager.click(screen, label="Ignore…"))
        await stage.board_service.change_board(
            stage.guild_id, stage.boards[0].board_id, ignored_channel_ids=frozenset({others.id})
        )

        custom_id = control_of(ignored, "board.ignored_channels")
        await stage.manager.select(ignored, [stage.place.channel], custom_id=custom_id)

        assert stage.boards[0].ignored_channel_ids == {others.id}
        assert "Somebody else changed these settings in the meantime, so nothing was saved" in words_of(
            ignored
        )
        assert f"Ignored channels: <#{others.id}>" in words_of(ignored)


async def test_a_board_is_removed_after_a_question(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        await make_in_second_channel(stage)
        screen = await open_card(stage)
        question = await stage.manager.click(screen, label="Remove…")
        assert "**It cannot be undone.**" in said(question)
        assert [board.name for board in stage.boards] == ["welcome"]
        await stage.manager.click(message_of(question), label="Remove")
        assert not stage.boards
        assert "It was the last one, so the starboard is turned off." in words_of(message_of(question))
        await stage.manager.click(screen, label="All starboards")
        assert "There are no starboards yet." in words_of(screen)


async def test_every_button_works_after_a_restart(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        await make_in_second_channel(stage)
        screen = await manage(stage)
        await stage.place.restart()
        form = await stage.manager.click(screen, label="New starboard…")
        made = await stage.manager.submit_modal(form, filled(channel=[stage.place.channel]))
        assert "Starboard general is on" in said(made)
        assert "2 starboards" in words_of(screen)
        await pick(stage, screen, 1)
        await stage.place.restart()
        form = await stage.manager.click(screen, label="Change…")
        channel = [stage.place.channel]
        await stage.manager.submit_modal(form, filled(channel=channel, threshold="4", name="general"))
        assert stage.boards[1].threshold == 4
        ignored = await stage.manager.click(screen, label="Ignore…")
        assert "What general ignores" in said(ignored)
        question = await stage.manager.click(screen, label="Remove…")
        await stage.place.restart()
        await stage.manager.click(screen, label="All starboards")
        assert "2 starboards" in words_of(screen)
        await stage.manager.click(message_of(question), label="Remove")
        assert len(stage.boards) == 1


async def test_every_button_asks_what_the_person_may_do_now(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        await make_in_second_channel(stage)
        screen, card = await manage(stage), await manage(stage)
        await pick(stage, card)
        question = await stage.manager.click(card, label="Remove…")
        form = await stage.press("board_new")
        stage.demote()
        await stage.place.env.settle()
        presses = [
            (screen, "New starboard…"),
            (card, "Change…"),
            (card, "Ignore…"),
            (card, "Remove…"),
            (card, "All starboards"),
            (message_of(question), "Remove"),
        ]
        for message, label in presses:
            assert NOT_ALLOWED in words_of(await stage.manager.click(message, label=label)), label
        chosen = [str(stage.boards[0].board_id)]
        refused = await stage.manager.select(screen, chosen, custom_id=control_of(screen, "board.pick"))
        assert NOT_ALLOWED in words_of(refused)
        assert said(await stage.manager.submit_modal(form, filled())) == NOT_ALLOWED
        assert len(stage.boards) == 1


async def test_every_change_is_told_in_the_log_channel_with_who_and_what(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        await stage.log_to_second_channel()
        by = f"by <@{stage.manager.id}>"
        channel = stage.place.channel
        await make(stage, channel=[channel])
        made = next(text for text in stage.told() if "Settings changed: Starboard" in text)
        assert f"**Starboard “general”:** nothing → <#{channel.id}>, from 3 ⭐ on" in made
        assert by in made

        screen, form = await open_change_form(stage)
        await stage.manager.submit_modal(
            form, filled(channel=[channel], threshold="5", self_stars=True, name="general")
        )
        edited = stage.told()[-1]
        assert "**Starboard “general”: Stars needed:** 3 → 5" in edited
        assert "**Starboard “general”: Stars of one's own:** off → on" in edited
        assert "Emoji" not in edited
        assert by in edited

        ignored = await stage.manager.click(screen, label="Ignore…")
        custom_id = control_of(message_of(ignored), "board.ignored_channels")
        await stage.manager.select(message_of(ignored), [channel], custom_id=custom_id)
        assert f"Ignored channels:** added <#{channel.id}>" in stage.told()[-1]

        question = await stage.manager.click(screen, label="Remove…")
        await stage.manager.click(message_of(question), label="Remove")
        removed = next(text for text in stage.told() if "from 5 ⭐ on → nothing" in text)
        assert by in removed


async def test_a_board_that_went_with_its_channel_is_told_as_nobodys_doing(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        await stage.log_to_second_channel()
        gone = stage.place.guild.create_text_channel("stars")
        await stage.place.env.settle()
        await make(stage, channel=[gone])
        stage.place.world.delete_channel(gone.id)
        await stage.place.env.settle()
        assert not stage.boards
        removed = next(text for text in stage.told() if "from 3 ⭐ on → nothing" in text)
        assert "by the bot itself" in removed


async def test_the_settings_screen_tells_the_state_of_the_starboard(tmp_path: Path) -> None:
    async with set_form_stage(tmp_path) as stage:
        guild = stage.place.client.get_guild(stage.guild_id)
        assert guild is not None
        before = stage.board_service.component(guild)
        assert (before.label, before.is_on, before.detail) == ("Starboard", False, "no starboard yet")
        await make_in_second_channel(stage)
        on = stage.board_service.component(guild)
        assert (on.is_on, on.troubles, on.detail) == (True, (), "1 starboard")
        stage.place.deny_bot(stage.place.other_channel, send_messages=False, embed_links=False)
        await stage.place.env.settle()
        (trouble,) = stage.board_service.component(guild).troubles
        assert trouble == (
            f"I need the permissions Send Messages and Embed Links in <#{stage.place.other_channel.id}>, "
            "the starboard welcome; posts wait until then."
        )


async def test_the_screen_opens_with_as_many_boards_and_ignored_channels_as_there_can_be(
    tmp_path: Path,
) -> None:
    """Discord documentation, Message Resource, Embed Limits: 6,000 characters in all embeds of a message."""
    async with set_form_stage(tmp_path) as stage:
        channels = frozenset(stage.place.guild.create_text_channel(f"quiet{n}").id for n in range(25))
        roles = frozenset(stage.place.guild.create_role(f"role{n}").id for n in range(25))
        for number in range(BOARDS_MOST):
            channel = stage.place.guild.create_text_channel(f"stars{number}")
            name = f"{'*' * 48}{number:02}"
            await stage.board_service.create_board(
                stage.guild_id, BoardWishes(channel_id=channel.id, name=name)
            )
        for board in stage.boards:
            await stage.board_service.change_board(
                stage.guild_id, board.board_id, ignored_channel_ids=channels, ignored_role_ids=roles
            )

        (embed,) = (await manage(stage)).embeds

        assert len(embed.fields) == BOARDS_MOST
        assert all(str(field.value).startswith("Channel <#") for field in embed.fields)
