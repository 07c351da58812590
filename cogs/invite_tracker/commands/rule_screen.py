"""/invite_tracker rules: tries fake rules out before they are saved.

What is chosen stands in the controls themselves, so the screen works on after a restart.
"""

from typing import Final

import discord

from bot.errors import ConflictError
from bot.text.language import N_, _, ngettext
from bot.text.numbers import format_number
from bot.ui.access import check_manage
from bot.ui.actions import Actions, Press, button, select
from bot.ui.look import NO_PINGS, Interaction, answer, make_embed
from bot.ui.scope import guild_of
from cogs.invite_tracker.counting import STATISTICS_DAYS
from cogs.invite_tracker.service import InviteTrackerService
from cogs.invite_tracker.use_cases.rule_previews import RULES, RuleEffect, RulePreview, toggle
from storage.records import FakeRules

TOP: Final = 5
AGES_DAYS: Final = (0, 1, 3, 7, 14, 30, 60, 90, 180, 365)

AGE_RULE: Final = "minimum_account_age_days"
_LABELS: Final = {
    "own_invite": N_("Own link"),
    "rejoin": N_("Coming back"),
    "no_avatar": N_("No avatar"),
    AGE_RULE: N_("Least age of an account"),
}
_TOGGLE: Final = "tracker.rules"
_AGE: Final = "tracker.rules.age"
_SAVE: Final = "tracker.rules.save"


