"""The look of what the bot says."""

import discord
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.look import fit_lines, fits_one_message, make_embed, safe_name, shorten


@given(st.text(), st.integers(1, 50))
def test_a_shortened_text_fits(text: str, length: int) -> None:
    shown = shorten(text, length)

    assert len(shown) <= length
    assert shown == text or shown.endswith("…")


@given(
    st.lists(st.text(st.characters(blacklist_characters="\n"), max_size=20), max_size=20),
    st.integers(30, 200),
)
def test_only_whole_lines_are_left_out_and_counted(lines: list[str], length: int) -> None:
    shown = fit_lines(lines, length, lambda left_out: f"… {left_out} more")

    assert len(shown) <= length
    if shown != "\n".join(lines):
        *kept, last = shown.split("\n")
        assert kept == lines[: len(kept)]
        assert last == f"… {len(lines) - len(kept)} more"


def test_an_embed_of_too_long_texts_is_cut_to_discords_limits() -> None:
    embed = make_embed("x" * 300, "y" * 5000, footer="z")

    assert len(embed.title or "") == 256
    assert len(embed.description or "") == 4096


def test_a_name_shows_as_it_is() -> None:
    assert "@everyone" not in safe_name("@everyone")
    assert "<@1>" not in safe_name("<@1>")
    assert safe_name("**bold**\nname") == r"\*\*bold\*\* name"


def test_what_discord_refuses_in_one_message_does_not_fit() -> None:
    assert fits_one_message([discord.Embed(description="x" * 4000), discord.Embed(title="y" * 200)])
    assert not fits_one_message([discord.Embed(description="x" * 4000)] * 2)
    assert not fits_one_message([discord.Embed(description="x")] * 11)


def test_an_emoji_counts_twice_as_discord_counts_it() -> None:
    assert not fits_one_message([discord.Embed(description="🎈" * 3001)])
