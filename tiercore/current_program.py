"""The program as it is now: the rules loaded at the start, with the figures that people have entered since."""

import asyncio

from tiercore.program import Program, with_entered
from tiercore.storage.reader import Reader
from tiercore.storage.rule_values import ENTERED, entered_of


class CurrentProgram:
    """Follows the version of the data, which every entered figure increases, in each replica (running#tier-table)."""

    def __init__(self, reader: Reader, program: Program) -> None:
        self._reader, self.program = reader, program
        self._version = 0

    async def follow(self, version: int) -> None:
        """Have `program` contain what was entered up to this version of the data; 0 is the version of no data."""
        if version and version == self._version:
            return
        [rows] = await self._reader.fetch((ENTERED, {}))
        entered = tuple(entered_of(row) for row in rows)
        if entered != self.program.entered:
            self.program = await asyncio.to_thread(with_entered, self.program, entered)
        self._version = version
