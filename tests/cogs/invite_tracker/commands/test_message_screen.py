"""/invite_tracker settings join_message and leave_message: one screen, edited in place."""

import json
from typing import Any

import pytest
import simcord

from bot.errors import HeadcountError
from storage.guild_modules import update_module_settings
from tests.cogs.invite_tracker.commands.stage import Stage
from tests.discord_in_process import control_of, controls_of, words_of

EMBEDS = json.dumps(
    {"embeds": [{"title": "Hello <user_display_name>", "description": "by <inviter_mention>"}]}
)


async def open_screen(stage: Stage, kind: str = "join") -> simcord.InteractionResult:
    """Open the screen as the manager."""
    result = await stage.use(stage.manager, f"settings {kind}_message")
    assert result.ephemeral
    return result


async def press(stage: Stage, screen: simcord.InteractionResult, button: str) -> simcord.InteractionResult:
    """Press a button of the screen."""
    assert screen.response is not None
    custom_id = control_of(screen.response, f"tracker.message.{button}")
    return await stage.manager.click(screen.response, custom_id=custom_id)


def control(screen: simcord.InteractionResult, name: str) -> dict[str, Any]:
    """Return a button or menu of the screen."""
    return controls_of(screen.response)[control_of(screen.response, f"tracker.message.{name}")]


async def choose(stage: Stage, screen: simcord.InteractionResult, *channels: simcord.ChannelHandle) -> str:
    """Choose a channel on the screen and return what is said about it."""
    assert screen.response is not None
    custom_id = control_of(screen.response, "tracker.message.channel")
    return words_of_error(await stage.manager.select(screen.response, channels, custom_id=custom_id))


async def write(stage: Stage, screen: simcord.InteractionResult, content: str, shape: str = "text") -> None:
    """Fill in the form behind the button "Edit text"."""
    form = await press(stage, screen, "edit")
    await stage.manager.submit_modal(form, {"content": content, "format": [shape]})


def words_of_error(result: simcord.InteractionResult) -> str:
    """Return the sentences of a refusal, which are for the person alone; they follow what was deferred."""
    assert all(message.ephemeral for message in result.followups)
    if result.followups:
        return "\n".join(map(words_of, result.followups))
    return "" if result.response is None else words_of(result)


def fields_of(form: simcord.InteractionResult) -> dict[str, Any]:
    """Return the fields of a form by custom id."""
    assert form.modal is not None
    return {label["component"]["custom_id"]: label["component"] for label in form.modal["components"]}


async def test_the_screen_shows_state_and_preview(stage: Stage) -> None:
    screen = await open_screen(stage)

    assert "**Off** · no channel yet · text" in words_of(screen)
    assert f"Welcome to **Harbour**, {stage.manager.mention}" in words_of(screen)
    assert control(screen, "switch")["label"] == "Turn on"
    assert control(screen, "test")["disabled"]


async def test_a_channel_is_chosen_and_messages_turned_on_and_off_in_place(stage: Stage) -> None:
    screen = await open_screen(stage)

    await choose(stage, screen, stage.other_channel)
    await press(stage, screen, "switch")

    settings = await stage.settings()
    assert (settings.join_messages_enabled, settings.join_messages_channel) == (True, stage.other_channel.id)
    assert f"**On** · {stage.other_channel.mention} · text" in words_of(screen)
    [chosen] = control(screen, "channel")["default_values"]
    assert int(chosen["id"]) == stage.other_channel.id
    await press(stage, screen, "switch")
    assert not (await stage.settings()).join_messages_enabled
    assert "**Off**" in words_of(screen)


async def test_leave_messages_have_a_screen_of_their_own(stage: Stage) -> None:
    screen = await open_screen(stage, "leave")

    await choose(stage, screen, stage.channel)
    await press(stage, screen, "switch")

    settings = await stage.settings()
    assert (settings.leave_messages_enabled, settings.leave_messages_channel) == (True, stage.channel.id)
    assert not settings.join_messages_enabled
    assert "has left **Harbour**" in words_of(screen)


