"""The arithmetic of a points-based tier program: facts → credits → timeline → answers."""
