"""What every endpoint refuses: strangers, keys without the right, keys of other servers, fields that are wrong.

None of it changes anything, so one scene serves for all of it.
"""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
import pytest_asyncio

from tests.web.api import OPERATOR_KEY
from tests.web.contract import CONTRACT
from tests.web.contract.answers import faults_of_refusal
from tests.web.contract.facts import BAD, DISABLED, FORBIDDEN, SETTINGS, UNPROCESSABLE, Needs, Row, Sent
from tests.web.contract.requests import (
    NOBODYS_ID,
    Fields,
    fields_for,
    impossible_fields,
    with_ids_as_text,
    wrong_fields,
)
from tests.web.scene import Scene, scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

OF_A_GUILD = [row for row in CONTRACT if row.is_of_a_guild]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with scene(tmp_path_factory.mktemp("refusals")) as made:
        yield made


class Faults(list[str]):
    """What is wrong, with the name of the row."""

    def note(self, row: Row, what: str, response: httpx.Response, *names: str) -> None:
        """Judge an answer that must be one of these errors."""
        self += [f"{row.name}, {what}: {fault}" for fault in faults_of_refusal(response, *names)]


@pytest_asyncio.fixture(loop_scope="module")
async def faults(stage: Scene) -> AsyncIterator[Faults]:
    """Collects what is wrong; at the end of the test nothing may be, and nothing may have been changed."""
    stored, acts = stage.stored(), stage.acts()
    found = Faults()
    yield found
    assert not found, "\n".join(found)
    await stage.place.env.settle()
    after = stage.stored()
    assert [name for name, rows in stored.items() if after[name] != rows] == []
    assert stage.acts() == acts


async def test_nobody_gets_in_without_a_key(stage: Scene, faults: Faults) -> None:
    for row in CONTRACT:
        response = await stage.send(row, key=None)
        faults.note(row, "no key", response, "UnauthorizedError")
        if response.headers.get("www-authenticate") != "Bearer":
            faults.append(f"{row.name}: no WWW-Authenticate")


async def test_nobody_gets_in_with_a_key_that_is_not_known(stage: Scene, faults: Faults) -> None:
    clock = stage.place.clock
    for row in CONTRACT:
        # More of them in a minute would be refused for that.
        clock.skip_to(clock.now_ms() + 2_000)
        known = stage.key_for(row)
        stranger = known[:-1] + ("a" if known[-1] != "a" else "b")
        faults.note(row, "unknown key", await stage.send(row, key=stranger), "UnauthorizedError")


async def test_a_key_opens_only_what_it_has_the_right_for(stage: Scene, faults: Faults) -> None:
    for row in CONTRACT:
        for right, key in stage.keys.items():
            if row.needs is not Needs.ANY and right not in {row.needs, Needs.OPERATOR}:
                faults.note(row, f"key with the right {right}", await stage.send(row, key=key), FORBIDDEN)


async def test_a_key_of_another_server_opens_nothing_of_this_one(stage: Scene, faults: Faults) -> None:
    for row in OF_A_GUILD:
        fields = stage.fields(row)
        for what, sent in (("ids as numbers", fields), ("ids as text", with_ids_as_text(row, fields))):
            response = await stage.send(row, sent, key=stage.key_of_elsewhere)
            faults.note(row, what, response, FORBIDDEN)


async def test_a_required_field_cannot_be_left_out(stage: Scene, faults: Faults) -> None:
    for row in CONTRACT:
        fields = stage.fields(row)
        for name in sorted(row.required):
            rest = {other: value for other, value in fields.items() if other != name}
            if not is_another_body(row, rest):
                faults.note(row, f"without {name}", await stage.send(row, rest), BAD)


async def test_a_field_of_another_type_is_refused(stage: Scene, faults: Faults) -> None:
    for row in CONTRACT:
        for field, wrong in wrong_fields(row, stage.fields(row)):
            faults.note(row, f"{field.name} {wrong[field.name]!r}", await stage.send(row, wrong), BAD)
            if row.sent is Sent.BODY and not field.may_be_null:
                response = await stage.send(row, {**wrong, field.name: None})
                faults.note(row, f"{field.name} null", response, BAD)


async def test_a_field_out_of_its_range_is_refused(stage: Scene, faults: Faults) -> None:
    for row in CONTRACT:
        for field, value, wrong in impossible_fields(row, stage.fields(row)):
            faults.note(row, f"{field.name} {value}", await stage.send(row, wrong), UNPROCESSABLE)


async def test_a_field_that_nobody_knows_is_refused(stage: Scene, faults: Faults) -> None:
    for row in CONTRACT:
        if row.fields:
            response = await stage.send(row, {**stage.fields(row), "surprise": "1"})
            faults.note(row, "unknown field", response, BAD)


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("no JSON", lambda _fields: b"{"),
        ("a list", lambda _fields: b"[]"),
        ("nothing", lambda _fields: b""),
        ("half of a character", lambda _fields: b'{"guild_id": "\\ud800"}'),
        ("no UTF-8", lambda _fields: b'{"guild_id": "\xff"}'),
    ],
)
async def test_a_body_that_is_no_object_is_refused(
    stage: Scene, faults: Faults, what: str, change: Callable[[Fields], bytes]
) -> None:
    for row in CONTRACT:
        if row.sent is Sent.BODY:
            headers = {"Authorization": f"Bearer {stage.key_for(row)}", "Content-Type": "application/json"}
            content = change(stage.fields(row))
            response = await stage.api.http.request(row.method, row.path, content=content, headers=headers)
            faults.note(row, what, response, BAD)


async def test_a_server_that_the_bot_is_not_in_is_told_from_others(stage: Scene, faults: Faults) -> None:
    for row in OF_A_GUILD:
        if SETTINGS in row.errors:
            response = await stage.send(row, {**stage.fields(row), "guild_id": NOBODYS_ID}, key=OPERATOR_KEY)
            faults.note(row, "server unknown to the bot", response, SETTINGS)


async def test_a_module_that_is_not_enabled_answers_so(stage: Scene, faults: Faults) -> None:
    for row in OF_A_GUILD:
        if DISABLED in row.errors:
            fields = fields_for(row, stage.elsewhere)
            response = await stage.send(row, fields, key=stage.key_of_elsewhere, spot=stage.elsewhere)
            faults.note(row, "module not enabled", response, DISABLED)


async def test_another_method_is_refused(stage: Scene, faults: Faults) -> None:
    methods = {
        path: {row.method for row in CONTRACT if row.path == path} for path in {row.path for row in CONTRACT}
    }
    for row in CONTRACT:
        for method in {"GET", "PUT", "POST", "DELETE", "PATCH"} - methods[row.path]:
            path = row.path.format(counter_id="1")
            headers = {"Authorization": f"Bearer {OPERATOR_KEY}"}
            response = await stage.api.http.request(method, path, headers=headers)
            faults.note(row, method, response, "MethodNotAllowedError")


def is_another_body(row: Row, fields: Fields) -> bool:
    """Whether these fields are what another row of the same pair wants: the fields tell which is meant."""
    return any(
        other.required <= fields.keys() <= {one.name for one in other.fields}
        for other in CONTRACT
        if other.pair == row.pair and other is not row
    )
