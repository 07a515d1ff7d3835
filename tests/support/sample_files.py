"""Photos and PDFs for tests: with the camera's notes, damaged, too large, or something else in their clothes."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
SECRETS = (b"Camera of Aigul", b"serial 4711", b"a comment beside the pixels", b"behind the picture")


def photo(
    form: str = "JPEG", size: tuple[int, int] = (64, 48), *, notes: bool = False, colour: str = "seagreen"
) -> bytes:
    """A photo; with `notes` the camera wrote where and by whom, and that it lies on its side."""
    image, out = Image.new("RGB", size, colour), io.BytesIO()
    image.paste("white", (0, 0, size[0] // 2, size[1] // 2))
    if not notes:
        image.save(out, form)
        return out.getvalue()
    exif = Image.Exif()
    exif[Base.Make] = "Camera of Aigul"
    exif[Base.Orientation] = 6
    exif.get_ifd(IFD.Exif)[Base.BodySerialNumber] = "serial 4711"
    place = exif.get_ifd(IFD.GPSInfo)
    place[GPS.GPSLatitudeRef], place[GPS.GPSLatitude] = "N", (42.0, 56.0, 30.0)
    place[GPS.GPSLongitudeRef], place[GPS.GPSLongitude] = "E", (93.0, 31.0, 0.0)
    more = {"comment": SECRETS[2]} if form == "JPEG" else {}
    image.save(out, form, exif=exif, **more)
    return out.getvalue() + SECRETS[3]


def place_in(data: bytes) -> dict[int, object]:
    """What a photo says of where it was taken."""
    with Image.open(io.BytesIO(data)) as image:
        return dict(image.getexif().get_ifd(IFD.GPSInfo))


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of few bytes that would be that many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width + 7) // 8 + 1) * min(height, 4))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
