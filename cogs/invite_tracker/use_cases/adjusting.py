"""Counts as admins adjust them: bonuses, and resets; each entry says who made it and when."""

from dataclasses import dataclass
from typing import Final

from bot.errors import UnprocessableEntityError
from bot.settings.fields import SettingChange
from bot.text.escape import escape_markdown, tame_name
from bot.text.language import _, ngettext
from bot.text.numbers import format_signed
from cogs.invite_tracker.counting import counted_since_ms
from cogs.invite_tracker.use_cases.noting import NotingUseCases
from storage import bonuses, invite_counts, resets
from storage.bonuses import Bonus
from storage.join_standings import fetch_marked_joins
from storage.records import InviteCounts
from storage.resets import Reset

BONUS_MOST: Final = 1_000_000
REASON_LENGTH: Final = 200


@dataclass(frozen=True, slots=True)
class BonusPage:
    """One page of entries, the last first; pages count from 1."""

    rows: tuple[Bonus, ...]
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class ServerAmounts:
    """What a reset of the whole server clears."""

    joins: int
    inviters: int


@dataclass(frozen=True, slots=True)
class UndoneReset:
    """A reset that does not hold any more, and how many joins count again."""

    reset: Reset
    joins: int


class AdjustingUseCases(NotingUseCases):
    """What admins do to counts."""

    async def grant_bonus(self, guild_id: int, inviter_id: int, amount: int, reason: str) -> InviteCounts:
        """Add to an inviter's bonus, or take from it with a negative amount; return their counts now."""
        await self._require_enabled(guild_id)
        self._require_nameable(guild_id, inviter_id)
        reason = reason.strip()
        if amount == 0 or abs(amount) > BONUS_MOST:
            raise UnprocessableEntityError(
                _("The amount must be a number from 1 to {most}.", most=BONUS_MOST)
            )
        if not 1 <= len(reason) <= REASON_LENGTH:
            raise UnprocessableEntityError(
                _("The reason must have 1 to {most} characters.", most=REASON_LENGTH)
            )
        async with self._database.write() as tx:
            await self._require_enabled_in(tx, guild_id)
            await bonuses.insert_bonus(
                tx,
                guild_id,
                inviter_id,
                amount,
                reason,
                granted_by=self._acting_id(guild_id),
                granted_at_ms=self._clock.now_ms(),
            )
        counts = await self.fetch_counts(guild_id, inviter_id)

        def tell() -> SettingChange:
            label = _("Bonus of {person}", person=f"<@{inviter_id}>")
            after = f"{format_signed(counts.bonus)} ({escape_markdown(tame_name(reason))})"
            return SettingChange(label, format_signed(counts.bonus - amount), after)

        self._note(guild_id, tell, f"a bonus of {amount:+} was noted")
        return counts

    async def fetch_bonus_page(
        self, guild_id: int, inviter_id: int | None, page: int, page_size: int
    ) -> BonusPage:
        """Return a page of an inviter's entries, of everybody's for None; a page past the end is the last one."""
        await self._require_enabled(guild_id)
        async with self._database.read() as rx:
            total = await bonuses.fetch_bonus_count(rx, guild_id, inviter_id)
            pages = max(1, -(-total // page_size))
            page = min(max(1, page), pages)
            rows = await bonuses.fetch_bonuses(rx, guild_id, inviter_id, page_size, (page - 1) * page_size)
        return BonusPage(tuple(rows), page, pages, total)

    async def fetch_counts(self, guild_id: int, inviter_id: int) -> InviteCounts:
        """Return the counts of an inviter within the retention window."""
        rules = (await self.fetch_settings(guild_id)).values.fake_rules
        async with self._database.read() as rx:
            return await invite_counts.fetch_counts(
                rx, guild_id, inviter_id, rules, counted_since_ms(self._clock.now_ms())
            )

    async def fetch_server_amounts(self, guild_id: int) -> ServerAmounts:
        """Return how many joins count for how many inviters."""
        await self._require_enabled(guild_id)
        since_ms = counted_since_ms(self._clock.now_ms())
        async with self._database.read() as rx:
            inviters = await invite_counts.fetch_leaderboard_count(
                rx, guild_id, since_ms, with_bonus_alone=False
            )
        return ServerAmounts(await self._count_joins(guild_id, None), inviters)

    async def reset(self, guild_id: int, inviter_id: int | None) -> int:
        """Let an inviter, or for None everybody, begin to count anew; return how many joins do not count any more.

        Bonuses stay. It holds at once, whatever is stored, and can be undone.
        """
        await self._require_enabled(guild_id)
        # Counting may take long and is done while others write; the reset itself is one row.
        cleared = await self._count_joins(guild_id, inviter_id)
        if not cleared:
            raise UnprocessableEntityError(_("There are no joins that count, so there is nothing to reset."))
        async with self._database.write() as tx:
            await self._require_enabled_in(tx, guild_id)
            by = self._acting_id(guild_id)
            await resets.insert_reset(tx, guild_id, inviter_id, by, self._clock.now_ms())

        def tell() -> SettingChange:
            joins = ngettext("{count} join cleared", "{count} joins cleared", cleared)
            return SettingChange(_reset_label(inviter_id), _("counted"), joins)

        self._note(guild_id, tell, f"a reset cleared {cleared} joins")
        return cleared

    async def undo_reset(self, guild_id: int) -> UndoneReset:
        """Let the last reset that was not undone hold no more."""
        await self._require_enabled(guild_id)
        before = await self._count_joins(guild_id, None)
        async with self._database.write() as tx:
            reset = await resets.fetch_last_reset(tx, guild_id)
            if reset is None:
                raise UnprocessableEntityError(
                    _("There is no reset to undo: there was none, or its joins are not kept any more.")
                )
            await resets.update_reset_undone(
                tx, guild_id, reset.reset_id, self._acting_id(guild_id), self._clock.now_ms()
            )
        # Joins that come meanwhile count as well, so this is never less than none.
        again = max(0, await self._count_joins(guild_id, None) - before)

        def tell() -> SettingChange:
            joins = ngettext("{count} join counts again", "{count} joins count again", again)
            return SettingChange(_reset_label(reset.inviter_id), _("cleared"), joins)

        self._note(guild_id, tell, f"a reset was undone, {again} joins count again")
        return UndoneReset(reset, again)

    async def _count_joins(self, guild_id: int, inviter_id: int | None) -> int:
        """Return how many joins count for an inviter, for anybody with None, fake or not."""
        since_ms = counted_since_ms(self._clock.now_ms())
        async with self._database.read() as rx:
            if inviter_id is not None:
                return await invite_counts.fetch_credited_join_count(rx, guild_id, inviter_id, since_ms)
            return sum((await fetch_marked_joins(rx, guild_id, 0, since_ms)).values())


def _reset_label(inviter_id: int | None) -> str:
    if inviter_id is None:
        return _("Reset of the server")
    return _("Reset of {person}", person=f"<@{inviter_id}>")
