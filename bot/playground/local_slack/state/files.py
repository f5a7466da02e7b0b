"""Uploaded files with their bytes, and the upload URLs that are still open."""

import mimetypes
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.playground.local_slack.errors import ApiError

_PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


@dataclass(slots=True)
class File:
    """A file as Slack stores it. `data` is None until its bytes have arrived; without `channels` only the bot sees it.

    Slack processes a file after its upload: so many more calls of files.info (`unready`) come without a mimetype.
    `owner` is the person who shared it, empty for the bot.
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
    owner: str = ""

    @property
    def mimetype(self) -> str:
        """The type according to the bytes or, if they don't show it, to the name."""
        data = self.data or b""
        found = next((kind for magic, kind in _PICTURES.items() if data.startswith(magic)), None)
        return found or mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    @property
    def is_ready(self) -> bool:
        """Whether Slack has processed it, so that blocks can use it."""
        return self.completed and not self.unready

    @property
    def is_picture(self) -> bool:
        """Whether an image block may show it."""
        return self.is_ready and self.mimetype in _PICTURES.values()


class Files:
    """Files by id: `slack.files["F…"].data`. `processing` is the initial `unready` of files completed from now on."""

    def __init__(self) -> None:
        self._files: dict[str, File] = {}
        self._uploads: dict[str, File] = {}
        self.processing = 0

    def __getitem__(self, file_id: str) -> File:
        return self._files[file_id]

    def __iter__(self) -> Iterator[File]:
        return iter(list(self._files.values()))

    def __len__(self) -> int:
        return len(self._files)

    def expects(self, key: str) -> bool:
        """Whether the key is of an upload URL that is still open."""
        return key in self._uploads

    def expect(self, name: str, length: int, created: float, private: str) -> tuple[File, str]:
        """Announce a file; the file, and the key of its upload URL. `private` is the beginning of its private URL."""
        file_id = f"F{secrets.token_hex(5).upper()}"
        file = File(file_id, name, length, created, f"{private}{file_id}/{name}", name)
        key = secrets.token_urlsafe(18)
        self._files[file_id] = self._uploads[key] = file
        return file, key

    def share(self, owner: str, name: str, data: bytes, channel: str, created: float, private: str) -> File:
        """A file that a person shares in a channel."""
        file, _ = self.expect(name, len(data), created, private)
        file.data, file.completed, file.owner = data, True, owner
        file.channels.append(channel)
        return file

    def find(self, url: str) -> File | None:
        """The file with this private URL."""
        return next((each for each in self._files.values() if each.url_private == url and each.completed), None)

    def take(self, key: str, data: bytes) -> File:
        """Store the bytes. Raises ApiError with status 404 or 400, for which Slack has no documented words."""
        file = self._uploads.get(key)
        if file is None or file.completed:
            raise ApiError("upload_not_found", status=404)
        if len(data) != file.length:
            raise ApiError("length_mismatch", [f"expected {file.length} bytes, got {len(data)}"], status=400)
        file.data = data
        return file

    def uploaded(self, file_id: object) -> File:
        """A file with its bytes whose upload isn't completed yet. Raises ApiError: file_not_found."""
        file = self._files.get(file_id) if isinstance(file_id, str) else None
        if file is None or file.data is None or file.completed:
            raise ApiError("file_not_found")
        return file

    def completed(self, file_id: object) -> File:
        """A file whose upload was completed. Raises ApiError: file_not_found."""
        file = self._files.get(file_id) if isinstance(file_id, str) else None
        if file is None or not file.completed:
            raise ApiError("file_not_found")
        return file

    def complete(self, file: File, title: str | None, channel_id: str | None) -> None:
        """Complete the upload; Slack starts processing the file."""
        file.completed, file.unready = True, self.processing
        file.title = title or file.title
        if channel_id:
            file.channels.append(channel_id)

    def can_show(self, slack_file: object) -> bool:
        """Whether an image block may use the file that this slack_file object names."""
        if not isinstance(slack_file, dict):
            return False
        for file in self._files.values():
            same_id = slack_file.get("id", file.file_id) == file.file_id
            if same_id and slack_file.get("url", file.url_private) == file.url_private:
                return file.is_picture
        return False
