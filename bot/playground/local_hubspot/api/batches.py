"""What batches of any kind have in common: their inputs, and the form of their answer."""

from bot.playground.local_hubspot.api.rendering import timestamp
from bot.playground.local_hubspot.api.request import Answer, Call, Json
from bot.playground.local_hubspot.errors import invalid
from bot.playground.local_hubspot.state import HubSpotState


def inputs_of(call: Call, most: int) -> list[Json]:
    """The inputs of a batch, each with an id. Raises ApiError: 400 for none, too many, or another form."""
    inputs = call.body.get("inputs")
    if not isinstance(inputs, list) or not all(isinstance(each, dict) and "id" in each for each in inputs):
        raise invalid("inputs must be a list of objects with an id.")
    if not 0 < len(inputs) <= most:
        raise invalid(f"A batch takes from 1 to {most} inputs and has {len(inputs)}.")
    return inputs


def batch_answer(state: HubSpotState, results: list[Json], errors: list[Json]) -> Answer:
    """The answer to a batch: 200, or 207 with errors."""
    now = timestamp(state.clock() * 1000)
    body: Json = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
    return Answer(body, 207 if errors else 200, len(results))
