"""Statements over many rows at once."""

from collections.abc import Sequence
from typing import Any

from storage.database import Database
from storage.statements import delete_keys


async def test_rows_are_deleted_by_their_keys_without_a_look_at_all_others(database: Database) -> None:
    async with database.write() as tx:
        for poll in range(10):
            await tx.execute(
                "INSERT INTO starboard_stars (guild_id, board_id, message_id, user_id) VALUES (1, 2, ?, 4)",
                (poll,),
            )
        seen = _Listening(tx)
        keys = [(1, 2, message_id, 4) for message_id in range(0, 10, 2)]
        before = "DELETE FROM starboard_stars WHERE (guild_id, board_id, message_id, user_id) IN"
        deleted = await delete_keys(seen, before, keys)  # type: ignore[arg-type]

        assert deleted == 5
        for sql, values in seen.statements:
            steps = [row[3] for row in await tx.fetch_all(f"EXPLAIN QUERY PLAN {sql}", values)]
            assert "SCAN starboard_stars" not in steps
            assert any("SEARCH starboard_stars USING PRIMARY KEY" in step for step in steps)


class _Listening:
    """Notes the statements and executes them."""

    def __init__(self, tx: Any) -> None:
        self._tx = tx
        self.statements: list[tuple[str, Sequence[Any]]] = []

    async def execute(self, sql: str, values: Sequence[Any] = ()) -> int:
        self.statements.append((sql, values))
        return int(await self._tx.execute(sql, values))
