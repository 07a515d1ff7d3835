"""Reads the table of devices and their keys (TOML); see `ledger.domain.gateway.devices`."""

from __future__ import annotations

import tomllib
from pathlib import Path

from ledger.domain.errors import InvalidInput, UnusableSettings
from ledger.domain.gateway.devices import DeviceTable


def read_device_table(path: Path) -> DeviceTable:
    """The table of a file; `UnusableSettings` where it is none."""
    try:
        return DeviceTable.from_tree(tomllib.loads(path.read_bytes().decode("utf-8-sig")))
    except OSError as error:
        raise UnusableSettings(f"--devices: {path} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise UnusableSettings(f"--devices: {path} is not TOML 1.0 in UTF-8: {error}") from None
    except InvalidInput as error:
        raise UnusableSettings(f"--devices: {path}: {error}") from None