async def test_turning_on_without_a_channel_is_refused(stage: Stage) -> None:
    screen = await open_screen(stage)

    refused = await press(stage, screen, "switch")

    assert words_of_error(refused) == "Choose a channel for join messages first."
    assert not (await stage.settings()).join_messages_enabled


@pytest.mark.parametrize(
    ("permission", "title"), [("view_channel", "View Channel"), ("send_messages", "Send Messages")]
)
async def test_a_channel_that_the_bot_cannot_write_to_is_refused(
    stage: Stage, permission: str, title: str
) -> None:
    stage.place.deny_bot(stage.other_channel, **{permission: False})
    await stage.env.settle()
    screen = await open_screen(stage)

    refused = await choose(stage, screen, stage.other_channel)

    assert title in refused
    assert stage.other_channel.mention in refused
    assert (await stage.settings()).join_messages_channel is None


async def test_embeds_where_the_bot_may_not_embed_are_refused(stage: Stage) -> None:
    await stage.save(join_messages_channel=stage.channel.id, join_messages_enabled=True)
    stage.place.deny_bot(stage.channel, embed_links=False)
    await stage.env.settle()
    screen = await open_screen(stage)

    await write(stage, screen, EMBEDS, "embed")

    assert f"**Not saved.** I need the permission Embed Links in {stage.channel.mention}" in words_of(screen)
    assert not (await stage.settings()).join_message_is_embed


async def test_a_permission_lost_later_does_not_keep_messages_from_being_turned_off(stage: Stage) -> None:
    await stage.save(join_messages_channel=stage.channel.id, join_messages_enabled=True)
    stage.place.deny_bot(stage.channel, send_messages=False)
    await stage.env.settle()

    await press(stage, await open_screen(stage), "switch")

    assert not (await stage.settings()).join_messages_enabled


async def test_text_is_edited_in_a_form_and_previewed(stage: Stage) -> None:
    screen = await open_screen(stage)
    form = await press(stage, screen, "edit")

    assert "<server_name>" in fields_of(form)["content"]["value"]
    assert fields_of(form)["content"]["max_length"] == 4000
    await stage.manager.submit_modal(form, {"content": "Hi <user_display_name>!", "format": ["text"]})

    assert (await stage.settings()).join_message_content == "Hi <user_display_name>!"
    assert "Hi max!" in words_of(screen)


async def test_embeds_are_previewed_as_embeds(stage: Stage) -> None:
    screen = await open_screen(stage)

    await write(stage, screen, EMBEDS, "embed")

    assert screen.response is not None
    assert screen.response.embeds[1].title == "Hello max"
    assert screen.response.embeds[1].description == f"by {stage.manager.mention}"
    assert (await stage.settings()).join_message_is_embed


async def test_an_unknown_variable_is_saved_with_a_warning_and_a_suggestion(stage: Stage) -> None:
    screen = await open_screen(stage)

    await write(stage, screen, "Hi <user_mentoin>")

    assert "`<user_mentoin>` is not a variable" in words_of(screen)
    assert "did you mean `<user_mention>`" in words_of(screen)
    assert (await stage.settings()).join_message_content == "Hi <user_mentoin>"


BAD_EMBEDS = {
    "no JSON": ('{"embeds": [', ""),
    "six embeds": (json.dumps({"embeds": [{"title": "x"}] * 6}), "5"),
    "a title that is too long": (json.dumps({"embeds": [{"title": "x" * 257}]}), "title"),
}


@pytest.mark.parametrize("case", BAD_EMBEDS)
async def test_bad_embeds_are_refused_and_kept_for_the_next_try(stage: Stage, case: str) -> None:
    content, named = BAD_EMBEDS[case]
    before = await stage.settings()
    screen = await open_screen(stage)

    await write(stage, screen, content, "embed")

    assert "**Not saved.**" in words_of(screen)
    assert named in words_of(screen)
    assert await stage.settings() == before
    assert control(screen, "edit")["label"] == "Continue editing"
    form = fields_of(await press(stage, screen, "edit"))
    assert form["content"]["value"] == content
    assert [option["value"] for option in form["format"]["options"] if option.get("default")] == ["embed"]


