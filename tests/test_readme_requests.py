"""The requests in the README are answered as it shows: the same statuses, and records of the same fields."""

import argparse
import json
import re
import shlex
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any

import discord
import httpx
import pytest

from bot.web.callers import Right
from tests.web.api import Api, api_in_process

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("\n## HTTP API\n")[2].partition("\n## ")[0]
TRACKER = "/modules/invite-tracker"


@dataclass(frozen=True, slots=True)
class Typed:
    """A line of the README that begins with `$`, and what it prints below."""

    words: tuple[str, ...]
    printed: str


def typed_lines(document: str) -> list[Typed]:
    """Return what is typed in a document, in its order."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", document, re.DOTALL):
        for line in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = line.replace("\\\n", " ").partition("\n")
            lexer = shlex.shlex(command, posix=True, punctuation_chars="|>")
            lexer.whitespace_split = True
            found.append(Typed(tuple(lexer), printed.strip()))
    return found


LINES = typed_lines(SECTION)


def curl_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.add_argument("-X", dest="method")
    parser.add_argument("-H", dest="headers", action="append", default=[])
    parser.add_argument("-d", dest="body")
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-i", dest="with_head", action="store_true")
    parser.add_argument("url")
    return parser


@dataclass(slots=True)
class Shell:
    """Understands as much of a shell, curl, jq and grep as the README uses."""

    api: Api
    variables: Mapping[str, str]
    files: dict[str, str] = field(default_factory=dict)

    async def type(self, words: tuple[str, ...]) -> tuple[int, str]:
        """Return the status of the answer, and what would be printed."""
        stages: list[list[str]] = [[]]
        for word in words:
            if word == "|":
                stages.append([])
            else:
                stages[-1].append(word)
        response, with_head = await self._curl(stages[0])
        printed = response.text
        if with_head:
            head = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
            printed = f"{head}\n\n{printed}"
        for stage in stages[1:]:
            printed = self._jq(printed, *stage[1:]) if stage[0] == "jq" else _grep(printed, stage)
        return response.status_code, printed.strip()

    async def _curl(self, words: list[str]) -> tuple[httpx.Response, bool]:
        assert words[0] == "curl"
        asked = curl_parser().parse_args([Template(word).substitute(self.variables) for word in words[1:]])
        body = asked.body
        if body is not None and body.startswith("@"):
            body = self.files[body.removeprefix("@")]
        response = await self.api.http.request(
            asked.method or ("GET" if body is None else "POST"),
            asked.url,
            headers=dict(header.split(": ", 1) for header in asked.headers),
            content=body,
        )
        await self.api.place.env.settle()
        return response, asked.with_head

    def _jq(self, printed: str, program: str, mark: str, file: str) -> str:
        added = re.fullmatch(r"\.data \+ (\{.*\})", program)
        assert added is not None
        assert mark == ">"
        self.files[file] = json.dumps({**json.loads(printed)["data"], **json.loads(added[1])})
        return ""


def _grep(printed: str, words: list[str]) -> str:
    *options, pattern = words[1:]
    flags = re.IGNORECASE if "-i" in options else 0
    return "\n".join(line for line in printed.splitlines() if re.search(pattern, line, flags))


def shape_of(value: Any) -> Any:
    """Return what stays the same in an answer when it is about something else: fields, their order, their types."""
    if isinstance(value, dict):
        return [(name, shape_of(part)) for name, part in value.items()]
    if isinstance(value, list):
        return [shape_of(part) for part in value]
    return type(value).__name__


def names_of(printed: str) -> list[str]:
    """Return what stands before the colon or blank in each line, whatever its case."""
    return [re.split(r"[: ]", line)[0].lower() for line in printed.splitlines()]


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell]:
    """A server in which the invite tracker is enabled and one person came by a member's link."""
    async with api_in_process(tmp_path) as api:
        place, world = api.place, api.place.world
        world.set_bot_permissions(place.guild.id, discord.Permissions.all())
        await api.data("POST", f"{TRACKER}/enable", body={})
        invite = world.make_invite(place.channel.id, place.member.id)
        await place.env.settle()
        world.join(place.guild.id, world.add_person("falk").id, code=invite.code)
        await place.env.settle()
        await place.env.advance_time(10)
        yield Shell(
            api,
            {
                "API": str(api.http.base_url),
                "AUTH": f"Authorization: Bearer {api.key}",
                "SERVER": str(place.guild.id),
                "CHANNEL": str(place.channel.id),
                "ANTON": str(place.member.id),
                "BOT": str(world.bot_user.id),
            },
        )


async def test_each_request_is_answered_as_the_readme_shows(shell: Shell) -> None:
    """In their order, as each builds on those before."""
    for line in LINES:
        status, printed = await shell.type(line.words)
        command = " ".join(line.words)
        if line.printed.startswith("{"):
            shown = json.loads(line.printed)
            expected = shown["error"]["code"] if "error" in shown else 200
            assert (status, shape_of(json.loads(printed))) == (expected, shape_of(shown)), (command, printed)
        else:
            assert (status, names_of(printed)) == (200, names_of(line.printed)), (command, printed)


def test_the_readme_shows_requests_of_each_sort() -> None:
    """None of them could rot unseen if they were not found."""
    typed = " ".join(word for line in LINES for word in line.words)
    for expected in (
        "/status?",
        "/enable",
        "/settings",
        "/stats/modules/tickets/created",
        "/counters",
        "/invite",
        "/stats/uses",
        "/v1/invites/user",
        "/livez",
        "/readyz",
        "/metrics",
    ):
        assert expected in typed, expected
    assert any('"success":false' in line.printed for line in LINES)
    assert len(LINES) == SECTION.count("\n$ ")
    assert SECTION.count("curl") >= len(LINES)


def test_what_is_printed_for_lists_is_not_an_empty_list() -> None:
    """Else their records would not be compared."""
    assert '"data":[]' not in SECTION


@pytest.mark.parametrize("right", list(Right))
def test_each_right_is_in_the_readme(right: Right) -> None:
    assert re.search(rf"^\| {right.value}\b", SECTION, re.MULTILINE)


def test_the_variables_that_are_used_are_set_before() -> None:
    named = set(re.findall(r"\$([A-Z]+)", " ".join(word for line in LINES for word in line.words)))
    assert named == set(re.findall(r"(?:^|\s)([A-Z]+)=", SECTION.partition("```sh\n")[2].partition("```")[0]))


def test_no_whole_key_is_printed() -> None:
    assert not re.search(r"hc_[0-9a-f]{8}_", README)
