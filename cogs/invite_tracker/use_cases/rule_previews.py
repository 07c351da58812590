"""What the fake rules would change, before they are saved."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from cogs.invite_tracker.counting import counted_since_ms
from cogs.invite_tracker.use_cases.module import ModuleUseCases
from storage.invite_counts import fetch_counts, fetch_leaderboard
from storage.join_standings import Marks, fetch_marked_joins
from storage.records import FakeRules

SUGGESTED_AGE_DAYS: Final = 7
"""What the least age of an account is tried with while the rule is off."""

RULES: Final = ("own_invite", "rejoin", "no_avatar", "minimum_account_age_days")
"""The fields of FakeRules."""


@dataclass(frozen=True, slots=True)
class RuleEffect:
    """One rule: whether it is on among the chosen ones, and how many joins would be fake if it were the other way."""

    rule: str
    is_on: bool
    age_days: int
    """The least age that is compared with; 0 for the other rules."""
    fake_if_toggled: int


@dataclass(frozen=True, slots=True)
class InviterEffect:
    """The real invites of an inviter by the saved and by the chosen rules."""

    inviter_id: int
    saved: int
    chosen: int


@dataclass(frozen=True, slots=True)
class RulePreview:
    """What rules would change, over the joins that count for somebody."""

    saved_rules: FakeRules
    chosen_rules: FakeRules
    version: int
    """Of the settings that are saved."""
    joins: int
    saved_fake: int
    chosen_fake: int
    effects: tuple[RuleEffect, ...]
    inviters: tuple[InviterEffect, ...]
    """Those who lead by the one or by the other rules, in the order of the chosen ones."""


class RulePreviewUseCases(ModuleUseCases):
    """What is asked about rules."""

    async def preview_rules(self, guild_id: int, chosen: FakeRules | None, top: int) -> RulePreview:
        """Return what these rules would change; with None those that are saved, of which each may be toggled."""
        stored = await self.fetch_settings(guild_id)
        saved = stored.values.fake_rules
        chosen = chosen or saved
        since_ms = counted_since_ms(self._clock.now_ms())
        age_days = chosen.minimum_account_age_days or saved.minimum_account_age_days or SUGGESTED_AGE_DAYS
        async with self._database.read() as rx:
            marked = await fetch_marked_joins(rx, guild_id, age_days, since_ms)
            by_saved_age = await fetch_marked_joins(rx, guild_id, saved.minimum_account_age_days, since_ms)
            ids: dict[int, None] = {}
            for rules in (chosen, saved):
                board = await fetch_leaderboard(rx, guild_id, rules, since_ms, top, 0, with_bonus_alone=True)
                ids |= dict.fromkeys(inviter_id for inviter_id, _counts in board)
            inviters = [
                InviterEffect(
                    inviter_id,
                    (await fetch_counts(rx, guild_id, inviter_id, saved, since_ms)).real,
                    (await fetch_counts(rx, guild_id, inviter_id, chosen, since_ms)).real,
                )
                for inviter_id in ids
            ]
        return RulePreview(
            saved_rules=saved,
            chosen_rules=chosen,
            version=stored.version,
            joins=sum(marked.values()),
            saved_fake=_count_fake(by_saved_age, saved),
            chosen_fake=_count_fake(marked, chosen),
            effects=tuple(_effect(rule, chosen, age_days, marked) for rule in RULES),
            inviters=tuple(sorted(inviters, key=lambda one: -one.chosen)),
        )

    async def save_rules(self, guild_id: int, rules: FakeRules, expected_version: int) -> None:
        """Save them; raises ConflictError when settings were saved by somebody else since."""
        changes = {
            "prevent_own_invite_code": rules.own_invite,
            "fake_rejoins": rules.rejoin,
            "fake_without_avatar": rules.no_avatar,
            "fake_minimum_account_age_days": rules.minimum_account_age_days,
        }
        await self.change_settings(guild_id, changes, expected_version)


def toggle(rules: FakeRules, rule: str, age_days: int) -> FakeRules:
    """Return the rules with one of them the other way; the age, where it was off, becomes this one."""
    if rule == "minimum_account_age_days":
        return replace(rules, minimum_account_age_days=0 if rules.minimum_account_age_days else age_days)
    return replace(rules, **{rule: not getattr(rules, rule)})


def _effect(rule: str, chosen: FakeRules, age_days: int, marked: Mapping[Marks, int]) -> RuleEffect:
    return RuleEffect(
        rule=rule,
        is_on=bool(getattr(chosen, rule)),
        age_days=age_days if rule == "minimum_account_age_days" else 0,
        fake_if_toggled=_count_fake(marked, toggle(chosen, rule, age_days)),
    )


def _count_fake(marked: Mapping[Marks, int], rules: FakeRules) -> int:
    return sum(count for marks, count in marked.items() if marks.is_fake(rules))