class RuleScreen:
    """Shows what rules would change, and saves them."""

    def __init__(self, actions: Actions, service: InviteTrackerService) -> None:
        self._service = service
        actions.on(_TOGGLE, self._toggle, arguments=3)
        actions.on(_AGE, self._choose_age, arguments=2)
        actions.on(_SAVE, self._save, arguments=2)

    async def show(self, interaction: Interaction) -> None:
        """Answer with the rules as they are saved."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        preview = await self._service.preview_rules(guild_of(interaction).id, None, TOP)
        await answer(interaction, embed=_describe(preview), view=_controls(preview, interaction.user.id))

    async def _toggle(self, interaction: Interaction, press: Press) -> None:
        version, chosen, rule = press.arguments
        rules = _decode(chosen)
        if rule in RULES:
            rules = toggle(rules, rule, 0)
        await self._redraw(interaction, rules, int(version))

    async def _choose_age(self, interaction: Interaction, press: Press) -> None:
        version, chosen = press.arguments
        rules = _decode(chosen)
        rules = FakeRules(rules.own_invite, rules.rejoin, rules.no_avatar, int(press.values[0]))
        await self._redraw(interaction, rules, int(version))

    async def _redraw(
        self, interaction: Interaction, rules: FakeRules, version: int, notice: str | None = None
    ) -> None:
        check_manage(interaction)
        if not interaction.response.is_done():
            await interaction.response.defer()
        preview = await self._service.preview_rules(guild_of(interaction).id, rules, TOP)
        await interaction.edit_original_response(
            content=notice,
            embed=_describe(preview),
            view=_controls(preview, interaction.user.id, version),
            allowed_mentions=NO_PINGS,
        )

    async def _save(self, interaction: Interaction, press: Press) -> None:
        check_manage(interaction)
        version, chosen = press.arguments
        await interaction.response.defer()
        guild_id = guild_of(interaction).id
        try:
            await self._service.save_rules(guild_id, _decode(chosen), int(version))
        except ConflictError as error:
            # What was chosen stays chosen, compared with what the other has saved.
            stored = await self._service.fetch_settings(guild_id)
            await self._redraw(interaction, _decode(chosen), stored.version, error.message)
            return
        preview = await self._service.preview_rules(guild_id, None, TOP)
        await interaction.edit_original_response(
            content=_("Saved. It holds for past joins, too."),
            embed=_describe(preview),
            view=_controls(preview, interaction.user.id),
            allowed_mentions=NO_PINGS,
        )


def _describe(preview: RulePreview) -> discord.Embed:
    joins = ngettext("{count} join counts", "{count} joins count", preview.joins)
    period = ngettext("the last day", "the last {count} days", STATISTICS_DAYS)
    lines = [
        _(
            "{joins} in {period}; **{fake}** of them as fake now.",
            joins=joins,
            period=period,
            fake=format_number(preview.saved_fake),
        )
    ]
    is_changed = preview.chosen_rules != preview.saved_rules
    if is_changed:
        lines.append(
            _(
                "With what is chosen here: **{fake}**. Nothing is saved yet.",
                fake=format_number(preview.chosen_fake),
            )
        )
    lines.append("")
    lines += [_effect_line(effect, preview) for effect in preview.effects]
    if preview.inviters:
        lines += ["", f"**{_('Real invites of those who lead')}**"]
        for inviter in preview.inviters:
            amounts = format_number(inviter.saved)
            if inviter.chosen != inviter.saved:
                amounts = f"{amounts} → **{format_number(inviter.chosen)}**"
            lines.append(f"<@{inviter.inviter_id}> · {amounts}")
    return make_embed(_("Which joins count as fake?"), "\n".join(lines), warning=is_changed)


def _effect_line(effect: RuleEffect, preview: RulePreview) -> str:
    name = _(_LABELS[effect.rule])
    if effect.rule == AGE_RULE:
        days = ngettext("{count} day", "{count} days", effect.age_days)
        name = f"{name}, {days}"
    amounts = {
        "fake": format_number(effect.fake_if_toggled),
        "joins": format_number(preview.joins),
        "now": format_number(preview.chosen_fake),
    }
    if effect.is_on:
        what = _("turned off: {fake} of {joins} joins would count as fake (now {now})", **amounts)
    else:
        what = _("turned on: {fake} of {joins} joins would count as fake (now {now})", **amounts)
    return f"{'✅' if effect.is_on else '▫️'} **{name}** · {what}"


def _controls(preview: RulePreview, owner_id: int, version: int | None = None) -> discord.ui.View:
    version = preview.version if version is None else version
    chosen = _encode(preview.chosen_rules)
    view = discord.ui.View(timeout=None)
    for effect in preview.effects:
        if effect.rule == AGE_RULE:
            continue
        style = discord.ButtonStyle.success if effect.is_on else discord.ButtonStyle.secondary
        view.add_item(
            button(
                _TOGGLE,
                version,
                chosen,
                effect.rule,
                owner_id=owner_id,
                label=_(_LABELS[effect.rule]),
                style=style,
            )
        )
    days = preview.chosen_rules.minimum_account_age_days
    options = [
        discord.SelectOption(label=_age_label(age), value=str(age), default=age == days)
        for age in sorted({*AGES_DAYS, days, preview.saved_rules.minimum_account_age_days})
    ]
    view.add_item(select(_AGE, version, chosen, owner_id=owner_id, options=options))
    is_unchanged = preview.chosen_rules == preview.saved_rules
    save = button(
        _SAVE,
        version,
        chosen,
        owner_id=owner_id,
        label=_("Save"),
        style=discord.ButtonStyle.primary,
        disabled=is_unchanged,
    )
    view.add_item(save)
    return view


def _age_label(days: int) -> str:
    if not days:
        return _("Least age of an account: off")
    return ngettext("Least age of an account: {count} day", "Least age of an account: {count} days", days)


def _encode(rules: FakeRules) -> str:
    switches = "".join(str(int(one)) for one in (rules.own_invite, rules.rejoin, rules.no_avatar))
    return f"{switches}.{rules.minimum_account_age_days}"


def _decode(text: str) -> FakeRules:
    switches, _dot, days = text.partition(".")
    own_invite, rejoin, no_avatar = (one == "1" for one in switches)
    return FakeRules(own_invite, rejoin, no_avatar, int(days))
