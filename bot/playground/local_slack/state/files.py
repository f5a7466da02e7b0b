"""The files that were uploaded, with their bytes, and the addresses that wait for some."""

import mimetypes
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.playground.local_slack.errors import ApiError

_PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


@dataclass(slots=True)
class File:
    """A file as Slack keeps it. `data` is None until its bytes have come; `channels` empty: the bot's alone.

    Slack looks at a file after it was completed: `unready` more looks at files.info come without a mimetype.
    """

    file_id: str
    name: str
    length: int
    created: float
    url_private: str
    title: str = ""
    data: bytes | None = None
    completed: bool = False
    unready: int = 0
    channels: list[str] = field(default_factory=list)

    @property
    def mimetype(self) -> str:
        """What the bytes are, and only if they don't tell, what the name says."""
        data = self.data or b""
        found = next((kind for magic, kind in _PICTURES.items() if data.startswith(magic)), None)
        return found or mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    @property
    def is_ready(self) -> bool:
        """Whether Slack is through with it, so that blocks may use it."""
        return self.completed and not self.unready

    @property
    def is_picture(self) -> bool:
        """Whether an image block may show it."""
        return self.is_ready and self.mimetype in _PICTURES.values()


class Files:
    """Files by id: `slack.files["F…"].data`. `processing` is how many looks a file completed from now on takes."""

    def __init__(self) -> None:
        self._files: dict[str, File] = {}
        self._waiting: dict[str, File] = {}
        self.processing = 0

    def __getitem__(self, file_id: str) -> File:
        return self._files[file_id]

    def __iter__(self) -> Iterator[File]:
        return iter(list(self._files.values()))

    def __len__(self) -> int:
        return len(self._files)

    def expect(self, name: str, length: int, created: float, private: str) -> tuple[File, str]:
        """A file to come, and the key of the address for its bytes; `private` is what its own address begins with."""
        file_id = f"F{secrets.token_hex(5).upper()}"
        made = File(file_id, name, length, created, f"{private}{file_id}/{name}", name)
        key = secrets.token_urlsafe(18)
        self._files[file_id] = self._waiting[key] = made
        return made, key

    def take(self, key: str, data: bytes) -> File:
        """The bytes have come. Raises ApiError with status 404 or 400; Slack gives no words for either."""
        file = self._waiting.get(key)
        if file is None or file.completed:
            raise ApiError("upload_not_found", status=404)
        if len(data) != file.length:
            raise ApiError("length_mismatch", [f"expected {file.length} bytes, got {len(data)}"], status=400)
        file.data = data
        return file

    def uploaded(self, file_id: object) -> File:
        """A file whose bytes are there and that is not completed yet. Raises ApiError: file_not_found."""
        file = self._files.get(file_id) if isinstance(file_id, str) else None
        if file is None or file.data is None or file.completed:
            raise ApiError("file_not_found")
        return file

    def completed(self, file_id: object) -> File:
        """A file that was completed. Raises ApiError: file_not_found."""
        file = self._files.get(file_id) if isinstance(file_id, str) else None
        if file is None or not file.completed:
            raise ApiError("file_not_found")
        return file

    def complete(self, file: File, title: str | None, channel_id: str | None) -> None:
        """The upload is finished; Slack begins to look at the file."""
        file.completed, file.unready = True, self.processing
        file.title = title or file.title
        if channel_id:
            file.channels.append(channel_id)

    def shows(self, wanted: object) -> bool:
        """Whether an image block may use the file named by this slack_file object."""
        if not isinstance(wanted, dict):
            return False
        for each in self._files.values():
            if (
                wanted.get("id", each.file_id) == each.file_id
                and wanted.get("url", each.url_private) == each.url_private
            ):
                return each.is_picture
        return False
