"""Uploads that go straight to the storage, on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from core.wire import In, Out
from media.models import Upload
from media.schemas import AltText
from media.storage.storage import Slip

MediaType = Annotated[str, Meta(min_length=7, max_length=50, pattern="^image/[a-z0-9.+-]+$", description="image/jpeg")]
UploadBytes = Annotated[int, Meta(ge=1, le=100 * 2**20, description="The length of the file.")]
Sha256 = Annotated[
    str,
    Meta(min_length=64, max_length=64, pattern="^[0-9a-f]{64}$", description="Of the file; checked when it is there."),
]


class UploadCreate(In, kw_only=True):
    """A picture that is to be sent straight to the storage: exactly so many bytes of this type."""

    media_type: MediaType
    bytes: UploadBytes
    method: Literal["post", "put"] = "put"
    sha256: Sha256 | None = None
    alt_text: AltText = ""


class UploadOut(Out, kw_only=True, frozen=True):
    """How to send the picture to the storage, then `POST /v1/uploads/{id}/complete`.

    PUT: the bytes as the body, with `headers`. POST: a multipart form of all `fields`, and then the bytes as `file`.
    The answer is 2xx when the storage took it; the address takes nothing after `expires_at`.
    """

    id: str
    url: str
    method: Literal["POST", "PUT"]
    headers: dict[str, str]
    fields: dict[str, str]
    media_type: str
    bytes: int
    expires_at: datetime

    @classmethod
    def of(cls, upload: Upload, slip: Slip) -> "UploadOut":
        """The upload with its signed address, which is shown this once."""
        return cls(
            id=upload.id,
            url=slip.url,
            method=slip.method,
            headers=slip.headers,
            fields=slip.fields,
            media_type=upload.media_type,
            bytes=upload.bytes,
            expires_at=upload.expires_at,
        )
