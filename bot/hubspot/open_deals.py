"""The part of a proposed mapping about deals that aren't closed yet (pipeline#sources)."""

from bot.hubspot.pipelines import Pipelines
from tiercore.ingest.mapping.drafts import DECIDE, Draft, Section, quoted

_COPIED = ("from", "partner_id", "client_id", "product_line", "mrr", "currency", "motion")
_MOTION = "[sales.motion]"


def open_deals(draft: Draft, sales: Section, pipelines: Pipelines) -> None:
    """Write the table of open deals: their line items as the sales that they would be, with the chance of their stage.

    Nothing where no stage is open, or where it isn't sure whose the sales are or who sourced them.
    """
    _, stages, _ = pipelines.stages
    copied = {
        key: line for line in sales.lines if (key := line.partition(" = ")[0]) in (*_COPIED, "sale_id", "sold_on")
    }
    motion = _motion(sales)
    if not stages or "partner_id" not in copied or not (motion or "motion" in copied):
        return
    section = draft.section("# Deals that aren't closed yet: no points, but a part of projections\n[pipeline]")
    section.lines += [f"deal_id{copied['sale_id'].removeprefix('sale_id')}"]
    section.lines += [line for key, line in copied.items() if key in _COPIED]
    section.lines += [f"expected_on{copied['sold_on'].removeprefix('sold_on')}"]
    section.below += motion
    section.below += ["", "[pipeline.probability]", 'column = "deals.dealstage"', "[pipeline.probability.values]"]
    chances = {stage.stage_id: round((stage.probability or 0) * 100) for _, stage in stages}
    section.below += [f"{quoted(stage_id)} = {quoted(str(chance))}" for stage_id, chance in chances.items()]


def _motion(sales: Section) -> list[str]:
    """The lines that translate the motion, without those that wait for a decision."""
    if _MOTION not in sales.below:
        return []
    lines = sales.below[sales.below.index(_MOTION) :]
    own = lines[
        : next(
            (at for at, line in enumerate(lines) if line.startswith("[sales.") and at and "motion" not in line), None
        )
    ]
    return [line.replace("[sales.", "[pipeline.") for line in ["", *own] if not line.startswith((DECIDE, "# "))]
