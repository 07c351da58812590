"""Whom a member brought, and whom these brought."""

from dataclasses import dataclass

from cogs.invite_tracker.tree.growing import DEPTH_MOST, PEOPLE_MOST, Branch, grow
from cogs.invite_tracker.use_cases.module import ModuleUseCases
from storage.invite_tree import Child, Unshown, fetch_children, fetch_unshown
from storage.joins import fetch_latest_join_of_member


@dataclass(frozen=True, slots=True)
class InviteTree:
    """The tree of a member, and what of it has no place there."""

    root: Branch
    unshown: Unshown


class TreeUseCases(ModuleUseCases):
    """What is asked about who brought whom."""

    async def fetch_tree(self, guild_id: int, member_id: int) -> InviteTree:
        """Return whom the member brought, whom these brought, and so on: certain inviters alone, within bounds."""
        await self._require_enabled(guild_id)
        levels: list[list[Child]] = []
        async with self._database.read() as rx:
            join = await fetch_latest_join_of_member(rx, guild_id, member_id)
            parent_ids = [member_id]
            # One level more than is shown, for how many there are in it.
            for _level in range(DEPTH_MOST + 1):
                children = await fetch_children(rx, guild_id, parent_ids, PEOPLE_MOST)
                levels.append(children)
                parent_ids = [child.member_id for child in children]
                if not parent_ids:
                    break
            root = grow(member_id, has_left=join is not None and join.left_at_ms is not None, levels=levels)
            unshown = await fetch_unshown(rx, guild_id, [branch.member_id for branch in root.walk()])
        return InviteTree(root, unshown)