async def test_a_message_of_4001_characters_is_refused_by_the_form_and_by_the_use_case(stage: Stage) -> None:
    before = await stage.settings()
    screen = await open_screen(stage)
    form = await press(stage, screen, "edit")

    with pytest.raises(simcord.SetupError, match="max_length=4000"):
        await stage.manager.submit_modal(form, {"content": "x" * 4001, "format": ["text"]})
    with pytest.raises(HeadcountError):
        await stage.save(join_message_content="x" * 4001)
    assert await stage.settings() == before


async def test_a_test_goes_to_the_channel_with_the_admin_as_the_sample(stage: Stage) -> None:
    await stage.save(join_messages_channel=stage.other_channel.id)
    screen = await open_screen(stage)

    sent = await press(stage, screen, "test")

    message = stage.other_channel.last_message
    assert message is not None
    assert f"Welcome to **Harbour**, {stage.manager.mention}" in message.content
    assert message.jump_url in words_of(sent)


async def test_a_test_that_discord_refuses_is_told(stage: Stage) -> None:
    await stage.save(join_messages_channel=stage.other_channel.id)
    screen = await open_screen(stage)
    stage.place.deny_bot(stage.other_channel, send_messages=False)
    await stage.env.settle()

    refused = await press(stage, screen, "test")

    assert "I need the permission Send Messages" in words_of(refused)
    assert stage.other_channel.last_message is None


@pytest.mark.parametrize("control_used", ["switch", "channel"])
async def test_a_choice_over_somebody_elses_save_is_refused_and_theirs_is_shown(
    stage: Stage, control_used: str
) -> None:
    await stage.save(join_messages_channel=stage.channel.id)
    screen = await open_screen(stage)
    await stage.save(join_messages_channel=stage.other_channel.id)

    if control_used == "switch":
        await press(stage, screen, "switch")
    else:
        await choose(stage, screen, stage.channel)

    assert "⚠ Somebody else changed these settings in the meantime, so nothing was saved" in words_of(screen)
    assert f"**Off** · {stage.other_channel.mention}" in words_of(screen)
    settings = await stage.settings()
    assert (settings.join_messages_enabled, settings.join_messages_channel) == (
        False,
        stage.other_channel.id,
    )
    await press(stage, screen, "switch")
    assert (await stage.settings()).join_messages_enabled
    assert "Somebody else" not in words_of(screen)


async def test_a_text_written_over_somebody_elses_save_is_not_lost(stage: Stage) -> None:
    screen = await open_screen(stage)
    form = await press(stage, screen, "edit")
    await stage.save(fake_rejoins=True)

    await stage.manager.submit_modal(form, {"content": "mine", "format": ["text"]})

    assert "Somebody else changed these settings" in words_of(screen)
    again = await press(stage, screen, "edit")
    assert fields_of(again)["content"]["value"] == "mine"
    await stage.manager.submit_modal(again, {"content": "mine", "format": ["text"]})
    settings = await stage.settings()
    assert (settings.fake_rejoins, settings.join_message_content) == (True, "mine")
    assert control(screen, "edit")["label"] == "Edit text"


@pytest.mark.parametrize("kind", ["join", "leave"])
async def test_every_control_works_after_a_restart(stage: Stage, kind: str) -> None:
    screen = await open_screen(stage, kind)
    await stage.place.restart()

    await choose(stage, screen, stage.other_channel)
    assert f"**Off** · {stage.other_channel.mention}" in words_of(screen)
    await stage.place.restart()
    await press(stage, screen, "switch")
    assert "**On**" in words_of(screen)
    await stage.place.restart()
    await write(stage, screen, "Moin <user_display_name>")
    assert "Moin max" in words_of(screen)
    await stage.place.restart()
    sent = await press(stage, screen, "test")

    assert stage.other_channel.last_message is not None
    assert stage.other_channel.last_message.content == "Moin max"
    assert stage.other_channel.last_message.jump_url in words_of(sent)
    settings = (await stage.settings()).model_dump()
    assert settings[f"{kind}_messages_enabled"]
    assert settings[f"{kind}_messages_channel"] == stage.other_channel.id


