"""The buttons that keep a scenario's sales as deals of the pipeline: they open the window to add a deal, filled in."""

from typing import Any

from handlers.views.entry_forms import written
from handlers.views.parts import blocks
from handlers.views.parts.formats import name
from handlers.views.parts.typed import ENTRY
from tiercore.scenarios.outcome import Difference
from tiercore.scenarios.steps import Sell
from tiercore.typed.types import Draft, Kind

KEEP = f"{ENTRY}:keep"
_MOST = 2


def keep_buttons(found: Difference) -> list[dict[str, Any]]:
    """A button for each of the first sales. It grants nothing: what the window may save is checked."""
    sales = [effect.step for effect in found.effects if isinstance(effect.step, Sell)][:_MOST]
    return [_button(each, found, at, is_only=len(sales) == 1) for at, each in enumerate(sales)]


def _button(sale: Sell, found: Difference, at: int, *, is_only: bool) -> dict[str, Any]:
    cells = {
        "client_id": sale.client_id,
        "client_name": sale.new_client.name if sale.new_client else "",
        "product_line": sale.product_line,
        "motion": sale.motion.value,
        "mrr": sale.mrr.as_decimal(),
        "currency": sale.mrr.currency,
        "expected_on": sale.sold_on.isoformat(),
    }
    draft = Draft(Kind.DEAL, found.partner.partner_id, {key: text for key, text in cells.items() if text}, "")
    new = sale.new_client.name if sale.new_client else "the new client"
    client = found.names.get(sale.client_id) or new
    label = "Keep as pipeline" if is_only else f"Keep the deal with {name(client, 40)}"
    aloud = f"{label}: {name(client, 40)}" if is_only else f"{label} as pipeline"
    return blocks.button(label, f"{KEEP}:{at}", written(draft), label=aloud)
