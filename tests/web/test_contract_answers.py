"""What every endpoint answers to a request that is fine: the envelope, the record with exactly its fields, what was stored."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.contract import CONTRACT
from tests.web.contract.answers import faults_of_success
from tests.web.contract.facts import Needs, Row
from tests.web.contract.requests import with_ids_as_text
from tests.web.contract.statistics import HEARD
from tests.web.scene import MODULES, Scene, make_counter, scene


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as made:
        yield made


@pytest.fixture
async def lively(stage: Scene) -> Scene:
    """A scene in which everything has happened once."""
    await stage.live()
    await stage.report()
    await make_counter(stage)
    return stage


@pytest.mark.parametrize("change", [dict, with_ids_as_text], ids=["ids as numbers", "ids as text"])
async def test_every_endpoint_takes_what_is_fine(lively: Scene, change: Any) -> None:
    faults = []
    for row in sorted(CONTRACT, key=lambda row: row.needs):
        await prepare(lively, row)
        fields = lively.fields(row)
        response = await lively.send(row, fields if change is dict else change(row, fields))
        faults += [f"{row.name}: {fault}" for fault in faults_of_success(row, response)]
        if row.answer == "Recorded" and not faults:
            is_stored = row.pair not in HEARD
            if response.json()["data"]["recorded"] is not is_stored:
                faults.append(f"{row.name}: {response.text}")
        await restore(lively, row)
    assert not faults, "\n".join(faults)


async def test_what_may_be_null_may_be_null_or_left_out(stage: Scene) -> None:
    faults = []
    for row in CONTRACT:
        nullable = {one.name for one in row.fields if one.may_be_null}
        if not nullable:
            continue
        # What is switched on needs a channel and a text.
        fields = {
            name: False if name.endswith("_enabled") else value for name, value in stage.fields(row).items()
        }
        without = {name: value for name, value in fields.items() if name not in nullable - row.required}
        for what, sent in (("left out", without), ("null", {**without, **dict.fromkeys(nullable)})):
            await prepare(stage, row)
            if "invite_code" in sent:
                sent["invite_code"] = stage.spot.invite_code
            response = await stage.send(row, sent)
            faults += [f"{row.name}, {what}: {fault}" for fault in faults_of_success(row, response)]
    assert not faults, "\n".join(faults)


async def test_what_discord_tells_is_not_stored_a_second_time(stage: Scene) -> None:
    await stage.place.client.parts.recorder.flush()
    before = stage.stored()
    for row in CONTRACT:
        if row.pair in HEARD:
            response = await stage.send(row)
            assert response.json() == {"success": True, "data": {"recorded": False}}, row.name
    await stage.place.client.parts.recorder.flush()
    assert stage.stored() == before


async def make_invite(stage: Scene) -> None:
    """Make an invite by request, and let the spot name it."""
    row = next(row for row in CONTRACT if row.pair == "POST /modules/invite-tracker/invite")
    response = await stage.send(row)
    assert response.status_code == 200, response.text
    stage.spot.invite_code = response.json()["data"]["invite_code"]
    await stage.place.env.settle()


async def disable(stage: Scene, module: str) -> None:
    """Disable a module by request."""
    await stage.write("POST", f"/modules/{module}/disable")


async def prepare(stage: Scene, row: Row) -> None:
    """Let there be what the row acts on."""
    match row.method, row.path.split("/")[2:]:
        case "DELETE", ["invite-tracker", "invite"]:
            await make_invite(stage)
        case (("GET" | "DELETE"), ["serverstats", "counter", _]):
            await make_counter(stage)
        case "POST", [module, "enable"]:
            await disable(stage, module)
        case _:
            pass


async def restore(stage: Scene, row: Row) -> None:
    """Bring back what the row may have taken away."""
    for module in MODULES:
        if row.path.startswith(f"/modules/{module}/") and row.needs in {Needs.WRITE, Needs.OPERATOR}:
            await stage.enable(module)
