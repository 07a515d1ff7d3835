"""
Pictures for a camera: codes as they are printed, and the film that Chromium's fake camera shows of them.

QR codes come from our own labels. GS1-128 and GS1 DataMatrix, which other people's labels have, are written by the
writer of zxing-wasm, in Node: not by the code that is tested.
"""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path
from typing import Any

from PIL import Image
from web_library import ROOT, node

_SCRIPT = Path(__file__).with_name("write_code.mjs")
_FILM = (960, 540)


def code_picture(kind: str, elements: str, scale: int = 4) -> Image.Image:
    """`Code128` or `DataMatrix` of GS1 elements in brackets, with its quiet zone."""
    asked = json.dumps({"format": kind, "text": elements})
    done = subprocess.run(
        [node(), str(_SCRIPT)], input=asked, capture_output=True, text=True, cwd=ROOT, check=True, timeout=60
    )
    symbol: dict[str, Any] = json.loads(done.stdout)
    picture = Image.frombytes("L", (symbol["width"], symbol["height"]), bytes(symbol["data"]))
    if kind == "Code128":
        picture = picture.resize((picture.width, 60), Image.Resampling.NEAREST)
    return picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)


def picture_of(png: bytes) -> Image.Image:
    """A label as it is printed."""
    return Image.open(io.BytesIO(png)).convert("L")


def film(picture: Image.Image, path: Path) -> Path:
    """A film in which somebody holds the picture before a grey wall, a little to the side; YUV4MPEG2."""
    width, height = _FILM
    largest = min(1.0, (width - 80) / picture.width, (height - 60) / picture.height)
    small = picture.resize((round(picture.width * largest), round(picture.height * largest)), Image.Resampling.LANCZOS)
    frames = []
    for shift in (0, 3, 6, 3):
        frame = Image.new("L", _FILM, 190)
        paper = Image.new("L", (small.width + 40, small.height + 40), 250)
        paper.paste(small, (20, 20))
        frame.paste(paper, ((width - paper.width) // 2 + shift, (height - paper.height) // 2))
        frames.append(b"FRAME\n" + frame.tobytes() + b"\x80" * (width * height // 2))
    path.write_bytes(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode() + b"".join(frames))
    return path
