"""No request that schemathesis can think of ends in an error of ours, or in an answer that the schema does not describe."""

import asyncio
from pathlib import Path

import httpx
import pytest

from tests.web.api import OPERATOR_KEY
from tests.web.made_up_requests import Operation, faults_of_operation, form_of, our_operations
from tests.web.scene import MODULES, Scene, make_counter, scene

ANSWER_SECONDS = 30


def group_of(operation: Operation) -> str:
    """Which test tries the operation."""
    if not operation.path.startswith("/modules/serverstats/"):
        return "all else"
    if "/stats/" not in operation.path:
        return "serverstats"
    return "statistics" if operation.method == "get" else "intake"


@pytest.mark.parametrize("group", ["all else", "serverstats", "statistics", "intake"])
async def test_every_answer_to_a_made_up_request_is_foreseen(tmp_path: Path, group: str) -> None:
    async with scene(tmp_path) as stage:
        await stage.live()
        await stage.report()
        await make_counter(stage)
        operations = [one for one in our_operations() if group_of(one) == group]
        assert operations
        faults, known_forms = [], set()
        for operation in operations:
            form = form_of(operation)
            faults += await try_operation(stage, operation, is_new=form not in known_forms)
            known_forms.add(form)
            if may_leave_little(operation):
                await restore(stage)
        assert not faults, "\n\n".join(faults)


def may_leave_little(operation: Operation) -> bool:
    """Whether it can switch things off, or delete them."""
    return "/stats/" not in operation.path and operation.method != "get"


async def restore(stage: Scene) -> None:
    """Bring back what may be gone."""
    for module in MODULES:
        await stage.enable(module)
    await make_counter(stage)


async def try_operation(stage: Scene, operation: Operation, *, is_new: bool) -> list[str]:
    """Try one operation; schemathesis waits for every answer, so it does so in a thread of its own."""
    loop = asyncio.get_running_loop()
    http = stage.api.http

    def answer(request: httpx.Request) -> httpx.Response:
        request.headers["Authorization"] = f"Bearer {OPERATOR_KEY}"
        return asyncio.run_coroutine_threadsafe(http.send(request), loop).result(ANSWER_SECONDS)

    def collect() -> list[str]:
        return list(faults_of_operation(operation, stage.spot, answer, is_new=is_new))

    return await asyncio.to_thread(collect)
