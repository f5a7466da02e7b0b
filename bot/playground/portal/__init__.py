"""A HubSpot portal with the facts of the nine files, for the demo and the tests: what it holds, and how to read it."""

from bot.playground.portal.filling import Rows, portal_of, rows_of

__all__ = ["Rows", "portal_of", "rows_of"]
