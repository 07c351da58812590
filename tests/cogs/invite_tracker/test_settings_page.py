"""The page of the invite tracker on the settings screen."""

from typing import Any

import discord
import pytest
import simcord

from bot.errors import ConflictError
from bot.settings.fields import FieldKind
from bot.settings.pages import SettingsPage
from cogs.invite_tracker.leaderboard.schedule import Schedule
from cogs.invite_tracker.setting_fields import SETTING_FIELDS
from cogs.invite_tracker.settings import InviteTrackerSettings
from tests.cogs.invite_tracker.commands.stage import Stage
from tests.discord_in_process import control_of, controls_of, words_of

VIEWS = {"join": 0, "leave": 1, "fake": 2, "before": 3, "link": 4, "leaderboard": 5}


def page_of(stage: Stage) -> SettingsPage:
    """Return the page as the screen finds it."""
    [page] = [
        page for page in stage.place.client.parts.modules.settings_pages() if page.key == "invite_tracker"
    ]
    return page


async def open_page(stage: Stage, view: str = "join") -> simcord.ResponseMessage:
    """Open the settings screen as the manager and turn to a view of the page."""
    result = await stage.manager.slash(stage.channel, "settings")
    assert result.ephemeral
    assert result.response is not None
    screen = result.response
    await stage.manager.select(
        screen, [f"invite_tracker:{VIEWS[view]}"], custom_id=control_of(screen, "settings.page")
    )
    return screen


def control_for(screen: simcord.ResponseMessage, name: str) -> str:
    """Return the custom id of the control that changes a field, or that opens a form."""
    [custom_id] = [custom_id for custom_id in controls_of(screen) if name in custom_id.split(":")]
    return custom_id


async def state_of(stage: Stage, part: str) -> dict[str, Any]:
    """Return the state of a part of the module."""
    guild = stage.place.client.get_guild(stage.guild.id)
    assert guild is not None
    [component] = [one for one in await page_of(stage).components(guild) if one.label == part]
    return {"is_on": component.is_on, "troubles": component.troubles, "detail": component.detail}


def test_every_setting_has_words() -> None:
    assert {field.name for field in SETTING_FIELDS} == set(InviteTrackerSettings.model_fields)


def test_what_no_control_of_the_screen_changes_has_a_form() -> None:
    defaults = InviteTrackerSettings().model_dump()
    for field in SETTING_FIELDS:
        assert field.about.endswith(".")
        is_text = isinstance(defaults[field.name], str) and field.kind is not FieldKind.CHOICE
        if is_text or field.name == "server_shared_invite_link":
            assert field.form


async def test_messages_are_set_up_on_the_screen(stage: Stage) -> None:
    screen = await open_page(stage, "leave")

    channel = control_for(screen, "leave_messages_channel")
    await stage.manager.select(screen, [stage.other_channel], custom_id=channel)
    await stage.manager.click(screen, custom_id=control_for(screen, "leave_messages_enabled"))

    settings = await stage.settings()
    assert (settings.leave_messages_enabled, settings.leave_messages_channel) == (
        True,
        stage.other_channel.id,
    )
    assert f"🟢 **Leave messages:** on · {stage.other_channel.mention}" in words_of(screen)
    assert not settings.join_messages_enabled


async def test_turning_messages_on_without_a_channel_is_refused_on_the_screen(stage: Stage) -> None:
    screen = await open_page(stage, "join")

    await stage.manager.click(screen, custom_id=control_for(screen, "join_messages_enabled"))

    assert "⚠ Choose a channel for join messages first." in words_of(screen)
    assert not (await stage.settings()).join_messages_enabled


async def test_rules_are_switched_on_the_screen(stage: Stage) -> None:
    screen = await open_page(stage, "fake")

    for rule in ("prevent_own_invite_code", "fake_rejoins", "fake_without_avatar"):
        await stage.manager.click(screen, custom_id=control_for(screen, rule))
    form = await stage.manager.click(screen, custom_id=control_for(screen, "fake_minimum_account_age_days"))
    await stage.manager.submit_modal(form, {"number": "14"})

    rules = (await stage.settings()).fake_rules
    assert rules.own_invite
    assert rules.rejoin
    assert rules.no_avatar
    assert rules.minimum_account_age_days == 14


