"""Parsing XML piece by piece: no document type, so no entities, and no token that has to be held as a whole."""

from collections.abc import Callable, Iterable, Iterator
from xml.parsers import expat

from tiercore.ingest.problems import BadCell
from tiercore.ingest.xlsx.archive import damaged, too_large

Attributes = dict[str, str]
_MAX_TOKEN = 1 << 20


class Handler:
    """What is done at each element, by its name without prefix."""

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """A piece of text."""


def parse(pieces: Iterable[bytes], handler: Handler) -> Iterator[None]:
    """Parse the pieces; gives control back after each. Raises BadCell for what isn't well-formed or has entities."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.StartElementHandler = _first(parser, handler)
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


def _first(parser: expat.XMLParserType, handler: Handler) -> Callable[[str, Attributes], None]:
    """The handler of the root element, which tells the prefix that the others have."""

    def root(name: str, attributes: Attributes) -> None:
        prefix, colon, _ = name.rpartition(":")
        length = len(prefix + colon)
        if length:
            parser.StartElementHandler = lambda name, attributes: handler.start(name[length:], attributes)
            parser.EndElementHandler = lambda name: handler.end(name[length:])
        else:
            parser.StartElementHandler, parser.EndElementHandler = handler.start, handler.end
        parser.CharacterDataHandler = handler.text
        handler.start(name[length:], attributes)

    return root


def _no_doctype(*_: object) -> None:
    raise BadCell("bad spreadsheet", "has XML with a document type, which could be an attack", "save it as .xlsx anew")
