"""What the invite tracker knows of a person, and how it forgets them: others' history and counts stay as they are."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from bot.client import HeadcountClient
from bot.privacy import Amount, Erasure, Person, ReferenceCounts
from bot.steps import PAUSE_SECONDS, in_steps
from bot.text.language import N_, _, ngettext
from cogs.invite_tracker.leaderboard.forgetting import erase_from_left_out, is_left_out
from cogs.invite_tracker.settings import MODULE
from cogs.invite_tracker.tracking.trackers import Tracking
from storage import invite_erasure
from storage.database import ReadTransaction
from storage.guild_modules import fetch_module
from storage.invite_erasure import InviteReferences
from storage.record_erasure import erase_from_records
from storage.text_search import count_containing, count_texts_containing

STEP_JOINS: Final = 100
"""A transaction of so many holds the writer for a few milliseconds, although they lie far apart."""


class InviteTrackerPrivacy:
    """Counts and erases what refers to a person."""

    title = N_("Invite tracker")

    def __init__(self, client: HeadcountClient, tracking: Tracking) -> None:
        self._database = client.parts.database
        self._clock = client.parts.clock
        self._tracking = tracking

    async def count_references(self, guild_id: int, person: Person) -> ReferenceCounts:
        """Return how many rows hold the id, and how many texts the names."""
        async with self._database.read() as rx:
            references = await invite_erasure.count_invite_references(rx, guild_id, person.user_id)
            texts = await self._count_texts(rx, guild_id, person)
            left_out = await is_left_out(rx, guild_id, person.user_id)
        return ReferenceCounts(references.total + texts[0] + left_out, *texts[1:])

    async def preview_erasure(self, guild_id: int, person: Person) -> Erasure:
        """Return what an erasure would do now."""
        async with self._database.read() as rx:
            references = await invite_erasure.count_invite_references(rx, guild_id, person.user_id)
            texts = await self._count_texts(rx, guild_id, person)
            left_out = await is_left_out(rx, guild_id, person.user_id)
        return _describe(references, left_out, max(texts))

    async def erase(self, guild_id: int, person: Person) -> Erasure:
        """Erase in steps; to be run again after a crash, it does the rest."""
        erasure = await self.preview_erasure(guild_id, person)
        user_id = person.user_id
        await self._tracking.forget_person(guild_id, user_id)
        await in_steps(
            self._database,
            self._clock,
            lambda tx: invite_erasure.erase_member_from_joins(tx, guild_id, user_id, STEP_JOINS),
            # The last step may be of any size; only one that finds nothing is the end.
            1,
        )
        async with self._database.write() as tx:
            # First, so that no undo brings them back into a join.
            await erase_from_records(tx, guild_id, user_id)
        await self._erase_inviter(guild_id, user_id)
        async with self._database.write() as tx:
            await invite_erasure.erase_inviter_from_invites(tx, guild_id, user_id)
            await invite_erasure.erase_from_bonuses(tx, guild_id, user_id)
            # Once more: what an admin corrected meanwhile has kept what was believed before.
            await erase_from_records(tx, guild_id, user_id)
            await erase_from_left_out(tx, guild_id, user_id)
        return erasure

    async def after_opting_out(self, _guild_id: int, _user_id: int) -> None:
        """Do nothing: whoever may not be named is left out where things are written down."""

    async def after_opting_in(self, _guild_id: int, _user_id: int) -> None:
        """Do nothing, for the same reason."""

    async def _erase_inviter(self, guild_id: int, user_id: int) -> None:
        after_id = 0
        while True:
            async with self._database.read() as rx:
                join_ids = await invite_erasure.fetch_joins_naming_inviter(
                    rx, guild_id, user_id, after_id, STEP_JOINS
                )
            if not join_ids:
                return
            async with self._database.write() as tx:
                await invite_erasure.erase_inviter_from_joins(tx, guild_id, user_id, join_ids)
            after_id = join_ids[-1]
            await self._clock.sleep(PAUSE_SECONDS)

    async def _count_texts(self, rx: ReadTransaction, guild_id: int, person: Person) -> list[int]:
        counts = await count_texts_containing(rx, MODULE, guild_id, person.texts)
        module = await fetch_module(rx, guild_id, MODULE)
        settings = [] if module is None else list(_strings_of(json.loads(module.settings)))
        return [sum(pair) for pair in zip(counts, count_containing(settings, person.texts), strict=True)]


def _describe(references: InviteReferences, left_out: bool, texts: int) -> Erasure:
    amounts = (
        Amount(
            ngettext("{count} join of yours", "{count} joins of yours", references.joins), references.joins
        ),
        Amount(
            ngettext(
                "{count} join of somebody you may have invited",
                "{count} joins of people you may have invited",
                references.invited,
            ),
            references.invited,
        ),
        Amount(
            ngettext("{count} invite link of yours", "{count} invite links of yours", references.invites),
            references.invites,
        ),
        Amount(
            ngettext("{count} bonus for you", "{count} bonuses for you", references.bonuses),
            references.bonuses,
        ),
        Amount(
            ngettext(
                "{count} bonus that you granted", "{count} bonuses that you granted", references.granted
            ),
            references.granted,
        ),
        Amount(
            ngettext(
                "{count} correction or reset by you or about you",
                "{count} corrections or resets by you or about you",
                references.records,
            ),
            references.records,
        ),
        Amount(
            ngettext(
                "{count} place on the list of those whom the leaderboard leaves out",
                "{count} places on the list of those whom the leaderboard leaves out",
                int(left_out),
            ),
            int(left_out),
        ),
    )
    return Erasure.of(amounts, _kept(references, texts))


def _kept(references: InviteReferences, texts: int) -> Iterable[str]:
    if references.joins or references.invited:
        yield _("The joins stay and count as before, without you: they are the history of others, too.")
    if references.invites:
        yield _("Your invite links go on working; they count for nobody from now on.")
    if texts:
        yield ngettext(
            "{count} text that an admin wrote, such as a message or a label, holds your id or a name of yours: "
            "ask an admin to change it.",
            "{count} texts that admins wrote, such as messages and labels, hold your id or a name of yours: "
            "ask an admin to change them.",
            texts,
        )


def _strings_of(document: Any) -> Iterator[str]:
    """Yield every text in a JSON document."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        for value in document.values():
            yield from _strings_of(value)
    elif isinstance(document, list):
        for value in document:
            yield from _strings_of(value)
