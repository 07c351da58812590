"""What is said of the application as a whole."""

import pytest

from bot.config import Config, DiscordConfig
from bot.doctor.application import GatewayTerms, check_clock, check_gateway
from bot.doctor.findings import Severity

PLENTY = GatewayTerms(recommended_shards=1, starts_left=1000, starts_reset_after_ms=86_400_000)


def test_more_servers_than_the_shards_can_take_are_an_error() -> None:
    config = Config(discord=DiscordConfig(shard_count=2))
    terms = GatewayTerms(3, 1000, 0)
    assert next(check_gateway(config, 5000, terms)).severity is Severity.NOTE
    found = next(check_gateway(config, 5001, terms))
    assert (found.severity, found.check) == (Severity.ERROR, "discord.shards")
    assert "discord.shard_count to 3" in found.advice


@pytest.mark.parametrize(
    ("left", "severity"), [(20, Severity.FINE), (19, Severity.WARNING), (0, Severity.ERROR)]
)
def test_few_starts_that_are_left_are_a_warning_and_too_few_an_error(left: int, severity: Severity) -> None:
    _shards, starts = check_gateway(Config(), 1, GatewayTerms(1, left, 3_600_000))
    assert starts.severity is severity
    assert starts.sentence.endswith("in the next hour.")


def test_a_bot_with_many_shards_needs_as_many_starts() -> None:
    config = Config(discord=DiscordConfig(shard_count=30))
    _shards, starts = check_gateway(config, 1, GatewayTerms(1, 59, 7_200_000))
    assert starts.severity is Severity.WARNING
    assert "in the next 2 hours" in starts.sentence


@pytest.mark.parametrize(
    ("lead_ms", "severity", "words"),
    [
        (0, Severity.FINE, "agrees"),
        (2_000, Severity.NOTE, "2 seconds ahead of"),
        (-2_000, Severity.NOTE, "2 seconds behind"),
        (60_000, Severity.WARNING, "60 seconds ahead of"),
        (-5_000, Severity.WARNING, "5 seconds behind"),
    ],
)
def test_a_clock_is_judged_by_how_far_it_is_off(lead_ms: int, severity: Severity, words: str) -> None:
    found = check_clock(lead_ms)
    assert found.severity is severity
    assert words in found.sentence


def test_enough_of_everything_is_fine() -> None:
    assert {found.severity for found in check_gateway(Config(), 1, PLENTY)} == {Severity.FINE}
