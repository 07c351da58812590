"""What is on record, in full: a join with its evidence, the members of a code, the invites of a member, labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.errors import UnprocessableEntityError
from bot.settings.fields import NOTHING, SettingChange
from bot.text.language import _
from bot.ui.look import safe_name
from cogs.invite_tracker.counting import counted_since_ms
from cogs.invite_tracker.invite_links import parse_invite_code
from cogs.invite_tracker.use_cases.links import InvitePage
from cogs.invite_tracker.use_cases.noting import NotingUseCases
from storage import corrections, invites, join_standings
from storage.corrections import Correction
from storage.database import ReadTransaction
from storage.join_standings import MemberOfCode, Standing, fetch_standing
from storage.joins import fetch_joins_of_members
from storage.records import FakeRules, Join, KnownInvite, Source

LABEL_LENGTH: Final = 50


@dataclass(frozen=True, slots=True)
class Explanation:
    """A join with all that is known of it."""

    join: Join
    number: int
    """Counted back from the member's latest join, 1."""
    count: int
    """How many joins of the member are on record."""
    standing: Standing
    rules: FakeRules
    is_recent: bool
    """Whether it is within the days that statistics look back."""
    corrections: Sequence[Correction]
    """The last first."""
    labels: Mapping[str, str]
    """By code, of the codes that it names and that have one."""
    counts_existing: bool = False
    """Whether members from before count here."""


@dataclass(frozen=True, slots=True)
class MembersOfCode:
    """Who came by a code for certain, and who perhaps did."""

    code: str
    members: Sequence[MemberOfCode]
    perhaps: Sequence[MemberOfCode]
    """Those of whose joins it is one explanation among several."""
    unnamed: int
    """How many joins by it have no member that may be named."""


class RecordUseCases(NotingUseCases):
    """What is asked about single joins and codes."""

    async def explain_join(self, guild_id: int, member_id: int, number: int) -> Explanation | None:
        """Return a join of a member, counted back from the latest, 1, or the nearest one; None when there is none."""
        settings = (await self.fetch_settings(guild_id)).values
        rules = settings.fake_rules
        since_ms = counted_since_ms(self._clock.now_ms())
        async with self._database.read() as rx:
            of_member = (await fetch_joins_of_members(rx, guild_id, [member_id])).get(member_id, [])
            if not of_member:
                return None
            number = min(max(1, number), len(of_member))
            join = of_member[-number]
            standing = await fetch_standing(rx, guild_id, join.join_id, rules)
            if standing is None:
                return None
            named = [join.code, *(one.code for one in join.candidates), *(one.code for one in join.evidence)]
            labels = await invites.fetch_labels(rx, guild_id, [code for code in named if code is not None])
            noted = await corrections.fetch_corrections_of_join(rx, guild_id, join.join_id)
        return Explanation(
            join=join,
            number=number,
            count=len(of_member),
            standing=standing,
            rules=rules,
            is_recent=since_ms
            <= (join.recorded_at_ms if join.source is Source.EXISTING else join.joined_at_ms),
            corrections=noted,
            labels=labels,
            counts_existing=settings.count_existing,
        )

    async def fetch_code(self, guild_id: int, code: str) -> tuple[str, KnownInvite | None]:
        """Return a code as it is on record, and its invite, a deleted one too.

        The vanity URL has none, nor has a code that only joins name: one that was imported, or that Discord's search told.
        Raises UnprocessableEntityError for a code that was never seen.
        """
        await self._require_enabled(guild_id)
        code = parse_invite_code(code)
        async with self._database.read() as rx:
            known = await invites.fetch_known_invite(rx, guild_id, code)
            is_seen = known is not None or await join_standings.fetch_is_code_named(rx, guild_id, code)
            is_vanity = await self._is_vanity(rx, guild_id, code)
        if not is_seen and not is_vanity:
            raise _never_seen(code)
        return code, known

    async def _is_vanity(self, rx: ReadTransaction, guild_id: int, code: str) -> bool:
        baseline = await invites.fetch_baseline(rx, guild_id)
        return baseline is not None and baseline.vanity_code == code

    async def fetch_members_of_code(self, guild_id: int, code: str) -> MembersOfCode:
        """Return everybody who came by a code, or perhaps did, as long as their joins are kept."""
        code, _known = await self.fetch_code(guild_id, code)
        async with self._database.read() as rx:
            members = await join_standings.fetch_members_of_code(rx, guild_id, code)
            perhaps = await join_standings.fetch_members_perhaps_of_code(rx, guild_id, code)
            unnamed = await join_standings.fetch_unnamed_count_of_code(rx, guild_id, code)
        certain = {one.member_id for one in members}
        return MembersOfCode(code, members, [one for one in perhaps if one.member_id not in certain], unnamed)

    async def fetch_invites_of(self, guild_id: int, inviter_id: int, page: int, page_size: int) -> InvitePage:
        """Return a page of the invites of a person, deleted ones too, live ones first, most used first."""
        await self._require_enabled(guild_id)
        async with self._database.read() as rx:
            total = await invites.fetch_invite_count_of(rx, guild_id, inviter_id)
            pages = max(1, -(-total // page_size))
            page = min(max(1, page), pages)
            rows = await invites.fetch_invites_of(rx, guild_id, inviter_id, page_size, (page - 1) * page_size)
        return InvitePage(tuple(rows), page, pages, total)

    async def label_code(self, guild_id: int, code: str, label: str | None) -> KnownInvite:
        """Give an invite a name, or take it away with None or nothing; return the invite as it was before."""
        code, known = await self.fetch_code(guild_id, code)
        if known is None:
            async with self._database.read() as rx:
                if not await self._is_vanity(rx, guild_id, code):
                    raise _never_seen(code)
            raise UnprocessableEntityError(
                _(
                    "`{code}` is the vanity URL, which needs no label: Discord shows it by its name.",
                    code=code,
                )
            )
        label = " ".join((label or "").split()) or None
        if label is not None and len(label) > LABEL_LENGTH:
            raise UnprocessableEntityError(
                _("The label must have at most {most} characters.", most=LABEL_LENGTH)
            )
        if label == known.label:
            return known
        async with self._database.write() as tx:
            await invites.update_label(tx, guild_id, code, label)

        def tell() -> SettingChange:
            before, after = (safe_name(one) if one else _(NOTHING) for one in (known.label, label))
            return SettingChange(_("Label of {code}", code=f"`{code}`"), before, after)

        self._note(guild_id, tell, f"the label of the invite {code} was changed")
        return known


def _never_seen(code: str) -> UnprocessableEntityError:
    return UnprocessableEntityError(
        _("I have never seen an invite with the code `{code}` in this server.", code=code)
    )
