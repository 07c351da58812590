"""Whatever a message holds, its post can be sent and gives nothing away."""

import re
from typing import Any

import discord
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.text.rendering import RenderedMessage
from bot.text.templates import units
from bot.ui.look import fits_one_message
from cogs.serverstats.starboard.rendering.post import Board, Source, digest_of, original_id_of, render_post
from tests.cogs.serverstats.starboard.rendering.messages import ADA, BOB, FILES, GUILD_ID, SIGNATURE, message
from tests.cogs.serverstats.starboard.rendering.reading import READINGS

LIMITS = {"title": 256, "description": 4096}
SECRET = "Rosebud"
HIDDEN_FILE = re.compile(r"hidden\d*\.png")

PLAIN = st.text(max_size=40) | st.sampled_from(
    ["Hello `code` there", "```py\nx\n```", "- a\n- b", "🎈" * 300, "*" * 400]
)
# The author closes what is opened before the secret, so that it is hidden for everybody.
TEXTS = PLAIN | st.builds(
    lambda before, after: f"{before}\n\n||{SECRET}||{after}",
    st.sampled_from(
        ["Hello", "`code`", "```py\nx || y\n```", "**bold** ||and||", "x" * 3990, "> quoted", "🎈" * 1950]
    ),
    st.sampled_from(["", " and on", " ||", "\n- ||", "```", " `", "x" * 5000, "\\", "|", " ||more||", "**"]),
)
OPEN_FILES: st.SearchStrategy[dict[str, Any]] = st.integers(0, 30).map(
    lambda number: {"filename": f"open{number}.png", "url": f"{FILES}/open{number}.png{SIGNATURE}"}
)
HIDDEN_FILES: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"filename": "hidden.png", "url": f"{FILES}/hidden.png{SIGNATURE}", "flags": 8},
        {"filename": "SPOILER_hidden1.png", "url": f"{FILES}/SPOILER_hidden1.png"},
        {"filename": "hidden2.png", "url": f"{FILES}/hidden2.png", "flags": 24, "content_type": "image/png"},
    ]
)  # fmt: skip
JUNK = st.none() | st.integers() | st.text(max_size=5) | st.lists(st.none() | st.integers(), max_size=2)
PICTURES = (OPEN_FILES | HIDDEN_FILES).map(lambda file: {key: file[key] for key in file if key != "filename"})
EMBEDS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["rich", "image", "gifv", "video", "article", "link", "poll_result"]),
        "title": TEXTS,
        "description": TEXTS,
        "url": st.sampled_from(["https://example.com", "x", f"{FILES}/open1.png"]),
        "image": PICTURES,
        "thumbnail": PICTURES,
        "color": st.integers(-1, 2**25),
        "author": st.fixed_dictionaries({"name": PLAIN}),
        "footer": st.fixed_dictionaries({"text": PLAIN}),
        "fields": st.lists(st.fixed_dictionaries({"name": TEXTS, "value": TEXTS}), max_size=30),
    },
)
MEDIA_COMPONENTS = st.builds(
    lambda kind, picture: {"type": kind, "media": picture, "file": picture, "items": [{"media": picture}]},
    st.sampled_from([11, 12, 13]),
    PICTURES,
)
COMPONENTS = st.recursive(
    st.builds(lambda text: {"type": 10, "content": text}, TEXTS)
    | MEDIA_COMPONENTS
    | st.fixed_dictionaries({"type": JUNK}),
    lambda children: st.builds(
        lambda kind, inside, hidden: {"type": kind, "components": inside, "spoiler": hidden},
        st.sampled_from([9, 17]),
        st.lists(children, max_size=4),
        st.booleans(),
    ),
    max_leaves=8,
)
POLLS = st.builds(
    lambda question, answers, closed: {
        "question": {"text": question},
        "answers": [{"answer_id": index, "poll_media": {"text": text}} for index, text in enumerate(answers)],
        "results": {"is_finalized": closed, "answer_counts": [{"id": 0, "count": 5}]},
    },
    PLAIN,
    st.lists(PLAIN, max_size=10),
    st.booleans(),
)
CONTENTS: dict[str, st.SearchStrategy[Any]] = {
    "content": TEXTS | JUNK,
    "attachments": st.lists(OPEN_FILES | HIDDEN_FILES, max_size=12) | JUNK,
    "embeds": st.lists(EMBEDS, max_size=10) | JUNK,
    "components": st.lists(COMPONENTS, max_size=5) | JUNK,
    "sticker_items": st.lists(st.fixed_dictionaries({"id": JUNK, "name": PLAIN, "format_type": st.integers(0, 5)}), max_size=3),
    "poll": POLLS | JUNK,
    "flags": st.sampled_from([0, 4, 1 << 13, 1 << 15]),
}  # fmt: skip
AUTHORS = st.sampled_from([ADA, BOB, {**BOB, "bot": True}, {}]) | PLAIN.map(
    lambda name: {"id": "5", "username": name}
)
SNAPSHOTS = st.fixed_dictionaries({}, optional=CONTENTS).map(lambda content: [{"message": content}])
SIMPLE = st.builds(
    lambda content, author: message(**content, author=author),
    st.fixed_dictionaries({}, optional=CONTENTS),
    AUTHORS,
)
MESSAGES = st.builds(
    lambda given, extra: {**given, **extra},
    SIMPLE,
    st.fixed_dictionaries(
        {"type": st.sampled_from([0, 19, 20, 21, 23])},
        optional={
            "referenced_message": SIMPLE | st.none(),
            "message_snapshots": SNAPSHOTS | JUNK,
            "message_reference": st.sampled_from([{"type": 1, "guild_id": "700", "message_id": "5"}, {"type": 0}]),
            "edited_timestamp": st.none() | st.just("2026-01-01T00:00:00+00:00"),
            "timestamp": st.text(max_size=3),
        },
    ),
)  # fmt: skip
SOURCES = st.builds(
    lambda can_read, title: Source(guild_id=GUILD_ID, can_read_content=can_read, post_title=title),
    st.booleans(),
    st.none() | PLAIN,
)


