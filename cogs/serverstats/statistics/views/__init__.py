"""How statistics are read: figures, wording and charts, all made of plain values."""
