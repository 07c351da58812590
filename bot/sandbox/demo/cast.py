"""The people of a story as they live in the local Discord, and what is true of them."""

from collections.abc import Iterable
from datetime import timedelta
from random import Random

import discord

from storage.records import Source

from ..backend import Guild, User
from ..members import JoinSource
from ..people import Person
from ..world import World
from .checking import Expectation
from .story import Story
from .wording import Names

WELCOME = "welcome"
FOUNDED_AGO = timedelta(days=90)
ACCOUNT_AGE_DAYS = (30, 3000)
BOT_NAME = "Headcount"
_CODE_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"

_SOURCES = {
    JoinSource.BOT: Source.BOT,
    JoinSource.INTEGRATION: Source.INTEGRATION,
    JoinSource.DISCOVERY: Source.DISCOVERY,
    JoinSource.HUB: Source.HUB,
    JoinSource.INVITE: Source.INVITE,
    JoinSource.VANITY: Source.VANITY,
    JoinSource.MANUAL_VERIFICATION: Source.MANUAL_VERIFICATION,
    JoinSource.UNSPECIFIED: Source.UNKNOWN,
}


class Cast:
    """Who is who: names to accounts, links to codes, and every join as it really was."""

    def __init__(self, story: Story, world: World, chance: Random) -> None:
        self._world = world
        self._chance = chance
        self._users: dict[str, User] = {}
        self._codes: dict[str, str] = {}
        self._inviters: dict[str, int] = {}
        self.expectations: list[Expectation] = []
        admin = self._account(story.admin)
        self.guild: Guild = world.make_guild(
            story.server,
            owner_id=admin.id,
            text_channels=tuple(dict.fromkeys(("general", WELCOME, *story.text_channels))),
            vanity_code=story.vanity_code,
        )
        for name in story.voice_channels:
            world.voice_channel(self.guild.id, name)
        self.general_id, self.welcome_id = self.guild.channel_ids[:2]
        everyone = self.guild.roles[self.guild.id]
        everyone.permissions |= discord.Permissions(create_instant_invite=True).value
        # The admin and the bot have been there for long, too.
        for founder in self.guild.members.values():
            founder.joined_at = (world.clock.now() - FOUNDED_AGO).isoformat()
        for name in story.members:
            world.add_old_member(self.guild.id, self._account(name).id)
        self.crowd_ids = tuple(world.add_crowd(self.guild.id, story.past.crowd))
        self.admin = self.at_keyboard(story.admin)
        for name in story.newcomers():
            self._account(name)

    def at_keyboard(self, name: str) -> Person:
        """Return a member who can type commands."""
        return Person(self._world, self.guild.id, self.id_of(name))

    def id_of(self, name: str) -> int:
        """Return the id of an account."""
        return self._users[name].id

    def account_of(self, name: str) -> User:
        """Return an account as the local Discord has it."""
        return self._users[name]

    def channel_id_of(self, name: str) -> int:
        """Return the id of a channel by its name."""
        return next(one for one in self.guild.channel_ids if self._world.channels[one].name == name)

    def code_of(self, link: str) -> str:
        """Return the code of a link that was made."""
        return self._codes[link]

    def fresh_code(self) -> str:
        """Return a code for a new link; the same one for the same seed."""
        return "".join(self._chance.choice(_CODE_ALPHABET) for _ in range(8))

    def add_link(self, link: str, code: str, inviter: str) -> None:
        """Note a link and for whom it counts."""
        self._codes[link] = code
        self._inviters[code] = self.id_of(inviter)

    def add_bot(self, name: str, account: User) -> None:
        """Note the account of a bot that was added."""
        self._users[name] = account

    def note_join(self, name: str, *, decidable: bool) -> Expectation:
        """Take down the truth about the join that just happened."""
        record = self._world.joins[self.guild.id, self.id_of(name)]
        counts_for = self._inviters.get(record.code) if record.code is not None else None
        expectation = Expectation(
            member=name,
            member_id=record.user_id,
            joined_at_ms=int(record.at.timestamp() * 1000),
            source=_SOURCES[record.source],
            code=record.code,
            inviter_id=counts_for if record.source is JoinSource.INVITE else record.inviter_id,
            decidable=decidable,
        )
        self.expectations.append(expectation)
        return expectation

    @property
    def names(self) -> Names:
        """What everybody and everything is called."""
        people = {user.id: name for name, user in self._users.items()}
        people[self._world.bot_user.id] = BOT_NAME
        channels = {one: self._world.channels[one].name or "" for one in self.guild.channel_ids}
        return Names(people, {code: link for link, code in self._codes.items()}, channels)

    @property
    def all_ids(self) -> list[int]:
        """Return the ids of everybody with a part in the story, the bot under test included."""
        return [*(user.id for user in self._users.values()), self._world.bot_user.id]

    def absent_ids(self) -> frozenset[int]:
        """Return the ids of those who joined at some time and are not members now."""
        return frozenset(_joined_ids(self.expectations) - set(self.guild.members))

    def _account(self, name: str) -> User:
        age = self._chance.randint(*ACCOUNT_AGE_DAYS)
        user = self._world.add_person(name.lower(), account_age_days=age, display_name=name)
        self._users[name] = user
        return user


def _joined_ids(expectations: Iterable[Expectation]) -> set[int]:
    return {expectation.member_id for expectation in expectations}
