"""The basic values: entries, points, money, and figures that are unknown."""