@pytest.mark.parametrize("kind", ["join", "leave"])
async def test_the_button_for_a_message_opens_its_screen_after_a_restart_too(stage: Stage, kind: str) -> None:
    screen = await open_page(stage, kind)
    await stage.place.restart()

    custom_id = next(one for one in controls_of(screen) if one.endswith(f":{kind}_message"))
    result = await stage.manager.click(screen, custom_id=custom_id)

    [message] = result.followups
    assert message.ephemeral
    assert f"{kind.title()} messages" in words_of(message)
    form = await stage.manager.click(message, custom_id=control_of(message, "tracker.message.edit"))
    await stage.manager.submit_modal(form, {"content": "Moin", "format": ["text"]})
    assert (await stage.settings()).model_dump()[f"{kind}_message_content"] == "Moin"


async def test_the_shared_link_is_set_from_the_screen(stage: Stage) -> None:
    invite = stage.place.world.make_invite(stage.channel.id, stage.admin.id)
    await stage.env.settle()
    screen = await open_page(stage, "link")
    custom_id = next(one for one in controls_of(screen) if one.endswith(":shared_link"))

    form = await stage.manager.click(screen, custom_id=custom_id)
    await stage.manager.submit_modal(form, {"link": invite.code})

    assert (await stage.settings()).server_shared_invite_link == f"https://discord.gg/{invite.code}"
    assert await state_of(stage, "Shared link") == {
        "is_on": True,
        "troubles": (),
        "detail": f"<https://discord.gg/{invite.code}>",
    }


async def test_a_shared_link_that_was_deleted_is_in_trouble(stage: Stage) -> None:
    invite = stage.place.world.make_invite(stage.channel.id, stage.admin.id)
    await stage.env.settle()
    await stage.save(server_shared_invite_link=f"https://discord.gg/{invite.code}")
    await stage.record_invites([invite.code])

    await stage.use(stage.admin, "delete", code=invite.code)
    await stage.env.advance_time(10)

    assert (await state_of(stage, "Shared link"))["troubles"] == (
        "The shared link does not work any more; set another one.",
    )


async def test_the_module_is_enabled_and_disabled_on_the_screen(new_stage: Stage) -> None:
    screen = await open_page(new_stage)
    await new_stage.manager.click(screen, custom_id=control_of(screen, "settings.enable", "invite_tracker"))
    assert await page_of(new_stage).is_enabled(new_stage.guild.id)

    asked = await new_stage.manager.click(
        screen, custom_id=control_of(screen, "settings.disable", "invite_tracker")
    )
    [question] = asked.followups
    assert "Disable the invite tracker?" in words_of(question)
    await new_stage.place.restart()
    await new_stage.manager.click(question, label="Delete and disable")

    assert not await page_of(new_stage).is_enabled(new_stage.guild.id)
    guild = new_stage.place.client.get_guild(new_stage.guild.id)
    assert guild is not None
    assert await page_of(new_stage).components(guild) == ()


async def test_a_save_over_another_admins_save_is_refused(stage: Stage) -> None:
    page = page_of(stage)
    read = await page.read(stage.guild.id)
    await stage.save(fake_rejoins=True)

    with pytest.raises(ConflictError, match="Somebody else changed these settings"):
        await page.save(stage.guild.id, {"fake_without_avatar": True}, read.version)

    settings = await stage.settings()
    assert (settings.fake_rejoins, settings.fake_without_avatar) == (True, False)


async def test_one_field_is_saved_without_touching_the_others(stage: Stage) -> None:
    await stage.save(fake_rejoins=True)
    page = page_of(stage)
    read = await page.read(stage.guild.id)

    saved = await page.save(stage.guild.id, {"fake_without_avatar": True}, read.version)

    assert saved.values.model_dump()["fake_rejoins"]
    assert saved.version == read.version + 1
    assert saved == await page.read(stage.guild.id)


