"""What the server of a story was like before it: the people who have no part, and the setting of the invented past."""

from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

from ..world import World, activity
from . import rhythm
from .cast import Cast
from .past import Past, Setting
from .story import Story

WRITES_SECOND = 0.78
"""How much the second of two neighbours among the members writes, compared with the first."""
QUIET_WRITERS, QUIET_SHARE = 30, 0.05


def setting_of(story: Story, cast: Cast, world: World, chance: Random) -> Setting:
    """Return the setting of the past; those who left again get accounts."""
    past = story.past
    leavers = [world.add_person(f"passer-by {number}") for number in range(1, past.leavers + 1)]
    names = [*story.members, story.admin]
    chance.shuffle(names)
    writers = {cast.id_of(name): WRITES_SECOND**place for place, name in enumerate(names)}
    writers |= dict.fromkeys(cast.crowd_ids[:QUIET_WRITERS], QUIET_SHARE)
    return Setting(
        guild_id=cast.guild.id,
        timezone=past.timezone,
        writers=writers,
        speakers=tuple(cast.id_of(name) for name in chance.sample(names, len(names))),
        text_channels={cast.channel_id_of(name): share for name, share in story.text_channels.items()},
        voice_channel_ids=tuple(cast.channel_id_of(name) for name in story.voice_channels),
        activities=past.activities,
        newcomer_ids=cast.crowd_ids[-past.newcomers :],
        leaver_ids=tuple(leaver.id for leaver in leavers),
        members=len(cast.guild.members),
    )


def let_past_show(setting: Setting, past: Past, cast: Cast, world: World, chance: Random) -> None:
    """Let the local Discord look as the past left it: since when members are there, who is online now."""
    for user_id, joined_at_ms in past.truth.joined:
        member = cast.guild.members.get(user_id)
        if member is not None:
            member.joined_at = datetime.fromtimestamp(joined_at_ms / 1000, UTC).isoformat()
    local = datetime.fromtimestamp(past.ended_at_ms / 1000, ZoneInfo(setting.timezone))
    online, dnd = rhythm.presence_at(local.hour + local.minute / 60, setting.members, chance)
    present = chance.sample(cast.crowd_ids, min(online + dnd, len(cast.crowd_ids)))
    for place, user_id in enumerate(present):
        world.set_presence(cast.guild.id, user_id, "dnd" if place < dnd else "online", [])


def activities_by_name(story: Story) -> Mapping[str, dict[str, object]]:
    """Return the activities of the story as presences show them."""
    return {name: activity(kind, name) for kind, name, _liked in story.past.activities}
