"""How many examples a long property tries."""

from hypothesis import settings

THOROUGH = "thorough"  # the profile of `pytest --thorough`


def share_of_examples(examples: int) -> int:
    """A tenth of so many examples, at least one; with `--thorough` all. For a decorator, where no fixture is known."""
    is_thorough = settings.get_current_profile_name() == THOROUGH
    return examples if is_thorough else -(-examples // 10)