async def test_a_missing_permission_is_named_beside_tracking(stage: Stage) -> None:
    assert (await state_of(stage, "Tracking"))["troubles"] == ()
    permissions = discord.Permissions.all()
    permissions.update(administrator=False, view_audit_log=False)
    stage.place.world.set_bot_permissions(stage.guild.id, permissions)
    await stage.env.settle()

    state = await state_of(stage, "Tracking")

    assert state["is_on"]
    assert state["troubles"] == (
        "I lack **View Audit Log**: joins by links that end with a last use stay open, who added a bot unknown.",
    )


async def test_tracking_tells_how_much_is_on_record(stage: Stage) -> None:
    await stage.record_joins([stage.join(101, 501)])
    await stage.record_invites(["abc", "def"])

    assert (await state_of(stage, "Tracking"))["detail"] == "2 known links · 1 join on record"


@pytest.mark.parametrize("kind", ["join", "leave"])
async def test_messages_that_cannot_be_sent_say_why(stage: Stage, kind: str) -> None:
    part = f"{kind.title()} messages"
    assert await state_of(stage, part) == {"is_on": False, "troubles": (), "detail": ""}
    await stage.save(**{f"{kind}_messages_channel": stage.other_channel.id, f"{kind}_messages_enabled": True})
    mention = stage.other_channel.mention
    assert await state_of(stage, part) == {"is_on": True, "troubles": (), "detail": mention}

    stage.place.deny_bot(stage.other_channel, send_messages=False)
    await stage.env.settle()
    assert (await state_of(stage, part))["troubles"] == (
        f"I need the permission Send Messages in {mention} for {kind} messages.",
    )
    stage.place.world.delete_channel(stage.other_channel.id)
    await stage.env.settle()
    assert (await state_of(stage, part))["troubles"] == (
        f"The channel of the {kind} messages does not exist; choose another.",
    )


@pytest.mark.parametrize("kind", ["join", "leave"])
@pytest.mark.parametrize(
    ("content", "is_embed", "permissions"),
    [
        ("Hi", False, "View Channel and Send Messages"),
        ('{"embeds": [{"title": "Hi"}]}', True, "View Channel, Send Messages and Embed Links"),
    ],
)
async def test_several_missing_permissions_are_named_in_one_sentence(
    stage: Stage, kind: str, content: str, is_embed: bool, permissions: str
) -> None:
    message = {"channel": stage.other_channel.id, "enabled": True}
    await stage.save(**{f"{kind}_messages_{name}": value for name, value in message.items()})
    await stage.save(**{f"{kind}_message_content": content, f"{kind}_message_is_embed": is_embed})

    stage.place.deny_bot(stage.other_channel, view_channel=False, send_messages=False, embed_links=False)
    await stage.env.settle()
    assert (await state_of(stage, f"{kind.title()} messages"))["troubles"] == (
        f"I need the permissions {permissions} in {stage.other_channel.mention} for {kind} messages.",
    )


async def test_the_leaderboard_is_set_on_the_screen_with_its_form_and_in_trouble_without_its_channel(
    stage: Stage,
) -> None:
    screen = await open_page(stage, "leaderboard")
    schedule = control_for(screen, "leaderboard_schedule")
    await stage.manager.select(screen, ["1"], custom_id=schedule)
    assert "⚠ Choose a channel for the leaderboard first." in words_of(screen)
    channel = control_for(screen, "leaderboard_channel")
    await stage.manager.select(screen, [stage.other_channel], custom_id=channel)
    await stage.manager.select(screen, ["1"], custom_id=control_for(screen, "leaderboard_schedule"))

    settings = await stage.settings()
    assert settings.leaderboard_schedule is Schedule.MONDAY
    state = await state_of(stage, "Leaderboard")
    assert state["is_on"]
    assert state["detail"].endswith(f" · {stage.other_channel.mention}")
    form = await stage.manager.click(screen, custom_id=control_for(screen, "leaderboard"))
    assert form.modal is not None

    stage.place.world.delete_channel(stage.other_channel.id)
    await stage.env.settle()
    assert (await state_of(stage, "Leaderboard"))["troubles"] == (
        "The channel of the leaderboard does not exist; choose another.",
    )
