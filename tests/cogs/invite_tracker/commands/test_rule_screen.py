"""/invite_tracker rules: what each rule would change, before it is saved."""

import pytest

from tests.cogs.invite_tracker.commands.stage import Stage
from tests.discord_in_process import control_of, controls_of, words_of

DAY_MS = 86_400_000


async def record(stage: Stage) -> None:
    """Put ten joins of two inviters on record: 3 without avatar, 2 rejoins, 4 young accounts, 1 own invite."""
    now_ms = stage.place.clock.now_ms()
    member, admin = stage.member.id, stage.admin.id
    joins = [
        stage.join(101, member, had_avatar=False),
        stage.join(102, member, had_avatar=False, is_rejoin=True),
        stage.join(103, member, had_avatar=False, account_created_at_ms=now_ms - 2 * DAY_MS),
        stage.join(104, member, is_rejoin=True),
        stage.join(105, member),
        stage.join(106, admin, account_created_at_ms=now_ms - 2 * DAY_MS),
        stage.join(107, admin, account_created_at_ms=now_ms - 5 * DAY_MS),
        stage.join(108, admin, account_created_at_ms=now_ms - 5 * DAY_MS),
        stage.join(109, admin, is_own_invite=True),
        stage.join(110, admin),
    ]
    await stage.record_joins(joins)


async def test_each_rule_says_what_it_would_change(stage: Stage) -> None:
    await record(stage)
    await stage.save(fake_without_avatar=True)

    answer = await stage.say(stage.manager, "rules")

    assert "10 joins count in the last 31 days; **3** of them as fake now." in answer
    assert "✅ **No avatar** · turned off: 0 of 10 joins would count as fake (now 3)" in answer
    assert "▫️ **Coming back** · turned on: 4 of 10 joins would count as fake (now 3)" in answer
    assert "▫️ **Own link** · turned on: 4 of 10 joins would count as fake (now 3)" in answer
    assert (
        "▫️ **Least age of an account, 7 days** · turned on: 6 of 10 joins would count as fake (now 3)"
        in answer
    )
    assert f"{stage.admin.mention} · 5" in answer
    assert f"{stage.member.mention} · 2" in answer


async def test_what_is_chosen_is_shown_and_saved_only_when_asked(stage: Stage) -> None:
    await record(stage)
    shown = await stage.use(stage.manager, "rules")
    screen = shown.response
    assert screen is not None
    assert controls_of(screen)[control_of(screen, "tracker.rules.save")]["disabled"]

    await stage.manager.click(screen, label="No avatar")
    await stage.manager.select(screen, ["3"], custom_id=control_of(screen, "tracker.rules.age"))

    answer = words_of(screen)
    assert "**0** of them as fake now" in answer
    assert "With what is chosen here: **4**. Nothing is saved yet." in answer
    assert "✅ **No avatar** · turned off: 2 of 10 joins would count as fake (now 4)" in answer
    assert "✅ **Least age of an account, 3 days** · turned off: 3 of 10" in answer
    assert f"{stage.member.mention} · 5 → **2**" in answer
    assert f"{stage.admin.mention} · 5 → **4**" in answer
    assert not (await stage.settings()).fake_without_avatar
    await stage.manager.click(screen, label="Save")
    assert "Saved." in words_of(screen)
    assert "**4** of them as fake now" in words_of(screen)
    settings = await stage.settings()
    assert settings.fake_without_avatar
    assert settings.fake_minimum_account_age_days == 3
    assert not settings.prevent_own_invite_code
    assert (await stage.service.fetch_counts(stage.guild.id, stage.member.id)).real == 2


async def test_the_screen_works_on_after_a_restart(stage: Stage) -> None:
    await record(stage)
    shown = await stage.use(stage.manager, "rules")
    screen = shown.response
    assert screen is not None
    await stage.manager.click(screen, label="Own link")

    await stage.place.restart()
    await stage.manager.click(screen, label="Coming back")
    await stage.manager.click(screen, label="Save")

    settings = await stage.settings()
    assert settings.prevent_own_invite_code
    assert settings.fake_rejoins


async def test_what_others_saved_meanwhile_is_not_overwritten_unseen(stage: Stage) -> None:
    await record(stage)
    shown = await stage.use(stage.manager, "rules")
    screen = shown.response
    assert screen is not None
    await stage.manager.click(screen, label="Own link")
    await stage.save(fake_rejoins=True)

    await stage.manager.click(screen, label="Save")

    assert "meanwhile" in words_of(screen) or "somebody else" in words_of(screen).lower()
    assert not (await stage.settings()).prevent_own_invite_code
    await stage.manager.click(screen, label="Save")
    assert (await stage.settings()).prevent_own_invite_code


@pytest.mark.parametrize("label", ["Own link", "Save"])
async def test_pressing_needs_the_permission_still(stage: Stage, label: str) -> None:
    shown = await stage.use(stage.manager, "rules")
    screen = shown.response
    assert screen is not None
    await stage.manager.click(screen, label="No avatar")
    stage.place.world.edit_member(stage.guild.id, stage.manager.id, {"role_ids": []})

    refused = await stage.manager.click(screen, label=label)

    assert "You need the permission" in words_of(refused)
    assert not (await stage.settings()).fake_without_avatar


async def test_the_form_of_the_rules_says_what_came_of_them(stage: Stage) -> None:
    await record(stage)
    await stage.save(fake_rejoins=True)
    form = await stage.use(stage.manager, "settings rules")

    saved = await stage.manager.submit_modal(form, {"rules": ["fake_rejoins"], "days": "3"})

    assert "4 of 10 joins count as fake now." in words_of(saved)
