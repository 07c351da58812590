"""What an answer must look like; each function returns what is wrong with one, in words."""

import re
from datetime import datetime
from typing import Any

import httpx

from tests.web.contract.facts import STATUS_OF, Row
from tests.web.contract.records import RECORDS, UNKNOWN_TO_DISCORD

_SENTENCE = re.compile(r"([A-Z][A-Za-z]*(?: [A-Z][A-Za-z]*)*)! ([^\n]+[.…])")
_INSIDE = re.compile(
    r"traceback|pydantic|sqlite|select |insert |<class|object at 0x|errno|\.py\b|NoneType|validation error"
    r"|discord\.errors|keyerror|typeerror|valueerror",
    re.IGNORECASE,
)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_ID = re.compile(r"[1-9]\d{0,18}")
_BARE = "InviteLogger"
"""Records of this name come without an envelope."""


def faults_of_success(row: Row, response: httpx.Response) -> list[str]:
    """Return what is wrong with the answer to a request that was fine."""
    if response.status_code != 200:
        return [f"status {response.status_code}: {response.text[:300]}"]
    if response.headers.get("content-type") != "application/json":
        return [f"content type {response.headers.get('content-type')}"]
    answer = response.json()
    if not row.answer.strip("[]").startswith(_BARE):
        if (
            not isinstance(answer, dict)
            or answer.keys() != {"success", "data"}
            or answer["success"] is not True
        ):
            return [f"no envelope of a success: {response.text[:300]}"]
        answer = answer["data"]
    if row.answer == "nothing":
        return [] if answer == {} else [f"data is {answer!r} instead of {{}}"]
    if not row.is_list:
        return faults_of_record(row, answer)
    if not isinstance(answer, list):
        return [f"no list but {answer!r}"]
    total = response.headers.get("x-total-count", "")
    faults = [] if total.isdecimal() and int(total) >= len(answer) else [f"X-Total-Count is {total!r}"]
    faults += [fault for record in answer for fault in faults_of_record(row, record)]
    return list(dict.fromkeys(faults))


def faults_of_record(row: Row, record: Any) -> list[str]:
    """Return what is wrong with one record: its fields, their order, their types."""
    record_name = row.answer.strip("[]")
    shape, unknown = RECORDS[record_name], UNKNOWN_TO_DISCORD.get(record_name)
    if not isinstance(record, dict):
        return [f"no record but {record!r}"]
    published = list(record)[: len(shape)] if row.is_settings else list(record)
    if published != list(shape):
        return [f"fields {published} instead of {list(shape)}"]
    return [
        f"{name} is {record[name]!r} instead of {kind}"
        for name, kind in shape.items()
        if not _is_of(kind, name, record[name]) and (name != unknown or record[name] is not None)
    ]


def faults_of_refusal(response: httpx.Response, *names: str) -> list[str]:
    """Return what is wrong with an error that must have one of these names."""
    wanted = " or ".join(names)
    try:
        answer = response.json()
    except ValueError:
        return [f"no JSON but status {response.status_code}: {response.text[:200]}"]
    if not isinstance(answer, dict) or list(answer) != ["success", "data", "error"]:
        return [f"{wanted} expected, got {response.status_code}: {response.text[:200]}"]
    faults = []
    if answer["success"] is not False or answer["data"] != {}:
        faults.append(f"success and data are {answer['success']!r}, {answer['data']!r}")
    if list(answer["error"]) != ["code", "message"]:
        return [*faults, f"error is {answer['error']!r}"]
    code, message = answer["error"]["code"], answer["error"]["message"]
    found = _SENTENCE.fullmatch(message)
    if found is None:
        return [*faults, f"message is {message!r}"]
    if found[1] not in names:
        faults.append(f"{wanted} expected, got {message!r}")
    if not code == response.status_code == STATUS_OF[found[1]]:
        faults.append(f"code {code} and status {response.status_code} for {found[1]}")
    if _INSIDE.search(found[2]):
        faults.append(f"something of the inside: {message!r}")
    if response.status_code == 429 and not response.headers.get("retry-after", "").isdecimal():
        faults.append("no Retry-After")
    return faults


def _is_of(kind: str, name: str, value: Any) -> bool:
    if value is None:
        return kind.endswith("~")
    match kind.rstrip("~"):
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "float":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "flag":
            return isinstance(value, bool)
        case "time":
            return isinstance(value, str) and _is_time(value)
        case _:
            is_id = name.endswith("_id") and name not in {"invite_id", "counter_id", "trigger_id"}
            return isinstance(value, str) and (not is_id or _ID.fullmatch(value) is not None)


def _is_time(value: str) -> bool:
    try:
        return _TIME.fullmatch(value) is not None and datetime.fromisoformat(value).year > 2000
    except ValueError:
        return False
