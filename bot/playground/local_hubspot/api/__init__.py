"""The HTTP API of the portal, by the dated 2026-03 paths."""
