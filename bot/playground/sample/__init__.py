"""The demo's sample: partners, clients and their trade from 2019 to 2026, made from a seed."""

from bot.playground.sample.book import Sample
from bot.playground.sample.catalogue import DEMO_DAY, LAST_DAY
from bot.playground.sample.files import write_sample
from bot.playground.sample.stories import STORIES, Story

__all__ = ["DEMO_DAY", "LAST_DAY", "STORIES", "Sample", "Story", "write_sample"]
