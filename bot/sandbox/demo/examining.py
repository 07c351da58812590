"""The end of a performance: everything but the joins is held against the truth."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from storage.statistics.catalogue import MEMBERS_JOINED, MEMBERS_LEFT, VOTES_ADDED, VOTES_REMOVED

from .counting import Compared, OnRecord, compare
from .player import Player
from .reading import BotRecords

PATIENCE_S = 5
AGAIN_S = 0.1


@dataclass(frozen=True, slots=True)
class Life:
    """What became of everything but the joins; ``amounts`` are those of the summary, by name."""

    compared: tuple[Compared, ...]
    amounts: Mapping[str, int]

    @property
    def problems(self) -> tuple[str, ...]:
        """Return everything that is wrong, one sentence each."""
        return tuple(problem for one in self.compared for problem in one.problems)


async def examine(player: Player, *, patience_s: float = PATIENCE_S) -> Life:
    """Compare, and for some seconds again while something is wrong: what the bot heard last is not stored at once."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_s
    while True:
        found = await fetch_record(player.records)
        compared = compare(player.truth, found, player.cast.names.people)
        if not any(one.problems for one in compared) or loop.time() > deadline:
            break
        await asyncio.sleep(AGAIN_S)
    return Life((*compared, *_compare_the_rest(player)), _amounts(player, found))


async def fetch_record(records: BotRecords) -> OnRecord:
    """Return everything that is compared."""
    sent, deleted = await records.fetch_messages()
    return OnRecord(
        sent=sent,
        deleted=deleted,
        stays=await records.fetch_stays(),
        downtimes=await records.fetch_downtimes(),
        joined=await records.fetch_users(MEMBERS_JOINED),
        left=await records.fetch_users(MEMBERS_LEFT),
        votes=await records.fetch_users(VOTES_ADDED),
        votes_back=await records.fetch_users(VOTES_REMOVED),
        sums=await records.fetch_sums(),
    )


def _compare_the_rest(player: Player) -> list[Compared]:
    board, counters, statistics = player.board, player.counters, player.statistics
    charts = len(statistics.charts)
    wrong_names = counters.problems()
    return [
        Compared(
            "Starboard posts",
            f"{board.expected_posts}",
            f"{board.posts}",
            "",
            tuple(board.problems()),
        ),
        Compared(
            "Counters",
            f"{len(counters.names)}",
            f"{len(counters.names) - len(wrong_names)} named rightly",
            "",
            tuple(wrong_names),
        ),
        Compared("Charts", f"{charts}", f"{charts}", "", tuple(statistics.problems())),
    ]


def _amounts(player: Player, found: OnRecord) -> dict[str, int]:
    voice_ms = sum((one.ended_at_ms or one.began_at_ms) - one.began_at_ms for one in found.stays)
    return {
        "messages": len(found.sent),
        "deleted": len(found.deleted),
        "voice_seconds": voice_ms // 1000,
        "votes": len(found.votes) - len(found.votes_back),
        "stars": player.board.stars,
        "posts": player.board.posts,
        "charts": len(player.statistics.charts),
    }