def markdown_of(post: RenderedMessage) -> list[str]:
    shown = [str(post.content)]
    for embed in post.embeds:
        shown += [embed[key] for key in LIMITS if key in embed]
        shown += [field[key] for field in embed.get("fields", []) for key in ("name", "value")]
    return shown


@settings(deadline=None)
@given(MESSAGES, SOURCES)
def test_a_post_is_within_discords_limits(given: dict[str, Any], source: Source) -> None:
    post = render_post(given, 12, Board(emoji="⭐"), source)

    require_limits(post)
    assert original_id_of({"embeds": list(post.embeds)}) == int(given["id"])
    assert digest_of(post)


def require_limits(post: RenderedMessage) -> None:
    """Fail unless Discord would take the post."""
    assert 0 < units(post.content or "") <= 2000
    assert fits_one_message([discord.Embed.from_dict(embed) for embed in post.embeds])
    for embed in post.embeds:
        texts = [(embed.get(key), limit) for key, limit in LIMITS.items()]
        texts += [(embed.get("author", {}).get("name"), 256), (embed.get("footer", {}).get("text"), 2048)]
        texts += [(field["name"], 256) for field in embed.get("fields", [])]
        texts += [(field["value"], 1024) for field in embed.get("fields", [])]
        assert len(embed.get("fields", [])) <= 25
        assert all(text is None or (text.strip() and units(text) <= limit) for text, limit in texts)
        assert 0 <= embed.get("color", 0) <= 0xFFFFFF


@settings(deadline=None)
@given(MESSAGES, SOURCES)
def test_a_post_shows_nothing_that_the_original_hides(given: dict[str, Any], source: Source) -> None:
    post = render_post(given, 12, Board(emoji="⭐"), source)

    for text in markdown_of(post):
        assert text.count("||") % 2 == 0
        assert text.count("```") % 2 == 0
        for read in READINGS:
            assert SECRET not in read(text)
            assert not HIDDEN_FILE.search(read(text))
    for embed in post.embeds:
        pictures = [embed.get(key, {}).get("url", "") for key in ("image", "thumbnail")]
        assert not any(HIDDEN_FILE.search(address) for address in pictures)


@settings(deadline=None)
@given(MESSAGES)
def test_nothing_of_an_age_restricted_message_is_on_a_board_that_is_not(given: dict[str, Any]) -> None:
    post = render_post(given, 12, Board(emoji="⭐"), Source(guild_id=GUILD_ID, is_nsfw=True))

    (embed,) = post.embeds
    assert set(embed) == {"color", "footer", "timestamp", "description", "fields"}
    bare = message(id=given["id"], edited_timestamp=given.get("edited_timestamp"))
    same = render_post(bare, 12, Board(emoji="⭐"), Source(guild_id=GUILD_ID, is_nsfw=True)).embeds[0]
    assert (embed["description"], embed["fields"]) == (same["description"], same["fields"])
