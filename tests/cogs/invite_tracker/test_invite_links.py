"""What people type when they mean an invite."""

import pytest

from bot.errors import UnprocessableEntityError
from cogs.invite_tracker.invite_links import invite_url, parse_invite_code


@pytest.mark.parametrize(
    "text",
    [
        "abC123",
        " abC123 ",
        "discord.gg/abC123",
        "https://discord.gg/abC123",
        "http://www.discord.gg/abC123/",
        "https://discord.com/invite/abC123",
        "https://discordapp.com/invite/abC123?event=1",
        "HTTPS://DISCORD.GG/abC123",
    ],
)
def test_a_code_and_every_form_of_link_mean_the_same_invite(text: str) -> None:
    assert parse_invite_code(text) == "abC123"


@pytest.mark.parametrize(
    "text", ["", "a b", "https://example.org/abC123", "discord.gg/", "discord.gg/a/b", "<@1>", "x" * 65]
)
def test_anything_else_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(UnprocessableEntityError, match=r"is not an invite: give a code"):
        parse_invite_code(text)


def test_a_link_leads_back_to_its_code() -> None:
    assert parse_invite_code(invite_url("harbour-town")) == "harbour-town"
