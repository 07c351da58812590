"""The table of the readers: nothing that Discord tells is read in vain, nothing that is wanted is left unread."""

from discord.state import ConnectionState

from cogs.serverstats.statistics.readers import READERS
from cogs.serverstats.statistics.sampling import SAMPLED
from storage.statistics.catalogue import CATALOGUE, COMMANDS_USED, Source


def test_every_kind_that_the_gateway_feeds_is_read_or_sampled() -> None:
    fed = {kind for reader in READERS for kind in reader.feeds} | set(SAMPLED)
    assert fed == {kind for kind in CATALOGUE if kind.source is Source.GATEWAY} | {COMMANDS_USED}


def test_every_event_that_is_read_is_one_that_discord_sends() -> None:
    assert {reader.event for reader in READERS} <= {
        name.removeprefix("parse_").upper() for name in dir(ConnectionState) if name.startswith("parse_")
    }


def test_what_a_reader_feeds_is_switched_on_together() -> None:
    assert all(len({kind.group for kind in reader.feeds}) == 1 for reader in READERS)
