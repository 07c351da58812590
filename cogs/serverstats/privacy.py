"""What serverstats knows of a person, and how it forgets them: what happened stays counted, and is nobody's."""

import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

from bot.client import HeadcountClient
from bot.privacy import Amount, Erasure, Person, ReferenceCounts
from bot.steps import PAUSE_SECONDS
from bot.text.language import _, ngettext
from cogs.serverstats.settings import MODULE, MODULE_TITLE
from cogs.serverstats.starboard.engine import Engine
from cogs.serverstats.statistics.erasing import StatisticsEraser
from cogs.serverstats.statistics.recording_service import Recording
from storage import starboard_erasure
from storage.database import ReadTransaction, WriteTransaction
from storage.starboard_erasure import Place, StarboardReferences
from storage.statistics.erasure import StatisticsReferences, count_statistics_of_user
from storage.text_search import count_texts_containing

STEP_PLACES: Final = 100
"""A transaction of so many holds the writer for a few milliseconds, although they lie far apart."""

_Fetch = Callable[[ReadTransaction, int, int, Place, int], Awaitable[list[Place]]]
_Erase = Callable[[WriteTransaction, int, int, Sequence[Place]], Awaitable[int]]


class ServerstatsPrivacy:
    """Counts and erases what refers to a person."""

    title = MODULE_TITLE

    def __init__(self, client: HeadcountClient, recording: Recording, starboards: Engine) -> None:
        self._database = client.parts.database
        self._clock = client.parts.clock
        self._recorder = client.parts.recorder
        self._recording = recording
        self._starboards = starboards
        self._eraser = StatisticsEraser(self._database, self._clock, self._recorder)

    async def count_references(self, guild_id: int, person: Person) -> ReferenceCounts:
        """Return how many rows hold the id, and how many texts the names."""
        statistics, starboard, texts = await self._count(guild_id, person)
        rows = statistics.records + statistics.days + statistics.polls + starboard.stars + starboard.entries
        return ReferenceCounts(rows + texts[0], *texts[1:])

    async def preview_erasure(self, guild_id: int, person: Person) -> Erasure:
        """Return what an erasure would do now."""
        statistics, starboard, texts = await self._count(guild_id, person)
        is_opted_out = self._recorder.is_opted_out(guild_id, person.user_id)
        return _describe(statistics, starboard, max(texts), is_opted_out=is_opted_out)

    async def erase(self, guild_id: int, person: Person) -> Erasure:
        """Erase in steps; to be run again after a crash, it does the rest."""
        erasure = await self.preview_erasure(guild_id, person)
        user_id = person.user_id
        await self._eraser.erase(guild_id, user_id, lambda: self._recording.note_erasure(guild_id, user_id))
        await self._erase_places(
            guild_id, user_id, starboard_erasure.fetch_stars_of_user, starboard_erasure.delete_stars_of_user
        )
        await self._erase_places(
            guild_id, user_id, starboard_erasure.fetch_entries_of_author, starboard_erasure.erase_author
        )
        return erasure

    async def after_opting_out(self, guild_id: int, user_id: int) -> None:
        """Let the sessions that go on be nobody's."""
        self._recording.note_opt_out(guild_id, user_id)

    async def after_opting_in(self, guild_id: int, user_id: int) -> None:
        """Let the sessions that go on be theirs again."""
        self._recording.note_opt_in(guild_id, user_id)

    async def _count(
        self, guild_id: int, person: Person
    ) -> tuple[StatisticsReferences, StarboardReferences, list[int]]:
        # What waits to be stored counts, too.
        await self._recorder.flush()
        async with self._database.read() as rx:
            return (
                await count_statistics_of_user(rx, guild_id, person.user_id),
                await starboard_erasure.count_starboard_references(rx, guild_id, person.user_id),
                await count_texts_containing(rx, MODULE, guild_id, person.texts),
            )

    async def _erase_places(self, guild_id: int, user_id: int, fetch: _Fetch, erase: _Erase) -> None:
        after = starboard_erasure.FIRST
        while True:
            state = self._starboards.find(guild_id)
            # In the guild's turn: a look that is under way would write down again whom it has seen.
            async with state.queue.turn if state is not None else contextlib.nullcontext():
                async with self._database.read() as rx:
                    places = await fetch(rx, guild_id, user_id, after, STEP_PLACES)
                if not places:
                    return
                async with self._database.write() as tx:
                    await erase(tx, guild_id, user_id, places)
            after = places[-1]
            await self._clock.sleep(PAUSE_SECONDS)


def _describe(
    statistics: StatisticsReferences, starboard: StarboardReferences, texts: int, *, is_opted_out: bool
) -> Erasure:
    amounts = (
        Amount(
            ngettext(
                "{count} record of what you did, such as a message or time in voice",
                "{count} records of what you did, such as messages and time in voice",
                statistics.records,
            ),
            statistics.records,
        ),
        Amount(
            ngettext("{count} daily sum of yours", "{count} daily sums of yours", statistics.days),
            statistics.days,
        ),
        Amount(
            ngettext("{count} poll of yours", "{count} polls of yours", statistics.polls), statistics.polls
        ),
        Amount(
            ngettext("{count} star that you gave", "{count} stars that you gave", starboard.stars),
            starboard.stars,
        ),
        Amount(
            ngettext(
                "{count} starred message of yours", "{count} starred messages of yours", starboard.entries
            ),
            starboard.entries,
        ),
    )
    return Erasure.of(amounts, _kept(statistics, starboard, texts, is_opted_out=is_opted_out))


def _kept(
    statistics: StatisticsReferences, starboard: StarboardReferences, texts: int, *, is_opted_out: bool
) -> Iterable[str]:
    if statistics.records:
        yield _("The totals of the server stay as they are: what you did goes on counting, as nobody's.")
    if starboard.entries:
        yield _(
            "Posts on a starboard that show your messages stay at Discord: "
            "delete the original message, and its post goes."
        )
    if starboard.stars and not is_opted_out:
        yield _(
            "Stars that you gave are reactions at Discord: unless you opt out, I note them again "
            "when their message is counted next. Take the reactions away, or opt out."
        )
    if texts:
        yield ngettext(
            "{count} text, such as the name of a counter or of a game, holds your id or a name of yours; "
            "it is not only about you.",
            "{count} texts, such as names of counters or of games, hold your id or a name of yours; "
            "they are not only about you.",
            texts,
        )
