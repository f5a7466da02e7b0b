"""A HubSpot portal with the facts of the ten files, for the demo and the tests: what it holds, and how to read it."""

from pathlib import Path

from bot.playground.portal.filling import Rows, portal_of, rows_of

MAPPING = Path(__file__).with_name("mapping.toml")  # how a sync reads it

__all__ = ["MAPPING", "Rows", "portal_of", "rows_of"]
