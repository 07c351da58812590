"""In which language the starboard speaks: posts and tops in the server's, the rest in that of whoever reads it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bot.text.language import Language, speaking
from cogs.serverstats.starboard.rendering.post import original_id_of
from storage.starboard import upsert_entry
from storage.starboard_records import EntryState
from tests.cogs.serverstats.starboard.stage import Stage, set_stage
from tests.discord_in_process import words_of
from tests.texts.collecting import Text
from tests.texts.other_words import languages_where

ENGLISH = (
    "Message {id}",
    "Original",
    "Jump to the message",
    "Most starred",
    "Stars received",
    "Top of {name}",
)
TEXTS = [
    *(Text(message, "here") for message in ENGLISH),
    Text("Counting again", "here"),
    Text("Starboard {name}: {reason}", "here"),
    Text("Discord refused a request in {channel}: {reason}.", "here"),
    Text("**{rank}.** {person} · {stars} for {count} message", "here", plural="**{rank}.** {person} {count}"),
]


@contextmanager
def other_words(folder: Path) -> Iterator[None]:
    """Let Dutch and German be other words for the same."""
    with languages_where(folder, TEXTS, lambda english: f"«{english}»"):
        yield


async def choose(stage: Stage, language: str) -> None:
    """Let the server have this language."""
    book = stage.place.client.parts.guild_settings
    settings = book.settings_of(stage.guild.id).model_copy(update={"language": language})
    await book.save(stage.guild.id, settings, book.version_of(stage.guild.id))


def edits(stage: Stage) -> int:
    """Return how often the bot edited a message."""
    return sum(
        request.method == "PATCH" and "/messages/" in request.path and "/webhooks/" not in request.path
        for request in stage.world.http_requests
    )


async def test_a_post_is_in_the_servers_language_even_when_somebody_else_asked_for_it(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        with other_words(tmp_path):
            await choose(stage, "nl")
            message = stage.say()
            for user_id in stage.crowd[:3]:
                stage.world.react(message, user_id, "⭐")
            link = f"https://discord.com/channels/{stage.guild.id}/{stage.channel.id}/{message.id}"
            await stage.told(stage.manager, "recount", message=link)
            await stage.looked()
            (embed,) = stage.post().embeds
            assert embed["footer"]["text"] == f"«Message {message.id}»"
            assert embed["fields"][0]["name"] == "«Original»"
            assert original_id_of({"embeds": stage.post().embeds}) == message.id


async def test_another_language_edits_no_post_until_something_else_changes(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        with other_words(tmp_path):
            messages = [stage.say(f"message {number}") for number in range(3)]
            for message in messages:
                await stage.star(message, 3)
            await stage.rest()
            before = edits(stage)
            await choose(stage, "de")
            await stage.told(stage.admin, "recount")
            await stage.env.advance_time(30)
            assert edits(stage) == before
            assert all("«" not in str(post.embeds) for post in stage.posts())

            await stage.star(messages[1], 4)
            await stage.rest()
            assert edits(stage) == before + 1
            footers = [post.embeds[0]["footer"]["text"] for post in stage.posts()]
            assert footers == [
                f"Message {messages[0].id}",
                f"«Message {messages[1].id}»",
                f"Message {messages[2].id}",
            ]


async def test_a_post_of_another_language_is_found_again_and_not_made_twice(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        with other_words(tmp_path):
            await choose(stage, "nl")
            message = stage.say()
            await stage.star(message, 3)
            await stage.rest()
            async with stage.place.client.parts.database.write() as tx:
                (entry,) = await stage.entries(message)
                await upsert_entry(tx, replace(entry, state=EntryState.POSTING, post_id=None, shown=None))
            await stage.place.restart()
            await stage.env.advance_time(60)
            await stage.looked()
            assert len(stage.posts()) == 1
            (entry,) = await stage.entries(message)
            assert entry.post_id == stage.post().id


async def test_everybody_reads_the_top_in_the_servers_language(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        with other_words(tmp_path):
            await stage.star(stage.say(), 3)
            await choose(stage, "de")
            text = words_of(await stage.use(stage.member, "top"))
            assert "«Top of welcome»" in text
            assert "«Stars received»" in text
            counted = await stage.told(stage.manager, "recount")
            assert "«" not in counted


async def test_what_discord_refused_is_told_in_the_language_of_whoever_asks(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        with other_words(tmp_path):
            guild = stage.seen_guild
            (board,) = stage.service.boards_of(stage.guild.id)
            state = stage.service.engine.find(stage.guild.id)
            assert state is not None
            stage.env.inject_error(
                "POST", f"/channels/{board.channel_id}/messages", status=403, code=50013, message="No"
            )
            await stage.star(stage.say(), 3)
            await stage.looked()
            assert board.board_id in state.refusals
            (english,) = stage.service.troubles(guild)
            with speaking(Language.GERMAN):
                (german,) = stage.service.troubles(guild)
            assert english.startswith(
                f"Starboard welcome: Discord refused a request in <#{board.channel_id}>:"
            )
            assert german.startswith(
                f"«Starboard welcome: «Discord refused a request in <#{board.channel_id}>:"
            )
