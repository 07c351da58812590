"""How free space is judged; the rest of the installation is in tests/wire/test_doctor.py."""

import pytest

from bot.doctor.findings import Severity
from bot.doctor.installation import MEGABYTE, check_space


@pytest.mark.parametrize(
    ("free", "size", "severity"),
    [
        (10_000, 9_000, Severity.FINE),
        (8_000, 9_000, Severity.NOTE),
        (499, 1, Severity.WARNING),
        (49, 1, Severity.ERROR),
    ],
)
def test_free_space_is_judged_beside_the_size_of_the_database(
    free: int, size: int, severity: Severity
) -> None:
    (found,) = check_space(free * MEGABYTE, size * MEGABYTE)
    assert found.severity is severity


def test_the_numbers_are_told_in_megabytes() -> None:
    (found,) = check_space(84_341_500_000, 1_234_567)
    assert found.sentence == "84,341 MB are free; the database takes 1.2 MB."
