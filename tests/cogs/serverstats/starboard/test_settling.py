"""A message has one post or none, whatever crashes between the steps; the code that acts is the real one."""

import asyncio
import contextlib
from dataclasses import dataclass, field

import pytest
from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cogs.serverstats.later import later
from cogs.serverstats.starboard.marks import nonce_of
from cogs.serverstats.starboard.rules import LANDING_MS, Demand
from cogs.serverstats.starboard.settling import BoardGoneError, PostRefusedError, settle
from storage.starboard_records import Entry, EntryState

THRESHOLD = 3
BOARD, MESSAGE, CHANNEL = 7, 70, 700
NONCE_WINDOW_MS = 180_000
WAITS_MS = (0, 1_000, LANDING_MS + 1, NONCE_WINDOW_MS + 1, 3_600_000)


class CrashError(Exception):
    """The process dies, or an answer is lost."""


@dataclass
class Discord:
    """A board's channel: posts by id, with the nonces it remembers for a while."""

    now_ms: int = 1_000_000
    posts: dict[int, int] = field(default_factory=dict)
    """Post id to the number of stars that it shows."""
    nonces: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Nonce to (post id, when it was used)."""
    sent_at_ms: dict[int, int] = field(default_factory=dict)
    last_id: int = 0

    def post(self, nonce: str, stars: int) -> int:
        known_id, used_at_ms = self.nonces.get(nonce, (0, 0))
        if known_id in self.posts and self.now_ms - used_at_ms <= NONCE_WINDOW_MS:
            return known_id
        self.last_id += 1
        self.posts[self.last_id] = stars
        self.sent_at_ms[self.last_id] = self.now_ms
        self.nonces[nonce] = (self.last_id, self.now_ms)
        return self.last_id


@dataclass
class World:
    """Discord, the database, and the number of effects after which the next crash comes."""

    discord: Discord = field(default_factory=Discord)
    stored: Entry | None = None
    is_closed: bool = False
    crash_after: int | None = None
    """So many effects still happen; the one after them is cut off before it happens (even) or its answer is lost."""
    is_refusing: bool = False
    stars: int = 0
    is_original_gone: bool = False
    channel_id: int = CHANNEL
    has_lost_channel: bool = False

    def effect_begins(self) -> None:
        if self.crash_after == 0:
            self.crash_after = None
            raise CrashError
        if self.crash_after is not None:
            self.crash_after -= 1

    # What `settle` acts on.

    async def find(self, entry: Entry) -> int | None:
        self.effect_begins()
        since_ms = (entry.reserved_at_ms or 0) - 60_000
        found = [post for post in self.discord.posts if self.discord.sent_at_ms[post] >= since_ms]
        return found[0] if found else None

    async def send(self, entry: Entry) -> int:
        self.effect_begins()
        if self.is_refusing:
            raise PostRefusedError(later("refused"))
        post_id = self.discord.post(nonce_of(BOARD, MESSAGE, entry.generation), self.stars)
        self.effect_begins()
        return post_id

    async def edit(self, entry: Entry) -> bool:
        self.effect_begins()
        if self.has_lost_channel:
            raise BoardGoneError
        if entry.post_id not in self.discord.posts:
            return False
        self.discord.posts[entry.post_id or 0] = self.stars
        self.effect_begins()
        return True

    async def delete(self, entry: Entry) -> None:
        self.effect_begins()
        self.discord.posts.pop(entry.post_id or 0, None)
        self.effect_begins()

    async def store(self, entry: Entry) -> None:
        self.effect_begins()
        self.stored = entry
        self.effect_begins()

    async def forget(self, entry: Entry, *, for_good: bool) -> None:
        self.effect_begins()
        assert entry.message_id == MESSAGE
        self.stored = None
        self.is_closed = self.is_closed or for_good
        self.effect_begins()

    def look(self) -> None:
        """Look at the message as the keeper does; a crash loses everything but what is stored and what Discord has."""
        if self.is_closed or (self.stored is None and not self.stars):
            return
        entry = self.stored or Entry(
            guild_id=1, board_id=BOARD, message_id=MESSAGE, channel_id=CHANNEL, author_id=5, recorded_at_ms=0
        )
        is_wanted = self.stars >= THRESHOLD and not self.is_original_gone
        demand = Demand(
            stars=self.stars,
            is_wanted=is_wanted,
            is_original_gone=self.is_original_gone,
            shown=f"{self.stars} stars" if is_wanted else None,
        )
        with contextlib.suppress(CrashError, PostRefusedError):
            asyncio.run(settle(entry, demand, self, self, lambda: self.discord.now_ms))


class ExactlyOnce(RuleBasedStateMachine):
    """Random stars, crashes, refusals, deletions and waits."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.was_removed_by_hand = False

    @rule(stars=st.sampled_from([0, 2, 3, 3, 4, 5]))
    def stars_change(self, stars: int) -> None:
        assume(not self.world.is_original_gone)
        self.world.stars = stars

    @rule(crash_after=st.none() | st.integers(0, 7), wait_ms=st.sampled_from(WAITS_MS))
    def look(self, crash_after: int | None, wait_ms: int) -> None:
        self.world.crash_after = crash_after
        self.world.look()
        self.world.crash_after = None
        self.world.discord.now_ms += wait_ms

    @rule()
    def look_and_be_refused(self) -> None:
        self.world.is_refusing = True
        self.world.look()
        self.world.is_refusing = False

    @precondition(lambda self: self.world.stored and self.world.stored.state is EntryState.POSTED)
    @rule()
    def a_moderator_deletes_the_post(self) -> None:
        if self.world.discord.posts:
            self.world.discord.posts.clear()
            self.was_removed_by_hand = True

    @rule()
    def the_original_is_deleted(self) -> None:
        self.world.is_original_gone = True
        self.world.stars = 0

    @invariant()
    def there_are_never_two_posts(self) -> None:
        assert len(self.world.discord.posts) <= 1

    @rule()
    def it_becomes_quiet(self) -> None:
        self.world.look()
        self.world.discord.now_ms += LANDING_MS
        self.world.look()
        posts = self.world.discord.posts
        if self.world.is_closed:
            assert self.was_removed_by_hand
            assert not posts
        elif self.world.stars >= THRESHOLD:
            assert list(posts.values()) == [self.world.stars] or self.was_removed_by_hand
            assert self.world.stored is not None
            assert self.world.stored.state is EntryState.POSTED
        else:
            assert not posts
            assert self.world.stored is None or self.world.stored.state is EntryState.WAITING
        if self.world.is_original_gone:
            assert self.world.stored is None


