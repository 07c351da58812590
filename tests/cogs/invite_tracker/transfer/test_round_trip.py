"""What was exported is read as it was, and exported again it is the same file, in both formats."""

import csv
from dataclasses import fields, replace
from io import StringIO

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.invite_tracker.transfer.cells import DANGEROUS, guard, unguard
from cogs.invite_tracker.transfer.incoming import Refused
from cogs.invite_tracker.transfer.sheets import BONUSES, INVITES, JOINS, SHEETS, Sheet
from cogs.invite_tracker.transfer.writing import Format, render_header, render_rows
from storage.join_transfer import ExportedBonus
from storage.records import Join, KnownInvite
from tests.cogs.invite_tracker.transfer.examples import (
    SERVER,
    entries_of,
    file_of,
    joins,
    joins_of,
    texts,
)
from tests.storage.rows import ORDINARY_JOIN
from tests.storage.test_joins import FULL_JOIN

AN_EXPORT = replace(ORDINARY_JOIN, guild_id=SERVER, join_id=0, recorded_at_ms=0)


@pytest.mark.parametrize("form", Format)
@given(rows=st.lists(joins, max_size=5))
def test_joins_come_back_as_they_were_and_make_the_same_file(form: Format, rows: list[Join]) -> None:
    file = file_of(form, rows)
    found = joins_of(file) if rows or form is Format.CSV else []
    assert found == rows
    assert file_of(form, found) == file


@given(texts)
def test_no_text_in_a_csv_file_begins_a_formula(text: str) -> None:
    cell = guard(text)
    assert not cell.startswith(DANGEROUS)
    assert unguard(cell) == text


@given(joins)
def test_no_cell_of_a_csv_file_begins_a_formula(join: Join) -> None:
    (_header, row) = csv.reader(StringIO(file_of(Format.CSV, [join]), newline=""))
    assert not [cell for cell in row if cell.startswith(DANGEROUS)]


def test_json_lines_hold_candidates_and_evidence_in_full() -> None:
    written = orjson.loads(file_of(Format.JSONL, [FULL_JOIN]))
    assert written["candidates"] == [
        {"source": "invite", "code": "Çode\"'", "inviter_id": "5"},
        {"source": "unknown", "code": None, "inviter_id": None},
    ]
    assert written["evidence"][1] == {
        "code": "a",
        "units": 1,
        "method": "used_up",
        "window_opened_at": "1970-01-01T00:00:00.030Z",
        "window_closed_at": "1970-01-01T00:00:00.040Z",
    }
    assert (written["server_id"], written["member_id"]) == (str(FULL_JOIN.guild_id), None)
    assert written["joined_at"] == "1970-01-01T00:00:01.000Z"


def test_a_csv_file_holds_candidates_and_evidence_so_that_people_can_read_them() -> None:
    (row,) = csv.DictReader(StringIO(file_of(Format.CSV, [FULL_JOIN]), newline=""))
    assert row["candidates"] == "invite code=%C3%87ode%22%27 inviter_id=5 | unknown"
    assert row["evidence"].startswith("vanity_delta units=2 window_opened_at=1970-01-01T00:00:00.010Z")
    assert (row["member_id"], row["had_avatar"], row["inviter_id"]) == ("", "false", "")


def test_every_field_of_a_join_is_in_a_file_but_its_number() -> None:
    assert {column.field for column in JOINS.columns} == {field.name for field in fields(Join)} - {"join_id"}


def test_what_is_left_out_of_the_other_files_is_the_bots_own_bookkeeping() -> None:
    left_out = {"accounted_uses", "open_since_ms"}
    assert {column.field for column in INVITES.columns} == {
        field.name for field in fields(KnownInvite)
    } - left_out
    assert {column.field for column in BONUSES.columns} == {field.name for field in fields(ExportedBonus)} - {
        "bonus_id"
    }


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=list(SHEETS))
def test_every_column_says_what_it_means_and_has_a_name_of_its_own(sheet: Sheet) -> None:
    assert len({column.name for column in sheet.columns}) == len(sheet.columns)
    assert all(column.meaning.endswith(".") for column in sheet.columns)


