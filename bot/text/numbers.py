"""Numbers as people read them."""


def format_number(value: float) -> str:
    """Return all digits with separators; below 100 one decimal where there is one: `12,940`, `9.5`."""
    if abs(value) < 100:
        return f"{value:,.1f}".removesuffix(".0")
    return f"{value:,.0f}"


def format_percent(share: float) -> str:
    """Return a change with its sign: `+12%`, `−4.5%`, `±0%`; what is more than tenfold as a factor: `×12`."""
    if share >= 9.995:
        return f"×{share + 1:,.0f}"
    percent = abs(share) * 100
    digits = f"{percent:.0f}" if percent >= 9.95 else f"{percent:.1f}".removesuffix(".0")
    if digits == "0":
        return "±0%"
    return f"{'+' if share > 0 else '−'}{digits}%"


def format_signed(value: float) -> str:
    """Return a difference with its sign: `+24`, `−3`, `±0`."""
    digits = format_number(abs(value))
    if digits == "0":
        return "±0"
    return f"{'+' if value > 0 else '−'}{digits}"


def with_unit(value: float, unit: str) -> str:
    """Return a number with a unit that is given in the plural: `1 message`, `2 entries`."""
    if value == 1:
        unit = f"{unit.removesuffix('ies')}y" if unit.endswith("ies") else unit.removesuffix("s")
    return f"{format_number(value)} {unit}"