TestExactlyOnce = ExactlyOnce.TestCase
TestExactlyOnce.settings = settings(max_examples=80, stateful_step_count=20, deadline=None)


def starred(stars: int) -> World:
    world = World(stars=stars)
    world.look()
    return world


def test_a_message_below_the_threshold_has_no_post() -> None:
    assert not starred(THRESHOLD - 1).discord.posts


def test_a_message_at_the_threshold_has_one_post() -> None:
    world = starred(THRESHOLD)
    assert list(world.discord.posts.values()) == [THRESHOLD]


def test_nothing_is_sent_before_the_reservation_is_stored() -> None:
    world = World(stars=THRESHOLD, crash_after=0)
    world.look()
    assert world.stored is None
    assert not world.discord.posts


def test_a_post_whose_answer_was_lost_is_found_again_hours_later() -> None:
    # Effects: the reservation begins and ends, then the post begins; its answer is the fourth.
    world = World(stars=THRESHOLD, crash_after=3)
    world.look()
    assert world.stored is not None
    assert world.stored.state is EntryState.POSTING
    assert len(world.discord.posts) == 1
    world.discord.now_ms += 6 * 3_600_000
    world.look()
    assert len(world.discord.posts) == 1
    assert world.stored.post_id in world.discord.posts


def test_falling_below_and_rising_again_makes_a_post_of_a_new_generation() -> None:
    world = starred(THRESHOLD)
    first = set(world.discord.posts)
    world.stars = THRESHOLD - 1
    world.look()
    assert not world.discord.posts
    world.stars = THRESHOLD
    world.look()
    assert len(world.discord.posts) == 1
    assert not first & set(world.discord.posts)
    assert world.stored is not None
    assert world.stored.generation == 2


def test_a_post_that_a_moderator_deleted_does_not_come_back() -> None:
    world = starred(THRESHOLD)
    world.discord.posts.clear()
    world.stars = THRESHOLD + 1
    world.look()
    world.stars = THRESHOLD + 2
    world.look()
    assert world.is_closed
    assert not world.discord.posts


def test_a_post_that_went_with_its_channel_is_made_anew_in_the_boards_channel_of_today() -> None:
    world = starred(THRESHOLD)
    world.discord.posts.clear()
    world.has_lost_channel = True
    world.channel_id = CHANNEL + 1
    world.stars = THRESHOLD + 1
    world.look()
    assert not world.is_closed
    assert list(world.discord.posts.values()) == [THRESHOLD + 1]
    assert world.stored is not None
    assert world.stored.post_channel_id == CHANNEL + 1


def test_a_refused_post_waits_and_is_made_later() -> None:
    world = World(stars=THRESHOLD, is_refusing=True)
    world.look()
    assert world.stored is not None
    assert world.stored.state is EntryState.WAITING
    world.is_refusing = False
    world.look()
    assert len(world.discord.posts) == 1


def test_a_reserved_post_that_is_not_wanted_any_more_is_waited_for_until_it_cannot_come() -> None:
    world = World(stars=THRESHOLD, crash_after=2)
    world.look()
    world.stars = 0
    world.look()
    assert world.stored is not None
    assert world.stored.state is EntryState.POSTING
    # The request was still on its way.
    world.discord.post(nonce_of(BOARD, MESSAGE, 1), THRESHOLD)
    world.look()
    assert not world.discord.posts
    assert world.stored.state.value == "waiting"


@pytest.mark.parametrize("effects", range(9))
def test_wherever_it_crashes_there_is_one_post_after_the_next_look(effects: int) -> None:
    world = World(stars=THRESHOLD, crash_after=effects)
    world.look()
    world.crash_after = None
    world.look()
    assert list(world.discord.posts.values()) == [THRESHOLD]
