"""What a guild wants recorded: its settings, in the form in which every event is held against them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from cogs.serverstats.settings import ServerstatsSettings
from storage.statistics.catalogue import Group


@dataclass(frozen=True, slots=True)
class GuildRules:
    """What counts in a guild."""

    guild_id: int
    groups: frozenset[Group]
    counts_bots: bool
    ignored_channel_ids: frozenset[int]
    ignored_role_ids: frozenset[int]
    counts_everyone: bool = field(init=False)
    """Whether it does not matter who somebody is; worked out once, as every message asks."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "counts_everyone", self.counts_bots and not self.ignored_role_ids)

    def leaves_out(self, *, is_bot: bool, role_ids: Iterable[int]) -> bool:
        """Whether a member is not counted."""
        return (is_bot and not self.counts_bots) or not self.ignored_role_ids.isdisjoint(role_ids)

    def ignores(self, place: Iterable[int]) -> bool:
        """Whether nothing is counted in a place: a channel with everything that it lies in."""
        return not self.ignored_channel_ids.isdisjoint(place)


def rules_of(guild_id: int, settings: ServerstatsSettings) -> GuildRules:
    """Return the rules that a guild's settings mean."""
    return GuildRules(
        guild_id=guild_id,
        groups=settings.enabled_groups,
        counts_bots=settings.track_bot_messages,
        ignored_channel_ids=settings.ignored_channel_ids,
        ignored_role_ids=settings.ignored_role_ids,
    )
