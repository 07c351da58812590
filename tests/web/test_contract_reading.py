"""What lists and records look like: exactly the published fields, in pages, filtered.

The data is made by what Discord tells and by what other software reports, never put into the database. Nothing here changes
any of it, so one scene serves for all.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.web.contract import CONTRACT
from tests.web.contract.answers import faults_of_success
from tests.web.contract.facts import Needs, Row
from tests.web.contract.records import RECORDS
from tests.web.contract.requests import NOBODYS_ID, Fields, with_ids_as_text
from tests.web.scene import Scene, make_counter, scene

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lively(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """A scene in which everything has happened once."""
    async with scene(tmp_path_factory.mktemp("reading")) as stage:
        await stage.live()
        await stage.report()
        await make_counter(stage)
        yield stage


async def test_every_list_has_records_of_exactly_the_published_shape(lively: Scene) -> None:
    faults = []
    for row in CONTRACT:
        if row.needs is Needs.READ:
            response = await lively.send(row, without_filters(row, lively.fields(row)))
            found = faults_of_success(row, response)
            faults += [f"{row.name}: {fault}" for fault in found]
            if row.is_list and not found and not records_in(response.json()):
                faults.append(f"{row.name}: nothing is there")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("filter_name", "shown_as"),
    [("user_id", {"user_id", "author_id", "triggering_user_id"}), ("channel_id", {"channel_id"})],
)
async def test_a_filter_leaves_only_what_fits(lively: Scene, filter_name: str, shown_as: set[str]) -> None:
    faults = []
    for row in CONTRACT:
        shown = shown_as & RECORDS[row.answer.strip("[]")].keys() if row.is_list else set()
        if not shown or filter_name not in {one.name for one in row.fields}:
            continue
        [name] = shown
        fields = without_filters(row, lively.fields(row))
        everything = records_in((await lively.send(row, fields)).json())
        for wanted in {record[name] for record in everything if record[name] is not None} | {str(NOBODYS_ID)}:
            found = records_in((await lively.send(row, {**fields, filter_name: wanted})).json())
            if found != [record for record in everything if record[name] == wanted]:
                faults.append(f"{row.name}, {filter_name} {wanted}: {found}")
    assert not faults, "\n".join(faults)


async def test_pages_follow_each_other(lively: Scene) -> None:
    faults = []
    for row in CONTRACT:
        if not row.is_list or row.needs is not Needs.READ:
            continue
        fields = without_filters(row, lively.fields(row))
        whole = await lively.send(row, {**fields, "page_size": 10_000})
        total = int(whole.headers["x-total-count"])
        pages = [
            await lively.send(row, {**fields, "page": number, "page_size": 1})
            for number in range(1, total + 2)
        ]
        paged = [record for page in pages for record in records_in(page.json())]
        if paged != records_in(whole.json()) or records_in(pages[-1].json()):
            faults.append(f"{row.name}: {paged} instead of {records_in(whole.json())}")
        if {page.headers["x-total-count"] for page in pages} != {str(total)}:
            faults.append(f"{row.name}: not every page has the total")
    assert not faults, "\n".join(faults)


async def test_a_starred_message_is_told_with_its_post(lively: Scene) -> None:
    row = next(row for row in CONTRACT if row.pair == "POST /modules/serverstats/starboard/add")
    response = await lively.send(row)
    assert faults_of_success(row, response) == []
    [entry] = response.json()["data"]
    assert entry["original_message_id"] == str(lively.spot.message_id)


async def test_the_operators_key_opens_everything(lively: Scene) -> None:
    faults = []
    for row in CONTRACT:
        if row.needs is Needs.READ:
            response = await lively.send(row, key=lively.keys[Needs.OPERATOR])
            faults += [f"{row.name}: {fault}" for fault in faults_of_success(row, response)]
    assert not faults, "\n".join(faults)


async def test_both_headers_for_a_key_are_taken(lively: Scene) -> None:
    path = f"/modules/serverstats/status?guild_id={lively.spot.guild_id}"
    for headers in (
        {"Authorization": f"Bearer {lively.keys[Needs.READ]}"},
        {"authorization": f"bearer {lively.keys[Needs.READ]}"},
        {"X-API-Key": lively.keys[Needs.READ]},
    ):
        response = await lively.api.http.get(path, headers=headers)
        assert response.json() == {"success": True, "data": {"enabled": True}}


async def test_the_two_of_invitelogger_take_their_fields_from_a_body_as_well(lively: Scene) -> None:
    for row in CONTRACT:
        if row.path.startswith("/v1/"):
            in_query = await lively.send(row)
            in_body = await lively.send(row, with_ids_as_text(row, lively.fields(row)), in_body=True)
            assert in_body.status_code == in_query.status_code == 200, (in_query.text, in_body.text)
            assert in_body.json() == in_query.json()


def without_filters(row: Row, fields: Fields) -> Fields:
    """Return what must be there, and the page."""
    return {name: value for name, value in fields.items() if name in row.required or name.startswith("page")}


def records_in(answer: Any) -> list[Any]:
    """The records of an answer with a list."""
    records: list[Any] = answer["data"] if isinstance(answer, dict) else answer
    return records
