"""The same files with some rows changed, as a night's export has them."""

import shutil
from pathlib import Path


def change_some(folder: Path, to: Path, *, every: int) -> None:
    """Copy the folder; each `every`-th sale is dearer by one."""
    to.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.name == "sales.csv":
            _change(path, to / path.name, every, 6)
        else:
            shutil.copyfile(path, to / path.name)


def _change(path: Path, to: Path, every: int, column: int) -> None:
    with path.open(encoding="utf-8") as source, to.open("w", encoding="utf-8") as target:
        for number, line in enumerate(source):
            if number and number % every == 0:
                cells = line.split(",")
                cells[column] = str(int(cells[column]) + 1)
                line = ",".join(cells)
            target.write(line)
