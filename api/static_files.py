"""
The files of api/static that browsers load: bytes, media type and version of each; package data, read once.

A version is the beginning of a SHA-256 and stands in the address, so that a browser may keep the file for ever.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources

_KINDS = {
    "js": "text/javascript; charset=utf-8",
    "wasm": "application/wasm",
    "txt": "text/plain; charset=utf-8",
}
"""By what a name ends with; a file of another kind is not served."""


def _media_types() -> dict[str, str]:
    names = sorted(path.name for path in resources.files("api").joinpath("static").iterdir() if path.is_file())
    return {name: kind for name in names if (kind := _KINDS.get(name.rpartition(".")[2]))}


MEDIA_TYPES = _media_types()
"""The files that there are."""


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it goes out."""

    data: bytes
    media_type: str
    version: str


@cache
def static_file(name: str) -> StaticFile | None:
    """The file of that name; None where there is none."""
    media_type = MEDIA_TYPES.get(name)
    if media_type is None:
        return None
    data = resources.files("api").joinpath("static", name).read_bytes()
    return StaticFile(data, media_type, hashlib.sha256(data).hexdigest()[:12])


@cache
def bundle_version() -> str:
    """One version for all files: they load one another, and a mixture of two builds would break."""
    versions = [file.version for name in MEDIA_TYPES if (file := static_file(name)) is not None]
    return hashlib.sha256("".join(versions).encode()).hexdigest()[:12]


def static_path(name: str) -> str:
    """The address of the file, relative to a page at the top of the service."""
    return f"static/{name}?v={bundle_version()}"
