"""What an import did, or would do, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from cogs.invite_tracker.counting import STATISTICS_DAYS
from cogs.invite_tracker.retention import JOIN_DAYS
from cogs.invite_tracker.transfer.dates import DAY_MS, day_of
from cogs.invite_tracker.transfer.importing import Tally

REFUSED_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Report:
    """An import or a dry run."""

    description: str
    notes: tuple[str, ...]
    tally: Tally
    retention: int | Literal["while_member"]
    """Days for which joins are kept, 0 for ever."""
    is_dry_run: bool
    is_written: bool
    skips_refused: bool
    now_ms: int

    @property
    def is_clean(self) -> bool:
        """Whether no line stood in the way."""
        return self.skips_refused or not self.tally.refused

    def render(self) -> str:
        """Return the report for the operator, in lines."""
        return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        tally = self.tally
        yield f"{self.description}. Dates that name no timezone are taken for UTC."
        yield from self.notes
        yield (
            f"{_count(tally.read, 'line')} read: {tally.new:,} new, {tally.on_record:,} on record already, "
            f"{tally.repeated:,} repeated in the file, {tally.refused:,} refused."
        )
        yield from self._refusal_lines()
        if tally.new:
            yield from self._effect_lines()
        yield self._outcome()

    def _refusal_lines(self) -> Iterator[str]:
        shown = self.tally.refusals[:REFUSED_SHOWN]
        for refused in shown:
            yield f"  line {refused.line:,}: {refused.reason}"
        if self.tally.refused > len(shown):
            yield f"  … and {self.tally.refused - len(shown):,} more"

    def _effect_lines(self) -> Iterator[str]:
        tally, effect = self.tally, self.tally.effect
        if effect is None:
            return
        if tally.anonymous:
            yield f"{_count(tally.anonymous, 'new join')} without a member, who may not be named."
        yield (
            f"{_count(effect.recent, 'new join')} of the last {STATISTICS_DAYS} days, of which {effect.counted:,} "
            f"for an inviter; {tally.new - effect.recent:,} older, on record but in no count: "
            f"statistics look back {STATISTICS_DAYS} days."
        )
        if effect.gains:
            gains = ", ".join(f"{inviter_id} +{gained:,}" for inviter_id, gained in effect.gains)
            more = ", …" if sum(gained for _, gained in effect.gains) < effect.counted else ""
            yield f"Inviters who gain, before the rules for fake joins and leaves: {gains}{more}."
        if effect.displaced:
            yield (
                f"{_count(effect.displaced, 'join')} on record will count no more, "
                "as an earlier one of the same member does."
            )
        yield (
            f"Kept {self._retention()}. Whoever left meanwhile is noticed when the bot starts next; until then they are "
            "taken to be here, where the file does not say otherwise."
        )

    def _retention(self) -> str:
        match self.retention:
            case "while_member":
                return f"while the member is here, and {JOIN_DAYS} days"
            case 0:
                return "for ever"
            case days:
                until = day_of(self.now_ms + days * DAY_MS)
                return f"for {_count(days, 'day')} from today (until {until}), as joins are from the day of recording"

    def _outcome(self) -> str:
        if self.is_written:
            return "Imported." if self.tally.new else "Nothing was new: nothing was changed."
        if self.is_dry_run:
            if self.is_clean:
                return "This was a dry run: nothing was changed."
            return (
                "This was a dry run: nothing was changed, and nothing would be, unless with --skip-refused."
            )
        return "Nothing was imported: correct the refused lines, or leave them out with --skip-refused."


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
