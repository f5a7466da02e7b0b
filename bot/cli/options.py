"""Options that several commands take."""

from datetime import date, datetime
from typing import Annotated

import typer

On = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day to answer for; default: today.")
]


def as_day(value: datetime | None) -> date | None:
    """The date of an option, within the years that the rules cover. Raises BadParameter."""
    if value and not 2000 <= value.year <= 2100:
        raise typer.BadParameter("use a day from 2000-01-01 to 2100-12-31", param_hint="--on")
    return value.date() if value else None