@pytest.mark.parametrize("form", Format)
def test_invites_and_bonuses_are_written_with_text_that_is_no_formula(form: Format) -> None:
    bonus = ExportedBonus(SERVER, 1, 7, -3, "=HYPERLINK(1)", 8, 1_000)
    written = render_rows(BONUSES, form, [bonus]).decode()
    if form is Format.CSV:
        assert written == "100,7,-3,'=HYPERLINK(1),8,1970-01-01T00:00:01.000Z\r\n"
    else:
        assert orjson.loads(written)["reason"] == "=HYPERLINK(1)"


def test_an_export_that_a_spreadsheet_program_saved_with_semicolons_is_read() -> None:
    rows = list(csv.reader(StringIO(file_of(Format.CSV, [AN_EXPORT]), newline="")))
    out = StringIO(newline="")
    csv.writer(out, delimiter=";").writerows(
        [[cell.upper() if cell in {"true", "false"} else cell for cell in row] for row in rows]
    )
    assert joins_of("\ufeff" + out.getvalue()) == [AN_EXPORT]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("server_id", "101", "it is of another server (101)"),
        ("server_id", None, "server_id is empty"),
        ("joined_at", "yesterday", 'joined_at: "yesterday" is not a time like 2026-01-05T10:00:00.000Z'),
        ("joined_at", "9000-01-01T00:00:00Z", "joined_at lies in the future"),
        ("joined_at", 5, "joined_at: 5 is not a time as text"),
        ("member_id", 12, "member_id: 12 is not an id as text"),
        ("member_id", "0", 'member_id: "0" is not an id'),
        ("member_id", "9" * 30, f'member_id: "{"9" * 30}" is not an id'),
        ("member_id", "0" * 19 + "1" * 25, f'member_id: "{"0" * 19}{"1" * 25}" is not an id'),
        ("inviter_id", "ada", 'inviter_id: "ada" is not an id'),
        ("method", "guess", 'method: "guess" is none of uses_rise, used_up'),
        ("method", "imported", "certainty: what was imported is never certain"),
        ("had_avatar", "yes", 'had_avatar: "yes" is not true or false'),
        ("candidates", [{"source": "invite", "inviter_id": 5}], "candidates: 5 is not an id as text"),
        ("candidates", {}, "candidates: {} is not a list"),
        ("evidence", [{"method": "uses_rise", "units": True}], "evidence: True is not a whole number"),
        ("code", "x" * 5000, "code: is longer than 2000 characters"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_line_and_column(
    column: str, value: object, reason: str
) -> None:
    item = orjson.loads(file_of(Format.JSONL, [AN_EXPORT])) | {column: value}
    good = file_of(Format.JSONL, [AN_EXPORT])
    (_first, refused) = entries_of(good + orjson.dumps(item).decode() + "\n")
    assert isinstance(refused, Refused)
    assert refused.line == 2
    assert refused.reason.startswith(reason)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "this is not JSON"),
        ("[]", "this is not a JSON object"),
        ('{"server_id": "100"}', "member_id is missing; only joins that Headcount exported can be imported"),
    ],
)
def test_a_line_that_is_no_join_is_refused(line: str, reason: str) -> None:
    (_first, refused) = entries_of(file_of(Format.JSONL, [AN_EXPORT]) + line + "\n")
    assert isinstance(refused, Refused)
    assert refused.reason.startswith(reason)


def test_a_csv_line_with_too_few_cells_is_refused_with_the_line_that_it_begins_on() -> None:
    named = replace(AN_EXPORT, code="two\nlines")
    file = file_of(Format.CSV, [named, named]) + "1,2\r\n"
    (_one, _two, refused) = entries_of(file)
    assert refused == Refused(6, f"it has 2 cells, and the header {len(JOINS.columns)}")


def test_a_file_without_what_can_be_left_out_is_read() -> None:
    item = {
        "server_id": "100",
        "member_id": "1199648432165432165",
        "joined_at": "2026-01-05T10:00:00Z",
        "source": "unknown",
        "method": "none",
        "certainty": "unknown",
    }
    (join,) = joins_of(orjson.dumps(item).decode())
    assert (join.had_avatar, join.is_rejoin, join.candidates) == (True, False, ())
    assert join.account_created_at_ms == 1_706_088_874_618


def test_the_file_begins_with_the_header_whatever_is_in_it() -> None:
    assert render_header(JOINS, Format.CSV).startswith(b"server_id,member_id,joined_at,")
    assert render_header(JOINS, Format.JSONL) == b""
