"""Requests that schemathesis makes up from our own schema, and what must hold for the answers.

It knows two ways: a list of the borders of every field, the same each time, and examples drawn by Hypothesis, of what the
schema allows and of what it does not. Its own clients speak over sockets; here its requests go to the application directly.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any, Final

import httpx
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Err
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bot.web.application import find_routers, make_application
from tests.web.contract.requests import Spot, known_ids

EXAMPLES: Final = int(os.environ.get("HEADCOUNT_TEST_REQUESTS", "1"))
"""So many examples for each endpoint, of either sort."""
BORDERS_MOST: Final = 60
"""So many of them for each example that is asked for."""
BASE_URL: Final = "http://headcount"
CHECKS: Final = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Ids that are written in the schema as examples, or are the smallest.
_PLACEHOLDERS: Final = {1, "1", "868946730878632047"}

_ANY_ID: Final = re.compile(r"\b(?!guild_id)\w+_id\b")
DISCORD_REFUSED: Final = 502
"""What is answered when Discord refuses, which is no error of ours."""

Operation = APIOperation[Any, Any, Any, Any]
MadeUp = Case[Any]
Answer = Callable[[httpx.Request], httpx.Response]


class ServerError(Exception):
    """An error of ours."""


@cache
def our_schema() -> dict[str, Any]:
    """Return our OpenAPI document, as `python -m bot openapi` prints it."""
    return make_application(find_routers()).openapi()


def our_operations() -> Iterator[Operation]:
    """Return all operations of our schema."""
    schema = schemathesis.openapi.from_dict(our_schema(), config=SchemathesisConfig())
    for result in schema.get_all_operations():
        if isinstance(result, Err):
            raise result.err()
        yield result.ok()


def form_of(operation: Operation) -> str:
    """Return what an operation takes, without words: those that are made from one table share it.

    What an id is called makes no difference, but for the guild's.
    """
    document, raw = operation.schema.raw_schema, operation.definition.raw
    takes = [raw.get("parameters"), raw.get("requestBody"), raw.get("x-right")]
    return _ANY_ID.sub("any_id", repr((operation.method, _bare(document, takes))))


def _bare(document: dict[str, Any], part: Any) -> Any:
    """Return a part of the document with its references followed and without what is for people."""
    if isinstance(part, list):
        return [_bare(document, one) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _bare(document, document["components"]["schemas"][part["$ref"].rpartition("/")[2]])
    # A property may be called `title`, too: its value is then no text.
    return {
        name: _bare(document, one)
        for name, one in part.items()
        if not (name in {"title", "description"} and isinstance(one, str))
    }


def faults_of_operation(operation: Operation, spot: Spot, answer: Answer, *, is_new: bool) -> Iterator[str]:
    """Try an operation with made-up requests; yields what is wrong with an answer.

    `answer` sends a request. Ids that stand for any are replaced by those of the spot, so that there is something to find.
    When its form is not new, only what the schema allows is tried: what is refused is refused in the same way.
    """

    def judge(case: MadeUp) -> None:
        _settle_in(case, spot)
        response = answer(_request_of(case))
        case.validate_response(response, checks=CHECKS)
        if response.status_code >= 500 and response.status_code != DISCORD_REFUSED:
            raise ServerError(f"{case.as_curl_command()}: {response.status_code} {response.text}")

    try:
        for case in _borders_of(operation) if is_new else ():
            judge(case)
        for mode in GenerationMode if is_new else (GenerationMode.POSITIVE,):
            # To an operation without fields nothing wrong can be sent.
            with suppress(Unsatisfiable):
                _with_examples(operation, mode)(judge)
    except (FailureGroup, ServerError) as failures:
        yield f"{operation.label}: {failures}"


def _borders_of(operation: Operation) -> list[MadeUp]:
    """Return requests with the borders of each field, and what lies beyond."""
    schema = operation.schema
    # Methods that an endpoint does not have are no part of what it promises.
    cases = [
        case
        for case in schema.iter_coverage_cases(
            operation,
            generation_modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE],
            generation_config=schema.config.generation_for(operation=operation),
        )
        if case.method.lower() == operation.method
    ]
    # Of hundreds (twenty switches have the same borders each) some from every field.
    return cases[:: -(-len(cases) // (BORDERS_MOST * EXAMPLES)) or 1]


def _with_examples(operation: Operation, mode: GenerationMode) -> Callable[[Callable[[MadeUp], None]], None]:
    def run(judge: Callable[[MadeUp], None]) -> None:
        limits = settings(
            max_examples=EXAMPLES,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        limits(given(operation.as_strategy(generation_mode=mode))(judge))()

    return run


def _settle_in(case: MadeUp, spot: Spot) -> None:
    """Replace ids that stand for any by those of what there is."""
    known = known_ids(spot)
    for fields in (case.query, case.body):
        if not isinstance(fields, dict):
            continue
        if _is_id(fields.get("guild_id")):
            fields["guild_id"] = str(spot.guild_id)
        for name, value in fields.items():
            if (
                name != "guild_id"
                and _is_id(value)
                and value in _PLACEHOLDERS
                and (name.endswith("_id") or name in known)
            ):
                fields[name] = str(known.get(name, spot.member_id))
    if "counter_id" in case.path_parameters:
        case.path_parameters["counter_id"] = spot.counter_id


def _is_id(value: object) -> bool:
    return (
        isinstance(value, int | str)
        and not isinstance(value, bool)
        and str(value).isdecimal()
        and value not in {0, "0"}
    )


def _request_of(case: MadeUp) -> httpx.Request:
    """Return what schemathesis would send."""
    sent = case.as_transport_kwargs(base_url=BASE_URL)
    wanted = ("method", "url", "headers", "params", "json", "data", "files", "cookies")
    prepared = requests.Request(**{name: sent[name] for name in wanted if name in sent}).prepare()
    assert prepared.method is not None
    assert prepared.url is not None
    body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body
    assert body is None or isinstance(body, bytes)
    headers = [(name, str(value)) for name, value in prepared.headers.items()]
    return httpx.Request(prepared.method, prepared.url, headers=headers, content=body)
