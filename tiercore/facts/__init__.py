"""The values everything is made of: entries, points, money, and what is unknown."""
