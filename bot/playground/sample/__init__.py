"""The demo's sample data: partners, clients and their sales from 2019 to 2026, generated from a seed."""

from bot.playground.sample.catalogue import DEMO_DAY, LAST_DAY
from bot.playground.sample.changes import SampleChanges
from bot.playground.sample.draft_ledger import Sample
from bot.playground.sample.files import write_sample
from bot.playground.sample.stories import STORIES, Story

__all__ = ["DEMO_DAY", "LAST_DAY", "STORIES", "Sample", "SampleChanges", "Story", "write_sample"]
