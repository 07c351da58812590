"""What the starboard keeps in memory of a guild, so that most events can be told to be of no interest without a wait."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from cogs.serverstats.later import Later
from cogs.serverstats.starboard.emoji import is_same_emoji
from cogs.serverstats.starboard.queue import LookQueue
from cogs.serverstats.starboard.reading import Raw
from storage.database import ReadTransaction
from storage.starboard import MessagePlace, fetch_boards, fetch_posts, fetch_watched_ids
from storage.starboard_records import Board, Entry

CHORES = 0
"""In place of a message's id in the queue: what concerns the guild as a whole."""

AFTER_ALL_IDS = 2**63 - 1
"""Higher than the id of any message."""


@dataclass(frozen=True, slots=True)
class Recount:
    """What is next when all watched messages are counted again, a page at a time: first those with a post."""

    with_post: bool = True
    before_id: int = AFTER_ALL_IDS
    due_at: float = 0
    """When the next page is due, on the monotonic clock, in seconds."""


@dataclass(slots=True)
class GuildState:
    """One guild's boards, and the ids that events are compared with."""

    guild_id: int
    queue: LookQueue
    boards: tuple[Board, ...] = ()
    watched: set[int] = field(default_factory=set)
    """Messages with an entry on a board."""
    under_look: int | None = None
    """The message that is being looked at: what happens to it meanwhile may be missing in what Discord answered."""
    posts: dict[int, MessagePlace] = field(default_factory=dict)
    """The originals by the ids of their posts."""
    lost_posts: set[int] = field(default_factory=set)
    """Posts whose deletion was reported and is not dealt with yet."""
    lost_channels: set[int] = field(default_factory=set)
    """The same for channels and threads."""
    altered_channels: set[int] = field(default_factory=set)
    """Channels whose age restriction changed, and with it what posts may show."""
    unread_channels: set[int] = field(default_factory=set)
    """Channels and threads with stars that could not be counted, because the bot may not read them."""
    refusals: dict[int, Later] = field(default_factory=dict)
    """What Discord refused last, by board id."""
    is_loaded: bool = False
    postponed: dict[int, int] = field(default_factory=dict)
    """Channels by the ids of messages that were to be looked at while Discord had not presented the guild."""
    must_catch_up: bool = False
    recount: Recount | None = None
    """How far the counting of all watched messages is; None when none is under way."""
    retries: int = 0
    """How often unfinished messages were marked."""
    was_on: bool = False
    """Whether the starboard was turned on when the settings changed last."""

    async def load(self, rx: ReadTransaction) -> None:
        """Read everything from the database."""
        self.boards = tuple(await fetch_boards(rx, self.guild_id))
        self.watched = await fetch_watched_ids(rx, self.guild_id)
        self.posts = await fetch_posts(rx, self.guild_id)
        self.is_loaded = True

    def board(self, board_id: int) -> Board | None:
        """Return a board."""
        return next((board for board in self.boards if board.board_id == board_id), None)

    def boards_in(self, channel_id: int) -> tuple[Board, ...]:
        """Return the boards that have this channel."""
        return tuple(board for board in self.boards if board.channel_id == channel_id)

    def may_count(self, channel_ids: Iterable[int], reaction: Raw) -> bool:
        """Whether a reaction can matter to any board, in a channel given by its own id and its parent's."""
        places = set(channel_ids)
        if any(board.channel_id in places for board in self.boards):
            return False
        return any(
            is_same_emoji(board.emoji, reaction) and not places & board.ignored_channel_ids
            for board in self.boards
        )

    def is_open(self, places: set[int | None]) -> bool:
        """Whether messages can appear on any board from a channel, given by its own id and its parent's."""
        return not any(board.channel_id in places for board in self.boards) and any(
            not places & board.ignored_channel_ids for board in self.boards
        )

    def is_watched(self, message_id: int) -> bool:
        """Whether changes of a message matter."""
        return message_id in self.watched or message_id == self.under_look

    def note(self, before: Entry | None, entry: Entry | None) -> None:
        """Keep up with a change of an entry; None: there is none."""
        if before is not None and before.post_id is not None:
            self.posts.pop(before.post_id, None)
        if entry is not None:
            self.watched.add(entry.message_id)
            if entry.post_id is not None:
                self.posts[entry.post_id] = (entry.message_id, entry.channel_id)
