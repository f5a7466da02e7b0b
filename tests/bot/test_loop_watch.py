"""What `tierbot serve` sets so that nothing holds the event loop for long."""

import gc
import sys
from collections import Counter
from collections.abc import Iterator

import pytest

from bot.loop_watch import freeze_garbage_collector, give_way_to_the_loop


@pytest.fixture
def looked_through() -> Iterator[Counter[int]]:
    """By generation, how many objects the largest collection of it looked through."""
    found, before = Counter[int](), gc.get_threshold()

    def count(phase: str, about: dict[str, int]) -> None:
        if phase == "start":
            generation = about["generation"]
            young = sum(len(gc.get_objects(generation=each)) for each in range(generation + 1))
            found[generation] = max(found[generation], young)

    freeze_garbage_collector()
    gc.callbacks.append(count)
    yield found
    gc.callbacks.remove(count)
    gc.set_threshold(*before)
    gc.unfreeze()


def test_a_collection_of_young_objects_looks_through_a_few_thousand(looked_through: Counter[int]):
    """Every thread waits for it, for a microsecond an object and more."""
    kept = [[number] for number in range(200_000)]
    assert 1_000 < looked_through[0] < 5_000
    assert 5_000 < looked_through[1] < 50_000
    assert looked_through[2] == 0
    assert len(kept) == 200_000


def test_a_thread_that_computes_soon_hands_over_the_interpreter():
    found, before = sys.getswitchinterval(), 0.005
    sys.setswitchinterval(before)
    give_way_to_the_loop()
    after = sys.getswitchinterval()
    sys.setswitchinterval(found)
    assert after <= before / 10
