"""Reading Discord's invite objects."""

from cogs.invite_tracker.attribution.rises import read_invite
from tests.cogs.invite_tracker.attribution.script import CHANNEL_ID, T0, invite, stamp


def test_an_invite_is_read_with_its_metadata() -> None:
    facts = read_invite(invite("a", 3, max_uses=5, created=10, expires=20, inviter_id=9))
    assert (facts.code, facts.uses, facts.max_uses) == ("a", 3, 5)
    assert (facts.created_at_ms, facts.expires_at_ms) == (T0 + 10, T0 + 20)
    assert (facts.inviter_id, facts.channel_id) == (9, CHANNEL_ID)


def test_an_invite_may_lack_channel_and_inviter() -> None:
    """Widget invites have no inviter; group and removed channels are null."""
    facts = read_invite({"code": "a", "uses": 0, "channel": None, "inviter": None})
    assert (facts.channel_id, facts.inviter_id, facts.max_uses, facts.is_temporary) == (None, None, 0, False)


def test_a_creation_event_names_the_channel_by_its_id() -> None:
    assert read_invite({"code": "a", "channel_id": "8"}).channel_id == 8


def test_a_missing_expiry_follows_from_the_maximum_age() -> None:
    facts = read_invite({"code": "a", "created_at": stamp(0), "max_age": 60})
    assert facts.expires_at_ms == T0 + 60_000


def test_a_list_without_uses_is_recognised() -> None:
    assert read_invite({"code": "a"}).uses is None
