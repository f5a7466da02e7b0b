"""Tests of tiercore.pipeline."""
