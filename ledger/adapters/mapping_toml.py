"""Reads a packer's mapping file (TOML): what they call sheets and columns; see `house_mapping` in the domain."""

from __future__ import annotations

import tomllib
from pathlib import Path

from ledger.domain.errors import InvalidInput
from ledger.domain.imports.house_mapping import HouseMapping, mapping_of

_MAX_BYTES = 1024 * 1024


def read_mapping(path: Path) -> HouseMapping:
    """The mapping of a file; `InvalidInput`, rule `mapping.*`, where it is none or names what there is not."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        message = f"this file cannot be read: {error.strerror}"
        raise InvalidInput.one(path.name, "mapping.missing", path.name, message) from None
    if len(data) > _MAX_BYTES:
        message = f"a mapping file has at most {_MAX_BYTES} bytes"
        raise InvalidInput.one(path.name, "mapping.too-large", path.name, message)
    try:
        # A file saved by Notepad begins with a byte order mark.
        tree = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        message = f"this is not TOML 1.0 in UTF-8: {error}"
        raise InvalidInput.one(path.name, "mapping.toml", path.name, message) from None
    return mapping_of(tree)
