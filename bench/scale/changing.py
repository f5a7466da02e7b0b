"""The same files with some rows changed, as a night's export has them."""

import shutil
from pathlib import Path

_SALE, _MOTION, _AMOUNT = 0, 5, 6  # columns of sales.csv
_OTHER = {"sourced": "assisted", "assisted": "sourced"}


def change_some(folder: Path, to: Path, *, every: int) -> None:
    """Copy the folder; of each `every`-th sale, in turn, the amount or the motion differs, or a sale like it is new."""
    to.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.name == "sales.csv":
            _change(path, to / path.name, every)
        else:
            shutil.copyfile(path, to / path.name)


def _change(path: Path, to: Path, every: int) -> None:
    with path.open(encoding="utf-8") as source, to.open("w", encoding="utf-8") as target:
        for number, line in enumerate(source):
            if number and number % every == 0:
                line = _changed(line, number // every % 3)
            target.write(line)


def _changed(line: str, kind: int) -> str:
    cells = line.split(",")
    if kind == 0:
        cells[_AMOUNT] = str(int(cells[_AMOUNT]) + 1)
    elif kind == 1:
        cells[_MOTION] = _OTHER[cells[_MOTION]]
    else:
        return line + ",".join((f"N{cells[_SALE]}", *cells[_SALE + 1 :]))
    return ",".join(cells)
