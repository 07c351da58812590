"""Pages of lists."""

from typing import Annotated, Final

from pydantic import Field

from bot.web.fields import WHOLE, Fields

PAGE_SIZE: Final = 1000
PAGE_SIZE_MOST: Final = 10_000
PAGE_MOST: Final = 1_000_000_000


class Paging(Fields):
    """Which part of a list is wanted; a page past the end is empty."""

    page: Annotated[int, Field(ge=1, le=PAGE_MOST, description="The page, counted from 1."), WHOLE] = 1
    page_size: Annotated[
        int, Field(ge=1, le=PAGE_SIZE_MOST, description="How many entries a page has at most."), WHOLE
    ] = PAGE_SIZE

    @property
    def offset(self) -> int:
        """How many entries lie before the page."""
        return (self.page - 1) * self.page_size
