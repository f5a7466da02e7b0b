"""`tierbot doctor`: read-only checks of an installation, one finding per line."""