async def test_a_save_over_somebody_elses_is_refused_after_a_restart_too(stage: Stage) -> None:
    screen = await open_screen(stage)
    await stage.save(fake_rejoins=True)
    await stage.place.restart()

    await choose(stage, screen, stage.channel)

    assert "Somebody else changed these settings" in words_of(screen)
    assert (await stage.settings()).join_messages_channel is None


async def test_a_channel_that_was_deleted_must_be_replaced_before_turning_on(stage: Stage) -> None:
    await stage.save(join_messages_channel=stage.other_channel.id)
    stage.place.world.delete_channel(stage.other_channel.id)
    await stage.env.settle()

    refused = await press(stage, await open_screen(stage), "switch")

    assert words_of_error(refused) == "The channel of the join messages does not exist; choose another."


async def test_a_deleted_channel_is_not_selected(stage: Stage) -> None:
    """Discord refuses a menu that preselects what does not exist."""
    await stage.save(join_messages_channel=stage.other_channel.id)
    stage.place.world.delete_channel(stage.other_channel.id)
    await stage.env.settle()

    screen = await open_screen(stage)

    assert not control(screen, "channel").get("default_values")


async def test_the_permission_is_checked_again_at_every_press(stage: Stage) -> None:
    screen = await open_screen(stage)
    stage.place.world.edit_member(stage.guild.id, stage.manager.id, {"role_ids": []})

    refused = await press(stage, screen, "edit")

    assert refused.modal is None
    assert words_of_error(refused) == "You need the permission Administrator or Manage Server for this."


async def test_the_screen_works_for_as_long_as_it_stands(stage: Stage) -> None:
    screen = await open_screen(stage)

    await stage.env.advance_time(86_400)
    await choose(stage, screen, stage.channel)

    assert (await stage.settings()).join_messages_channel == stage.channel.id


async def test_a_module_that_was_disabled_meanwhile_is_told(stage: Stage) -> None:
    screen = await open_screen(stage)
    await stage.service.disable(stage.guild.id)

    refused = await press(stage, screen, "edit")

    assert refused.modal is None
    assert "The invite tracker is not enabled in this server" in words_of_error(refused)


async def test_a_preview_that_does_not_fit_beside_the_state_is_left_out(stage: Stage) -> None:
    fields = [{"name": "n", "value": "<server_description>" * 7}] * 20
    stage.place.world.edit_guild(stage.guild.id, {"description": "x" * 120})
    await stage.env.settle()
    screen = await open_screen(stage)

    await write(stage, screen, json.dumps({"embeds": [{"fields": fields}]}), "embed")

    assert (await stage.settings()).join_message_is_embed
    assert screen.response is not None
    assert sum(map(len, screen.response.embeds)) <= 6000
    assert "send a test to see it" in words_of(screen)


async def test_a_stored_message_that_cannot_be_shown_can_be_put_right(stage: Stage) -> None:
    """Such a message can only come from outside this version of the program."""
    stored = (await stage.settings()).model_copy(
        update={"join_message_is_embed": True, "join_message_content": "no JSON"}
    )
    async with stage.place.client.parts.database.write() as tx:
        await update_module_settings(tx, stage.guild.id, "invite_tracker", stored.model_dump_json(), 1)

    screen = await open_screen(stage)
    assert "⚠" in words_of(screen)
    await write(stage, screen, "Hello")

    assert (await stage.settings()).join_message_content == "Hello"
    assert "Hello" in words_of(screen)
