"""What admins know better: a join is corrected by hand, and a correction is undone."""

from dataclasses import dataclass, replace

import discord

from bot.errors import UnprocessableEntityError
from bot.settings.fields import SettingChange
from bot.text.language import _, ngettext
from cogs.invite_tracker.confirming.recording import NearJoins, share_out_anew
from cogs.invite_tracker.invite_links import parse_invite_code
from cogs.invite_tracker.tracking.anonymity import Anonymity
from cogs.invite_tracker.use_cases.noting import NotingUseCases
from storage import corrections, invites
from storage.confirmations import update_join_messages_changed
from storage.corrections import Attribution
from storage.database import ReadTransaction, WriteTransaction
from storage.joins import fetch_joins_of_members, upsert_attribution
from storage.records import Certainty, Join, Method, Source

Person = discord.Member | discord.User


@dataclass(frozen=True, slots=True)
class Corrected:
    """A join as it was on record before a correction or its undo, and as it is now."""

    before: Join
    after: Join
    is_earliest: bool
    """Whether it can count: a later join of a member credits nobody."""


@dataclass(frozen=True, slots=True)
class _Way:
    """How a member is to have come."""

    source: Source
    code: str | None = None
    inviter_id: int | None = None
    is_credited: bool = True


class CorrectionUseCases(NotingUseCases):
    """What is done by hand about how members came."""

    async def correct_join(
        self, guild_id: int, member_id: int, *, inviter: Person | None, code: str | None, number: int = 1
    ) -> Corrected:
        """Put on record who invited a member; without inviter it is the one of the code, without both nobody.

        `number` counts the member's joins back from the latest, 1. It stands until it is undone: no measurement replaces it.
        """
        await self._require_enabled(guild_id)
        if inviter is not None:
            if inviter.bot:
                raise UnprocessableEntityError(
                    _("A bot invites nobody: name the person who gave the link away.")
                )
            self._require_nameable(guild_id, inviter.id)
        typed = None if code is None else parse_invite_code(code)
        async with self._database.write() as tx:
            before, is_earliest = await self._require_join(tx, guild_id, member_id, number)
            way = await self._find_way(tx, before, None if inviter is None else inviter.id, typed)
            if before.source is Source.EXISTING:
                # They were here before: their days of statistics begin when they were put on record.
                way = replace(way, source=Source.EXISTING)
            # The owner of the link may have opted out since it was seen.
            after = self._anonymity(guild_id).stored_join(_corrected(before, way), is_hidden=False)
            if after == before:
                raise UnprocessableEntityError(_("An admin has put this on record already."))
            await corrections.insert_correction(
                tx, before, after, self._acting_id(guild_id), self._clock.now_ms()
            )
            await self._write(tx, before, after)
        self._tell_of(guild_id, before, after, "a join was corrected by hand")
        return Corrected(before, after, is_earliest)

    async def undo_correction(self, guild_id: int, member_id: int, *, number: int = 1) -> Corrected:
        """Bring back what was believed before the last correction of a join; what was corrected then stands again.

        Whoever opted out meanwhile is not named again.
        """
        await self._require_enabled(guild_id)
        async with self._database.write() as tx:
            before, is_earliest = await self._require_join(tx, guild_id, member_id, number)
            correction = await corrections.fetch_standing_correction(tx, guild_id, before.join_id)
            if correction is None:
                raise UnprocessableEntityError(_("No admin has corrected this join."))
            believed = correction.before.put_into(before)
            after = self._anonymity(guild_id).stored_join(believed, is_hidden=False)
            await corrections.update_correction_undone(
                tx, guild_id, correction.correction_id, self._acting_id(guild_id), self._clock.now_ms()
            )
            await self._write(tx, before, after)
            await self._tracking.expect_confirmation(tx, [after])
        self._tracking.wake_confirmation()
        self._tell_of(guild_id, before, after, "the correction of a join was undone")
        return Corrected(before, after, is_earliest)

    def _anonymity(self, guild_id: int) -> Anonymity:
        return Anonymity(lambda user_id: self._is_opted_out(guild_id, user_id))

    async def _require_join(
        self, rx: ReadTransaction, guild_id: int, member_id: int, number: int
    ) -> tuple[Join, bool]:
        """Return the join of that number, and whether it is the member's earliest."""
        of_member = (await fetch_joins_of_members(rx, guild_id, [member_id])).get(member_id, [])
        if not of_member:
            raise UnprocessableEntityError(
                _(
                    "No join of {person} is on record, so there is nothing to correct.",
                    person=f"<@{member_id}>",
                )
            )
        if not 1 <= number <= len(of_member):
            raise UnprocessableEntityError(
                ngettext(
                    "Only {count} join of {person} is on record.",
                    "Only {count} joins of {person} are on record.",
                    len(of_member),
                    person=f"<@{member_id}>",
                )
            )
        return of_member[-number], number == len(of_member)

    async def _find_way(
        self, rx: ReadTransaction, join: Join, inviter_id: int | None, code: str | None
    ) -> _Way:
        if join.source is Source.BOT:
            if code is not None:
                raise UnprocessableEntityError(_("A bot does not come through an invite link."))
            return _Way(Source.BOT, inviter_id=inviter_id, is_credited=False)
        if code is None:
            if inviter_id is None:
                return _Way(Source.UNKNOWN)
            return _Way(Source.INVITE, await self._likely_code(rx, join, inviter_id), inviter_id)
        known = await invites.fetch_known_invite(rx, join.guild_id, code)
        if known is not None:
            return _Way(Source.INVITE, code, inviter_id or known.inviter_id)
        baseline = await invites.fetch_baseline(rx, join.guild_id)
        if baseline is not None and baseline.vanity_code == code:
            if inviter_id is not None:
                raise UnprocessableEntityError(
                    _("`{code}` is the vanity URL, which is nobody's: leave the inviter out.", code=code)
                )
            return _Way(Source.VANITY, code)
        raise UnprocessableEntityError(
            _("I have never seen an invite with the code `{code}` in this server.", code=code)
        )

    async def _likely_code(self, rx: ReadTransaction, join: Join, inviter_id: int) -> str | None:
        """Return the one link of the inviter that fits the join; None when there is none, or several."""
        codes = {one.code for one in join.candidates if one.inviter_id == inviter_id}
        if join.code is not None and join.source is Source.INVITE:
            known = await invites.fetch_known_invite(rx, join.guild_id, join.code)
            if inviter_id in (join.inviter_id, None if known is None else known.inviter_id):
                codes = {join.code}
        return codes.pop() if len(codes) == 1 else None

    async def _write(self, tx: WriteTransaction, before: Join, after: Join) -> None:
        if _is_measured(before) and _is_measured(after) and _is_doubtful(before, after):
            # Each use of a code is credited once: who was credited with this one came by another.
            await share_out_anew(tx, before, after, NearJoins(after.guild_id))
        await upsert_attribution(tx, after)
        await update_join_messages_changed(tx, after.guild_id, [after.join_id])

    def _tell_of(self, guild_id: int, before: Join, after: Join, in_log: str) -> None:
        self._tracking.show_changes(guild_id, [after.join_id])

        def tell() -> SettingChange:
            label = _("Join of {person}", person=f"<@{after.member_id}>")
            return SettingChange(label, _brief(before), _brief(after))

        self._note(guild_id, tell, in_log)


def _corrected(join: Join, way: _Way) -> Join:
    attribution = Attribution(
        source=way.source,
        code=way.code,
        inviter_id=way.inviter_id,
        method=Method.MANUAL,
        certainty=Certainty.CERTAIN,
        candidates=(),
        reason=None,
        credited_code=way.code,
        credited_inviter_id=way.inviter_id if way.is_credited else None,
        is_own_invite=way.inviter_id is not None and way.inviter_id == join.member_id,
    )
    return attribution.put_into(join)


def _is_measured(join: Join) -> bool:
    """Whether a use of a code that was counted here stands behind the credit, by what is believed."""
    return join.credited_code is not None and join.method is not Method.IMPORTED


def _is_doubtful(*joins: Join) -> bool:
    return any(join.certainty is Certainty.AMBIGUOUS for join in joins)


def _brief(join: Join) -> str:
    parts = [f"<@{join.inviter_id}>"] if join.inviter_id is not None else []
    if join.code is not None:
        parts.append(f"`{join.code}`")
    if join.certainty is Certainty.AMBIGUOUS:
        parts.append(_("not certain"))
    return " · ".join(parts) or _("nobody known")
