"""The description of the API: printed without a bot, the same every time, valid, and shown without other machines."""

import asyncio
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from fastapi import FastAPI

from bot import __version__
from bot.cli import main
from bot.web.schema import render_schema
from storage.database import Database
from tests.bot.web.http_servers import asking

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found = json.loads(render_schema())
    assert isinstance(found, dict)
    return found


def printed(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `python -m bot openapi` where there is no configuration, no token and no database; errors name what it loads."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HEADCOUNT_")}
    # Text is hashed in another way than in this process, so what depends on that comes in another order.
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    return subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "bot", "openapi"],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_is_printed_without_anything_and_always_the_same_and_no_charts_are_loaded(tmp_path: Path) -> None:
    done = printed(tmp_path)
    loaded = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines()]
    assert [line for line in done.stderr.splitlines() if not line.startswith("import time:")] == []
    assert "bot.web.schema" in loaded
    assert "matplotlib" not in loaded
    assert done.returncode == 0
    assert done.stdout == render_schema()
    assert json.loads(done.stdout)["info"].keys() == {"title", "version", "description"}
    assert json.loads(done.stdout)["info"]["title"] == "Headcount"
    assert json.loads(done.stdout)["info"]["version"] == __version__
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_configuration_does_not_keep_it_from_being_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("config.toml").write_text("this is no TOML", encoding="utf-8")
    assert main(["openapi"]) == 0
    assert json.loads(capsys.readouterr().out)["openapi"].startswith("3.1")


def schemas_in(node: Any) -> list[Any]:
    """Return every schema of the document, wherever it stands."""
    if isinstance(node, list):
        return [found for one in node for found in schemas_in(one)]
    if not isinstance(node, dict):
        return []
    own = [node["schema"]] if "schema" in node else []
    return own + [found for one in node.values() for found in schemas_in(one)]


def test_its_schemas_are_json_schemas_and_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    components = document["components"]["schemas"]
    for schema in [*components.values(), *schemas_in(document["paths"])]:
        assert jsonschema_rs.meta.is_valid(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
        )
    referred = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert referred == referred & components.keys()


def test_it_has_the_outline_of_openapi(document: dict[str, Any]) -> None:
    """OpenAPI Specification 3.1: paths, operations, parameters and responses have what they must have."""
    names = []
    for path, methods in document["paths"].items():
        assert path.startswith("/")
        for method, operation in methods.items():
            assert method in {"get", "put", "post", "delete"}
            names.append(operation["operationId"])
            assert operation["summary"]
            assert operation["description"].rstrip().endswith(".")
            parameters = operation.get("parameters", [])
            assert {one["in"] for one in parameters} <= {"query", "path"}
            assert {one["name"] for one in parameters if one["in"] == "path"} == set(
                re.findall(r"{(\w+)}", path)
            )
            assert all("description" in one for one in operation["responses"].values())
            assert "200" in operation["responses"]
    assert len(set(names)) == len(names)
    assert document["components"]["securitySchemes"].keys() == {"HTTPBearer", "APIKeyHeader"}


async def test_the_page_asks_no_other_machine(database: Database) -> None:
    async with asking(database) as (_bot, client):
        page = await client.get("/docs")
        assert page.status_code == 200
        addresses = re.findall(r"""(?:src|href)=["']([^"']+)["']""", page.text)
        assert len(addresses) >= 3
        for address in [*addresses, "/openapi.json"]:
            if address.startswith("data:"):
                continue
            assert address.startswith("/")
            assert (await client.get(address)).status_code == 200
    assert "<title>Headcount" in page.text


async def test_the_description_is_made_once_and_not_in_the_loop(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes over a second, in which nothing would be recorded."""
    threads = []
    make = FastAPI.openapi

    def note_thread(app: FastAPI) -> dict[str, Any]:
        threads.append(threading.current_thread())
        return make(app)

    monkeypatch.setattr(FastAPI, "openapi", note_thread)
    async with asking(database) as (_bot, client):
        answers = await asyncio.gather(*(client.get("/openapi.json") for _ in range(3)))
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert answers[0].headers["content-type"] == "application/json"
    [thread] = threads
    assert thread is not threading.main_thread()


async def test_the_running_bot_gives_what_is_printed(database: Database) -> None:
    async with asking(database) as (_bot, client):
        own = (await client.get("/openapi.json")).json()
    assert {"/livez", "/readyz", "/metrics"} == own["paths"].keys()
    assert own["info"] == json.loads(render_schema())["info"]
