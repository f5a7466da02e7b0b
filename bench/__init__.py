"""How fast, as ratios to a floor measured in the same run (`make bench`); nothing of it is a timed test."""
