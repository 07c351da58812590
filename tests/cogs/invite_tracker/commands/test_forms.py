"""/invite_tracker settings rules and shared_link."""

import pytest

from tests.cogs.invite_tracker.commands.stage import Stage
from tests.discord_in_process import words_of

EVERY_RULE = ["prevent_own_invite_code", "fake_rejoins", "fake_without_avatar"]


async def test_rules_are_chosen_in_one_form(stage: Stage) -> None:
    form = await stage.use(stage.manager, "settings rules")

    saved = await stage.manager.submit_modal(form, {"rules": EVERY_RULE, "days": "7"})

    settings = await stage.settings()
    assert settings.prevent_own_invite_code
    assert settings.fake_rejoins
    assert settings.fake_without_avatar
    assert settings.fake_minimum_account_age_days == 7
    assert saved.ephemeral
    assert words_of(saved).count("✅") == 4


async def test_leaving_all_rules_out_turns_them_off(stage: Stage) -> None:
    await stage.save(fake_rejoins=True, prevent_own_invite_code=True, fake_minimum_account_age_days=3)
    form = await stage.use(stage.manager, "settings rules")

    await stage.manager.submit_modal(form, {"rules": [], "days": "0"})

    settings = await stage.settings()
    assert not settings.fake_rejoins
    assert not settings.prevent_own_invite_code
    assert settings.fake_minimum_account_age_days == 0


@pytest.mark.parametrize("days", ["366", "-1", "1.5", "ten", "٣"])
async def test_an_age_that_is_no_number_of_days_is_refused(stage: Stage, days: str) -> None:
    before = await stage.settings()
    form = await stage.use(stage.manager, "settings rules")

    refused = await stage.manager.submit_modal(form, {"rules": EVERY_RULE, "days": days})

    assert refused.ephemeral
    assert words_of(refused) == f"“{days}” is not a number of days from 0 to 365."
    assert await stage.settings() == before


async def test_rules_over_somebody_elses_save_are_refused(stage: Stage) -> None:
    form = await stage.use(stage.manager, "settings rules")
    await stage.save(fake_without_avatar=True)

    refused = await stage.manager.submit_modal(form, {"rules": [], "days": "0"})

    assert "Somebody else changed these settings in the meantime, so nothing was saved" in words_of(refused)
    assert "✅ The account has no picture" in words_of(refused)
    assert (await stage.settings()).fake_without_avatar


async def test_a_link_over_somebody_elses_save_is_refused_with_what_holds_now(stage: Stage) -> None:
    form = await stage.use(stage.manager, "settings shared_link")
    await stage.save(server_shared_invite_link="https://discord.gg/theirs")

    refused = await stage.manager.submit_modal(form, {"link": ""})

    assert "so nothing was saved; this is how they are now." in words_of(refused)
    assert "**https://discord.gg/theirs**" in words_of(refused)
    assert (await stage.settings()).server_shared_invite_link == "https://discord.gg/theirs"


async def test_a_changed_rule_changes_past_counts(stage: Stage) -> None:
    await stage.record_joins([stage.join(101, stage.member.id, is_rejoin=True)])
    assert "1 invite\n" in await stage.say(stage.member, "stats")
    form = await stage.use(stage.manager, "settings rules")

    await stage.manager.submit_modal(form, {"rules": ["fake_rejoins"], "days": "0"})

    assert "1 joined · 0 left · 1 fake" in await stage.say(stage.member, "stats")


async def test_the_shared_link_is_checked_at_discord_and_stored_in_full(stage: Stage) -> None:
    invite = stage.place.world.make_invite(stage.channel.id, stage.admin.id)
    await stage.env.settle()
    form = await stage.use(stage.manager, "settings shared_link")

    saved = await stage.manager.submit_modal(form, {"link": f"discord.gg/{invite.code}"})

    assert f"https://discord.gg/{invite.code}" in words_of(saved)
    assert (await stage.settings()).server_shared_invite_link == f"https://discord.gg/{invite.code}"


async def test_an_empty_shared_link_removes_it(stage: Stage) -> None:
    await stage.save(server_shared_invite_link="https://discord.gg/harbour")
    form = await stage.use(stage.manager, "settings shared_link")

    saved = await stage.manager.submit_modal(form, {"link": ""})

    assert "There is none now." in words_of(saved)
    assert (await stage.settings()).server_shared_invite_link is None


async def test_a_shared_link_that_does_not_exist_is_refused(stage: Stage) -> None:
    form = await stage.use(stage.manager, "settings shared_link")

    refused = await stage.manager.submit_modal(form, {"link": "nosuch"})

    assert words_of(refused) == "There is no invite with the code `nosuch`."
    assert (await stage.settings()).server_shared_invite_link is None


async def test_a_shared_link_to_another_server_is_refused(stage: Stage) -> None:
    other = stage.env.create_guild("Elsewhere")
    lobby = other.create_text_channel("lobby")
    invite = stage.place.world.make_invite(lobby.id, other.owner.id)
    await stage.env.settle()
    form = await stage.use(stage.manager, "settings shared_link")

    refused = await stage.manager.submit_modal(form, {"link": invite.code})

    assert words_of(refused) == f"The invite `{invite.code}` does not lead to this server."
