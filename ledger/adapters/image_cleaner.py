"""
Makes photos anew with Pillow: upright pixels and nothing else. Implements `ledger.ports_files.ImageCleaner`.

The camera's notes (place, time, serial number, thumbnails), comments and whatever hides behind the picture are gone,
since only pixels are carried over. With `keep_location` the place alone (EXIF 2.32, GPS IFD) is written again. The
number of pixels is asked before any is decoded; one image is decoded at a time, so that memory stays bounded.
"""

from __future__ import annotations

import io
import threading

from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.ExifTags import IFD

from ledger.domain.errors import InvalidInput
from ledger.domain.files import MOST_PIXELS, Media
from ledger.domain.plain_jpeg import is_plain_jpeg

LONGEST_SIDE = 3_072
"""Pixels. The small print of a certificate photographed whole can be read at this size."""
_QUALITY = 85
# Pillow refuses an image of more than twice this before its size can be asked; below, `_made_anew` does.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
_FORMATS = {Media.JPEG: "JPEG", Media.PNG: "PNG", Media.WEBP: "WEBP"}


class PillowCleaner:
    """Cleans one image at a time, whoever asks."""

    def __init__(self) -> None:
        self._turn = threading.Lock()

    def clean(self, data: bytes, media: Media, *, keep_location: bool) -> tuple[bytes, Media]:
        """The new file, a JPEG or, of a PNG, a PNG."""
        with self._turn:
            try:
                return _made_anew(data, media, keep_location)
            except InvalidInput:
                raise
            except Image.DecompressionBombError:
                raise _too_many("more than can be counted", MOST_PIXELS) from None
            except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, TypeError, KeyError) as error:
                message = "this file begins like a photo but is none that can be shown; take it again"
                raise InvalidInput.one("file", "file.not-an-image", str(error) or media.value, message) from None


def _made_anew(data: bytes, media: Media, keep_location: bool) -> tuple[bytes, Media]:
    # One decoder only: what begins like a JPEG is not tried as anything else.
    with Image.open(io.BytesIO(data), formats=(_FORMATS[media],)) as image:
        most = MOST_PIXELS if media is Media.JPEG else MOST_PIXELS // 2
        if image.width * image.height > most:
            raise _too_many(f"{image.width} x {image.height} pixels", most)
        place = dict(image.getexif().get_ifd(IFD.GPSInfo)) if keep_location else {}
        # A JPEG is decoded at a half, a quarter or an eighth where that is large enough.
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        image.load()
        upright = ImageOps.exif_transpose(image)
        if is_plain_jpeg(data) and max(image.size) <= LONGEST_SIDE:
            # Nothing to take away, and whoever drew it knows its hash already: a phone that signs without a network.
            return data, Media.JPEG
        kept = Media.PNG if media is Media.PNG else Media.JPEG
        made = _plain(upright, with_alpha=kept is Media.PNG)
    made.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    made.info.clear()
    out, notes = io.BytesIO(), _notes(place)
    if kept is Media.PNG:
        made.save(out, "PNG", optimize=True, **notes)
    else:
        made.save(out, "JPEG", quality=_QUALITY, optimize=True, **notes)
    return out.getvalue(), kept


def _plain(image: Image.Image, *, with_alpha: bool) -> Image.Image:
    """The pixels in a mode that both formats have; what shines through is white in a format without it."""
    has_alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    if not has_alpha:
        return image.convert("RGB")
    coloured = image.convert("RGBA")
    if with_alpha:
        return coloured
    ground = Image.new("RGB", coloured.size, "white")
    ground.paste(coloured, mask=coloured.getchannel("A"))
    return ground


def _notes(place: dict[int, object]) -> dict[str, bytes]:
    if not place:
        return {}
    exif = Image.Exif()
    exif.get_ifd(IFD.GPSInfo).update(place)
    return {"exif": exif.tobytes()}


def _too_many(value: str, most: int) -> InvalidInput:
    message = f"a photo has at most {most} pixels; take it with a lower resolution"
    return InvalidInput.one("file", "file.too-many-pixels", value, message)
