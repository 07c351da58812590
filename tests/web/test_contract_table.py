"""The table of facts and the application name the same endpoints, with the same fields, errors, rights and records."""

from collections import defaultdict
from typing import Any

import pytest

from tests.web.contract import CONTRACT
from tests.web.contract.facts import STATUS_OF, Row, Sent
from tests.web.contract.records import RECORDS
from tests.web.made_up_requests import our_schema

OWN_PATHS = {"/livez", "/readyz", "/metrics"}
"""What the application answers besides the published APIs, as far as its schema tells of it."""
RECORDS_PUBLISHED = 59
"""So many kinds of statistics are published."""


@pytest.fixture(scope="module")
def schema() -> Any:
    return our_schema()


@pytest.fixture(scope="module")
def operations(schema: Any) -> dict[str, Any]:
    """The operations by method and path."""
    return {
        f"{method.upper()} {path}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


PAIRS: dict[str, list[Row]] = defaultdict(list)
for _row in CONTRACT:
    PAIRS[_row.pair].append(_row)


def test_the_table_has_each_way_to_call_an_endpoint_once() -> None:
    assert len({row.name for row in CONTRACT}) == len(CONTRACT) == 184
    assert len(PAIRS) == 177
    statistics = {
        row.pair for row in CONTRACT if "/stats/" in row.path and row.method == "GET" and not row.is_legacy
    }
    assert len(statistics) == RECORDS_PUBLISHED


def test_every_row_is_a_route_and_every_route_is_a_row(operations: dict[str, Any]) -> None:
    served = {pair for pair in operations if pair.split()[1] not in OWN_PATHS}
    assert not PAIRS.keys() - served, "\n".join(sorted(PAIRS.keys() - served))
    assert not served - PAIRS.keys(), "\n".join(sorted(served - PAIRS.keys()))


def test_every_route_has_the_fields_of_its_rows(schema: Any, operations: dict[str, Any]) -> None:
    faults = []
    for pair, rows in PAIRS.items():
        if pair not in operations:
            continue
        operation = operations[pair]
        query, body = _query_of(operation), _body_of(schema, operation)
        in_query = {one.name for row in rows if row.sent is Sent.QUERY for one in row.fields}
        in_body = {one.name for row in rows if row.sent is Sent.BODY for one in row.fields}
        more_body = body - in_body
        # Settings take names of other generations and ours as well; InviteLogger's two take a body, too.
        if rows[0].is_settings or rows[0].path.startswith("/v1/"):
            more_body = set()
        if query != in_query or in_body - body or more_body:
            faults.append(f"{pair}: query {query ^ in_query}, body {(in_body - body) | more_body}")
    assert not faults, "\n".join(faults)


def test_every_route_names_the_errors_of_its_rows(operations: dict[str, Any]) -> None:
    faults = []
    for row in CONTRACT:
        responses = operations.get(row.pair, {}).get("responses", {})
        told = {code: answer["description"].split(" or ") for code, answer in responses.items()}
        missing = [name for name in row.errors if name not in told.get(str(STATUS_OF[name]), [])]
        if missing and responses:
            faults.append(f"{row.name}: {missing}")
    assert not faults, "\n".join(faults)


def test_every_route_needs_the_right_of_its_rows(operations: dict[str, Any]) -> None:
    faults = [
        f"{row.name}: {operations[row.pair]['x-right']} instead of {row.needs.value}"
        for row in CONTRACT
        if row.pair in operations and operations[row.pair]["x-right"] != row.needs.value
    ]
    assert not faults, "\n".join(faults)


def test_every_route_documents_the_record_of_its_rows(schema: Any, operations: dict[str, Any]) -> None:
    faults = []
    for row in CONTRACT:
        if row.pair not in operations:
            continue
        data = operations[row.pair]["responses"]["200"]["content"]["application/json"]["schema"]
        data = _resolved(schema, data)
        if not row.answer.strip("[]").startswith("InviteLogger"):
            data = _resolved(schema, data["properties"]["data"])
        if row.is_list:
            data = _resolved(schema, data.get("items", {}))
        documented = list(data.get("properties", {}))
        shape = [] if row.answer == "nothing" else list(RECORDS[row.answer.strip("[]")])
        if (documented[: len(shape)] if row.is_settings else documented) != shape:
            faults.append(f"{row.name}: {documented} instead of {shape}")
    assert not faults, "\n".join(faults)


def test_every_route_is_described(operations: dict[str, Any]) -> None:
    assert not [pair for pair, operation in operations.items() if not operation.get("summary", "").strip()]
    ids = [operation["operationId"] for operation in operations.values()]
    assert len(ids) == len(set(ids))


def _resolved(schema: Any, part: Any) -> Any:
    while "$ref" in part:
        part = schema["components"]["schemas"][part["$ref"].rpartition("/")[2]]
    return part


def _query_of(operation: Any) -> set[str]:
    return {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}


def _body_of(schema: Any, operation: Any) -> set[str]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return _properties(schema, content.get("schema", {}))


def _properties(schema: Any, part: Any) -> set[str]:
    """The names of the fields of a body, of all of its forms."""
    part = _resolved(schema, part)
    forms = [*part.get("anyOf", ()), *part.get("oneOf", ()), *part.get("allOf", ())]
    return set(part.get("properties", ())).union(*(_properties(schema, form) for form in forms))
