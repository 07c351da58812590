"""Gatherings: who is in voice, who shows which status."""

from .. import story as steps
from ..events import Recorded, StatusShown, VoiceChanged
from ..lines import listed
from ..surroundings import activities_by_name
from .stage import ACT_TIMEOUT_S, Stage


class Gatherings:
    """Plays who meets in voice and what people show of themselves."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._guild_id = stage.cast.guild.id

    def enter_voice(self, step: steps.EnterVoice) -> None:
        """Let people join a voice channel, or move there."""
        cast, world = self._stage.cast, self._stage.world
        ids = [cast.id_of(who) for who in step.who]
        moved = all(user_id in cast.guild.voice_states for user_id in ids)
        for user_id in ids:
            world.enter_voice(self._guild_id, user_id, cast.channel_id_of(step.channel))
        self._stage.tell(VoiceChanged(step.who, step.channel, moved))

    async def show_found(self) -> None:
        """After a restart: wait until everybody who is in voice is on record again, in a session of their own."""
        truth = self._stage.truth
        present = {stay.user_id for stay in truth.stays if stay.ended_at_ms is None}
        if not present:
            return
        killed_at_ms = truth.blind[-1].since_ms

        async def is_on_record() -> bool:
            stays = await self._stage.records.fetch_stays()
            anew = (stay for stay in stays if stay.ended_at_ms is None and stay.began_at_ms > killed_at_ms)
            return {stay.user_id for stay in anew} == present

        if await self._stage.watcher.wait_for(is_on_record, ACT_TIMEOUT_S):
            who = sorted(filter(None, map(self._stage.cast.names.person, present)))
            self._stage.tell(Recorded(f"{listed(who)} begin anew in voice; what nobody saw is not made up"))

    def leave_voice(self, step: steps.LeaveVoice) -> None:
        """Let people leave voice."""
        for who in step.who:
            self._stage.world.leave_voice(self._guild_id, self._stage.cast.id_of(who))
        self._stage.tell(VoiceChanged(step.who, None, moved=False))

    def show_status(self, step: steps.ShowStatus) -> None:
        """Let somebody show another status."""
        doing = [activities_by_name(self._stage.story)[step.plays]] if step.plays else []
        user_id = self._stage.cast.id_of(step.who)
        self._stage.world.set_presence(self._guild_id, user_id, step.status, doing)
        self._stage.tell(StatusShown(step.who, step.status, step.plays))
