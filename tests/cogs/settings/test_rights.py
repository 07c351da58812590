"""What the settings screen lets through is decided at each press and each form, not when it was opened."""

import pytest

from bot.settings.guild_settings import GuildSettings
from bot.settings.pages import SettingsPage
from tests.cogs.settings.stage import Stage, control
from tests.discord_in_process import controls_of, words_of

NOT_ALLOWED = "You need the permission Administrator or Manage Server for this."


@pytest.fixture
async def stage(stage: Stage) -> Stage:
    """A server in which the invite tracker is enabled and serverstats is not."""
    [tracker] = [each for each in pages_of(stage) if each.key == "invite_tracker"]
    await tracker.enable(stage.guild_id)
    return stage


def pages_of(stage: Stage) -> tuple[SettingsPage, ...]:
    """Return the pages of the modules."""
    return stage.place.client.parts.modules.settings_pages()


async def lose_all_rights(stage: Stage) -> None:
    """Take every role from the manager."""
    world = stage.place.world
    for role_id in list(world.guilds[stage.guild_id].members[stage.manager.id].role_ids):
        world.remove_member_role(stage.guild_id, stage.manager.id, role_id)
    await stage.place.env.settle()


@pytest.mark.parametrize(
    ("page", "view"),
    [("general", 0), ("invite_tracker", 0), ("invite_tracker", 2), ("invite_tracker", 3), ("serverstats", 0)],
)
async def test_no_control_does_anything_for_who_lost_the_permission(
    stage: Stage, page: str, view: int
) -> None:
    screen = await stage.open()
    await stage.turn(screen, page, view)
    controls = controls_of(screen)
    await lose_all_rights(stage)

    for custom_id in controls:
        match custom_id[0]:
            case "b":
                answered = await stage.manager.click(screen, custom_id=custom_id)
            case "s":
                value = controls[custom_id]["options"][-1]["value"]
                answered = await stage.manager.select(screen, [value], custom_id=custom_id)
            case _:
                answered = await stage.manager.select(screen, [stage.place.channel], custom_id=custom_id)
        assert answered.modal is None, custom_id
        assert words_of(answered) == NOT_ALLOWED, custom_id

    assert controls_of(screen) == controls
    assert stage.settings == GuildSettings()
    assert [each.key for each in pages_of(stage) if await each.is_enabled(stage.guild_id)] == [
        "invite_tracker"
    ]


async def test_no_form_is_taken_from_who_lost_the_permission(stage: Stage) -> None:
    screen = await stage.open()
    timezone = await stage.manager.click(screen, custom_id=control(screen, "settings.form"))
    await stage.turn(screen, "invite_tracker", 2)
    number = await stage.manager.click(screen, custom_id=control(screen, "settings.number"))
    [tracker] = [each for each in pages_of(stage) if each.key == "invite_tracker"]
    before = await tracker.read(stage.guild_id)
    await lose_all_rights(stage)

    for form, values in ((timezone, {"timezone": "Asia/Tokyo"}), (number, {"number": "7"})):
        assert words_of(await stage.manager.submit_modal(form, values)) == NOT_ALLOWED

    assert stage.settings == GuildSettings()
    assert await tracker.read(stage.guild_id) == before
