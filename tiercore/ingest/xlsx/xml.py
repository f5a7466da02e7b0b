"""Parsing XML piece by piece: no document type, so no entities, and nothing that has to be held as a whole."""

from collections.abc import Iterable, Iterator
from xml.parsers import expat

from tiercore.ingest.problems import BadCell
from tiercore.ingest.xlsx.archive import damaged, too_large

Attributes = dict[str, str]
_MAX_TOKEN = 1 << 20
_MAX_DEPTH = 256


class Handler:
    """What is done at each element, by its name without prefix."""

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """A piece of text."""


class _Elements:
    """Passes elements on without the prefix of the root element, and knows how deep they are."""

    def __init__(self, handler: Handler) -> None:
        self._start, self._end = handler.start, handler.end
        self._prefix: int | None = None
        self._depth = 0

    def start(self, name: str, attributes: Attributes) -> None:
        if self._prefix is None:
            prefix, colon, _ = name.rpartition(":")
            self._prefix = len(prefix + colon)
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise too_large(f"has elements more than {_MAX_DEPTH} deep")
        self._start(name[self._prefix :], attributes)

    def end(self, name: str) -> None:
        self._depth -= 1
        self._end(name[self._prefix :])


def parse(pieces: Iterable[bytes], handler: Handler) -> Iterator[None]:
    """Parse the pieces; gives control back after each. Raises BadCell for what isn't well-formed or has entities."""
    parser = expat.ParserCreate()
    elements = _Elements(handler)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.StartElementHandler, parser.EndElementHandler = elements.start, elements.end
    parser.CharacterDataHandler = handler.text
    fed = 0
    try:
        for piece in pieces:
            parser.Parse(piece, False)
            fed += len(piece)
            if fed - parser.CurrentByteIndex > _MAX_TOKEN:
                raise too_large(f"has a name or a value of more than {_MAX_TOKEN >> 20} MiB")
            yield
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise damaged(str(error)) from None
    yield


def parse_all(pieces: Iterable[bytes], handler: Handler) -> None:
    """Parse all of the pieces."""
    for _ in parse(pieces, handler):
        pass


def _no_doctype(*_: object) -> None:
    raise BadCell("bad spreadsheet", "has XML with a document type, which could be an attack", "save it as .xlsx anew")
