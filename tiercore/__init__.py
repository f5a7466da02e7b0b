"""The core of a points-based tier program: facts → credits → timeline → answers."""
