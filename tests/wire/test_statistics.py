"""Statistics on a real connection: everything that is wanted is recorded, once."""

from collections import Counter
from pathlib import Path

from bot.sandbox.people import Person
from bot.sandbox.world import activity
from storage.statistics.catalogue import (
    MEMBERS_TOTAL,
    MESSAGES_DELETED,
    PRESENCE,
    STATUSES,
    VOICE,
    Group,
)
from tests.wire.square import Square, square
from tests.wire.town import eventually, without

STREAM = "https://www.twitch.tv/harbour"


async def test_what_happens_is_recorded_once(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        world, channel_id, ada = here.world, here.channel.id, here.ada.id
        said = [world.say(channel_id, ada, "hello") for _ in range(5)]
        world.post_by_webhook(channel_id, "news", "extra")
        world.delete_message(channel_id, said[0].id)
        world.bulk_delete_messages(channel_id, [said[1].id, said[2].id])
        invite = here.invite()
        world.delete_invite(invite.code)
        person = here.join()
        world.repeat_member_add(here.guild.id, person.id, shift_ms=400)
        here.leave(person)
        poll = world.ask(channel_id, ada, "Tea?", ["yes", "no"])
        world.add_poll_vote(channel_id, poll.id, 1, here.ben.id)
        world.remove_poll_vote(channel_id, poll.id, 1, here.ben.id)
        world.close_poll(poll)
        run_out = world.ask(channel_id, ada, "Cake?", ["yes", "no"], hours=0.002)
        world.let_poll_run_out(run_out)
        world.delete_message(channel_id, run_out.id)
        await Person(world, here.guild.id, ada).slash(channel_id, "invite_tracker info")
        expected = {
            "sent": 8,
            "deleted": 4,
            "joined": 1,
            "left": 1,
            "invites_created": 1,
            "invites_deleted": 1,
            "polls_created": 2,
            "polls_closed": 1,
            "polls_deleted": 1,
            "votes_added": 1,
            "votes_removed": 1,
            "commands": 1,
        }
        found = await here.counted(**expected)

        # A command's answer may count as a message.
        assert found - Counter(sent=found["sent"]) == Counter(expected) - Counter(sent=8)
        authors = Counter(here.execute("SELECT user_id FROM statistics_events WHERE kind = 1 AND user_id"))
        assert authors[ada,] == 7
        deleted = here.execute(
            f"SELECT user_id FROM statistics_events WHERE kind = {MESSAGES_DELETED.number}"
        )
        assert deleted == [(ada,)] * 4
        assert here.execute("SELECT text FROM statistics_texts") == [("invite_tracker info",)]
        here.assert_rollups_agree()


async def test_a_poll_is_known_after_a_crash(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        poll = here.world.ask(here.channel.id, here.ada.id, "Tea?", ["yes", "no"])
        await here.world.until(lambda: here.execute("SELECT 1 FROM polls"))
        await here.crash()
        await here.start()
        here.world.delete_message(here.channel.id, poll.id)
        await here.counted(polls_deleted=1)
        await here.world.until(lambda: not here.execute("SELECT 1 FROM polls"))


async def test_sessions_open_when_they_are_switched_on_and_end_when_they_are_switched_off(
    tmp_path: Path,
) -> None:
    def prepare(here: Square) -> None:
        voice = here.world.voice_channel(here.guild.id, "Lounge")
        here.world.enter_voice(here.guild.id, here.ada.id, voice.id)
        here.world.set_presence(
            here.guild.id,
            here.ada.id,
            "online",
            [activity(1, "Twitch", details="A title", url=STREAM), activity(0, "Go")],
        )

    async with square(tmp_path, groups=(), prepare=prepare) as here:
        assert here.sessions(VOICE) == []
        await here.change(enabled_groups=frozenset({Group.VOICE, Group.ACTIVITIES}))
        await here.shown(VOICE, 1)
        await here.shown(PRESENCE, 2)
        here.world.set_presence(
            here.guild.id,
            here.ada.id,
            "online",
            [activity(1, "Twitch", details="Another", url=STREAM), activity(0, "Go")],
        )
        here.world.say(here.channel.id, here.ada.id, "hello")
        await here.change(enabled_groups=frozenset({Group.ACTIVITIES}))
        await here.shown(VOICE, 1, ended=1)
        await here.shown(PRESENCE, 2)
        texts = here.execute("SELECT text, activity_type FROM statistics_texts ORDER BY text")
        assert texts == [("Go", 0), ("Twitch", 1)]
        assert here.events() == Counter()


async def test_whoever_is_ignored_from_now_on_is_in_no_session_any_more(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        voice = here.world.voice_channel(here.guild.id, "Lounge")
        other = here.world.voice_channel(here.guild.id, "Stage")
        here.world.enter_voice(here.guild.id, here.ada.id, voice.id)
        here.world.enter_voice(here.guild.id, here.ben.id, other.id)
        await here.shown(VOICE, 2)
        await here.change(ignored_channel_ids=frozenset({voice.id}))
        found = await here.shown(VOICE, 2, ended=1)
        assert [user_id for user_id, _, _, ended_ms in found if ended_ms is not None] == [here.ada.id]
        await here.change(ignored_channel_ids=frozenset())
        await here.shown(VOICE, 3, ended=1)


async def test_bots_are_in_no_session_any_more_once_they_do_not_count(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        voice = here.world.voice_channel(here.guild.id, "Lounge")
        music = here.world.add_bot(here.guild.id, "music", here.ada.id)
        for person in (here.ada, music):
            here.world.enter_voice(here.guild.id, person.id, voice.id)
        await here.shown(VOICE, 2)
        await here.change(track_bot_messages=False)
        found = await here.shown(VOICE, 2, ended=1)
        assert [user_id for user_id, _, _, ended_ms in found if ended_ms is not None] == [music.id]


async def test_who_opts_out_is_in_voice_without_the_id_from_then_on(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        voice = here.world.voice_channel(here.guild.id, "Lounge")
        here.world.enter_voice(here.guild.id, here.ada.id, voice.id)
        await here.shown(VOICE, 1)
        await here.client.parts.recorder.opt_out(here.guild.id, here.ada.id)
        here.recording.note_opt_out(here.guild.id, here.ada.id)
        here.world.say(here.channel.id, here.ada.id, "hello")
        here.world.leave_voice(here.guild.id, here.ada.id)
        found = await here.shown(VOICE, 2, ended=2)
        assert [user_id for user_id, *_ in found] == [here.ada.id, None]
        await here.counted(sent=1)
        assert here.execute("SELECT user_id FROM statistics_events") == [(None,)]
        here.assert_rollups_agree()


async def test_members_and_statuses_are_sampled(tmp_path: Path) -> None:
    def prepare(here: Square) -> None:
        here.world.add_crowd(here.guild.id, 20, online=8)

    async with square(tmp_path, prepare=prepare) as here:
        crowd = [user_id for user_id, _ in zip(here.guild.members, range(100), strict=False)]
        here.world.set_presence(here.guild.id, crowd[-1], "dnd")
        here.world.set_presence(here.guild.id, crowd[-2], "idle")
        statuses = here.recording.statuses
        await here.world.until(lambda: statuses.dnd_count(here.guild.id) == 1)
        await here.world.until(lambda: statuses.online_count(here.guild.id) == 9)
        here.recording.sample_now()
        await here.client.parts.recorder.flush()
        values = here.execute("SELECT kind, first_value, second_value, third_value FROM statistics_samples")
        members = len(here.guild.members)
        assert sorted(values) == [
            (MEMBERS_TOTAL.number, members, None, None),
            (STATUSES.number, 9, members - 10, 1),
        ]


async def test_every_guild_is_sampled_once_an_interval(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        (job,) = [job for job in here.recording.jobs if job.name == "statistics samples"]
        rounds = round(here.config.serverstats.sample_minutes * 60 / job.every_seconds)
        for _ in range(rounds):
            await job.run()
        await here.client.parts.recorder.flush()
        assert here.execute("SELECT COUNT(*) FROM statistics_samples WHERE kind = 6") == [(1,)]


async def test_without_the_privileged_intents_the_rest_is_recorded_and_the_gap_is_named(
    tmp_path: Path,
) -> None:
    def prepare(here: Square) -> None:
        here.world.approved_intents -= {"presences", "message_content"}

    async with square(tmp_path, prepare=prepare) as here:
        poll = here.world.ask(here.channel.id, here.ada.id, "Tea?", ["yes", "no"])
        here.world.add_poll_vote(here.channel.id, poll.id, 1, here.ben.id)
        found = await here.counted(votes_added=1, sent=1)
        assert found == Counter(votes_added=1, sent=1)
        here.recording.sample_now()
        await here.client.parts.recorder.flush()
        assert here.execute("SELECT kind FROM statistics_samples") == [(MEMBERS_TOTAL.number,)]
        troubles = " ".join(here.recording.troubles(here.seen_guild))
        assert "Presence Intent" in troubles
        assert "Message Content Intent" in troubles


async def test_a_server_that_disables_the_module_is_not_recorded_any_more(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        voice = here.world.voice_channel(here.guild.id, "Lounge")
        here.world.enter_voice(here.guild.id, here.ada.id, voice.id)
        here.world.ask(here.channel.id, here.ada.id, "Tea?", ["yes", "no"])
        await here.shown(VOICE, 1)
        await here.world.until(lambda: here.execute("SELECT 1 FROM polls"))
        await here.module.disable(here.guild.id)
        here.world.say(here.channel.id, here.ada.id, "hello")
        here.world.leave_voice(here.guild.id, here.ada.id)
        after = here.join()
        await here.world.until(lambda: here.seen_guild.get_member(after.id) is not None)
        await here.client.parts.recorder.flush()
        tables = (
            "statistics_events",
            "statistics_sessions",
            "statistics_samples",
            "statistics_hours",
            "polls",
        )

        async def is_gone() -> bool:
            return not any(here.execute(f"SELECT 1 FROM {table}") for table in tables)

        await eventually(is_gone, "everything is deleted")


async def test_a_permission_that_is_missing_is_named(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        assert here.recording.troubles(here.seen_guild) == ()
        here.world.set_bot_permissions(here.guild.id, without("manage_channels"))
        await here.world.until(lambda: not here.seen_permissions.manage_channels)
        (trouble,) = here.recording.troubles(here.seen_guild)
        assert "Manage Channels" in trouble
        await here.change(enabled_groups=frozenset({Group.MESSAGES}))
        assert here.recording.troubles(here.seen_guild) == ()
