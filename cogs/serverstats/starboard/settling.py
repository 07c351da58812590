"""Carries out what the rules say for one message on one board: write down, act, write off."""

from collections.abc import Callable
from typing import Protocol

from cogs.serverstats.later import Later
from cogs.serverstats.starboard import rules
from cogs.serverstats.starboard.rules import Demand, Step, next_step
from storage.starboard_records import Entry


class PostRefusedError(Exception):
    """Discord refused a request for good, so it had no effect; `sentence` tells the admins why."""

    def __init__(self, sentence: Later) -> None:
        super().__init__(sentence.in_english())
        self.sentence = sentence


class BoardGoneError(Exception):
    """The channel that a post was in does not exist any more, nor does the post."""


class Wall(Protocol):
    """The board at Discord, for one message. Any method may raise, and then may or may not have had its effect,
    except with PostRefusedError, after which it had none.
    """

    channel_id: int
    """Where a new post goes."""

    async def find(self, entry: Entry) -> int | None:
        """Return the id of the post that was reserved, None when there is none up to now; raises when that is unknown."""
        ...

    async def send(self, entry: Entry) -> int:
        """Send the post and return its id; repeated shortly after, for the same generation, it is the same post."""
        ...

    async def edit(self, entry: Entry) -> bool:
        """Let the post show what it should; return whether it still exists; raises BoardGoneError."""
        ...

    async def delete(self, entry: Entry) -> None:
        """Delete the post, if it still exists."""
        ...


class Records(Protocol):
    """What is stored for one message on one board; each method is one transaction."""

    async def store(self, entry: Entry) -> None:
        """Store the entry."""
        ...

    async def forget(self, entry: Entry, *, for_good: bool) -> None:
        """Delete the entry; `for_good`: later stars of the message shall do nothing."""
        ...


async def settle(
    entry: Entry, demand: Demand, wall: Wall, records: Records, now_ms: Callable[[], int]
) -> Entry | None:
    """Bring the board to what is demanded, and return the entry as it is stored then, None when it is forgotten.

    Whatever is raised underway goes on to the caller; the stored entry then tells where to take up.
    """
    is_fresh = False
    stored: Entry | None = None
    while True:
        step = next_step(entry, demand)
        if step is Step.REST:
            entry = rules.noted(entry, demand)
            if entry != stored:
                await records.store(entry)
            return entry
        if step is Step.FORGET:
            await records.forget(entry, for_good=False)
            return None
        if step is Step.RESERVE:
            entry = rules.reserved(entry, demand, wall.channel_id, now_ms())
            is_fresh = True
        elif step is Step.DELIVER:
            entry = await _deliver(entry, demand, wall, records, now_ms, is_fresh=is_fresh)
        elif step is Step.WITHDRAW:
            post_id = await wall.find(entry)
            if post_id is not None:
                entry = rules.delivered(entry, post_id, None)
            elif rules.has_landed(entry, now_ms()):
                entry = rules.removed(entry)
            else:
                # It may be on its way still: whoever looks again later knows.
                return entry
        elif step is Step.EDIT:
            try:
                is_there = await wall.edit(entry)
            except BoardGoneError:
                # It went with its channel: nobody took this post off the board.
                entry = rules.removed(entry)
            else:
                if not is_there:
                    # Somebody deleted the post on purpose: it must not come back with the next star.
                    await records.forget(entry, for_good=True)
                    return None
                entry = rules.edited(entry, demand)
        elif step is Step.REMOVE:
            entry = rules.removing(entry, demand)
        else:
            await wall.delete(entry)
            entry = rules.removed(entry)
        await records.store(entry)
        stored = entry


async def _deliver(
    entry: Entry, demand: Demand, wall: Wall, records: Records, now_ms: Callable[[], int], *, is_fresh: bool
) -> Entry:
    if not is_fresh:
        # Reserved in another attempt, perhaps of another life: the post may be there already.
        looked_at_ms = now_ms()
        found_id = await wall.find(entry)
        if found_id is not None:
            return rules.delivered(entry, found_id, None)
        entry = rules.tried_again(entry, looked_at_ms)
        await records.store(entry)
    try:
        post_id = await wall.send(entry)
    except PostRefusedError:
        await records.store(rules.refused(entry))
        raise
    return rules.delivered(entry, post_id, demand)
