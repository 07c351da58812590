"""What is checked in a server, on plain data; each finding at a real Discord is in tests/wire/test_doctor.py."""

import pytest

from bot.doctor.findings import Severity
from bot.doctor.needs import PermissionNeed, RenameWait, RoleNeed
from bot.doctor.server import check_server
from bot.text.language import Language, speaking
from tests.bot.doctor.examples import GUILD_ID, seen_server

BOTS_ROLE, LOWER, HIGHER = 5, 6, 7


def need(role_id: int, *, must_be_below: bool = True) -> RoleNeed:
    return RoleNeed(
        role_id=role_id,
        purpose="Roles for joiners",
        lost="It is not given.",
        when_gone="Choose another.",
        must_be_below=must_be_below,
    )


def checks_of(*needs: RoleNeed) -> dict[str, Severity]:
    seen = seen_server({BOTS_ROLE: 2, LOWER: 1, HIGHER: 3}, [BOTS_ROLE])
    return {found.check: found.severity for found in check_server(seen, needs, (), 0)}


def test_a_role_that_the_bot_gives_must_stand_below_its_own() -> None:
    assert checks_of(need(LOWER)) == {"server.roles": Severity.FINE}
    assert checks_of(need(HIGHER)) == {"server.role_order": Severity.ERROR}
    assert checks_of(need(BOTS_ROLE)) == {"server.role_order": Severity.ERROR}


def test_a_role_that_is_only_counted_may_stand_anywhere() -> None:
    assert checks_of(need(HIGHER, must_be_below=False)) == {"server.roles": Severity.FINE}


def test_a_role_that_is_gone_is_an_error() -> None:
    assert checks_of(need(404)) == {"server.role_gone": Severity.ERROR}


def test_the_place_of_the_highest_role_is_told_with_what_depends_on_it() -> None:
    seen = seen_server({BOTS_ROLE: 2, LOWER: 1, HIGHER: 3}, [BOTS_ROLE])
    (lonely,) = check_server(seen, [RenameWait(1, 0)], (), 0)
    assert lonely.sentence == "The highest role of the bot is number 2 of 4 from the top."
    assert lonely.meaning == "Nothing that is switched on here depends on the order of roles."
    (giving,) = check_server(seen, [need(LOWER)], (), 0)
    assert giving.meaning == "The 1 role that it gives is below it."


def test_a_permission_that_several_need_is_one_finding_with_all_that_is_lost() -> None:
    seen = seen_server({}, [], permissions=0)
    needs = [
        PermissionNeed("manage_channels", "Invites are noticed late."),
        PermissionNeed("manage_channels", "Counters do not work.", is_vital=True),
        PermissionNeed("manage_channels", "Counters do not work.", is_vital=True),
    ]
    found, _roles = check_server(seen, needs, (), 0)
    assert (found.check, found.severity) == ("server.permission", Severity.ERROR)
    assert found.meaning == "Invites are noticed late. Counters do not work."


def test_every_finding_says_which_server_it_is_of() -> None:
    found = check_server(seen_server({}, []), [PermissionNeed("connect", "x")], (), 0)
    assert {(one.guild_id, one.guild_name) for one in found} == {(GUILD_ID, "Harbour")}


@pytest.mark.parametrize("language", list(Language))
def test_findings_are_made_in_the_language_of_the_context(language: Language) -> None:
    """No text of a finding may fail to take its values in any language."""
    with speaking(language):
        seen = seen_server({BOTS_ROLE: 2, HIGHER: 3}, [BOTS_ROLE], permissions=0)
        needs = (need(HIGHER), need(404), PermissionNeed("manage_guild", "x"))
        assert all(found.sentence for found in check_server(seen, needs, (), 0))
