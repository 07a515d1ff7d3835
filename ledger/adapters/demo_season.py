"""
The demonstration season that is packaged with Silkroot: its files in the order of import, and the lots worth showing.

Master data comes first, then documents and workbooks by name. The lots to show stand in `demo.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from ledger.domain.errors import InvalidInput
from ledger.domain.gs1 import parse_gtin
from ledger.domain.identifiers import LotRef, ProductId

_MASTER, _INDEX = "master.toml", "demo.toml"


@dataclass(frozen=True, slots=True)
class DemoSeason:
    """
    `files` to import in this order; one lot that ends up verified, one recalled, one shipped and not yet received.
    """

    files: tuple[Path, ...]
    verified: LotRef
    recalled: LotRef
    in_transit: LotRef


@contextmanager
def demo_season() -> Iterator[DemoSeason]:
    """The season; its paths are good until the block ends."""
    with as_file(files("ledger.package_data") / "demo") as folder:
        index = tomllib.loads((folder / _INDEX).read_text(encoding="utf-8"))["lots"]
        data = sorted(path for path in folder.iterdir() if path.suffix in (".xlsx", ".jsonld"))
        yield DemoSeason(
            (folder / _MASTER, *data), _lot(index["verified"]), _lot(index["recalled"]), _lot(index["in_transit"])
        )


def _lot(name: str) -> LotRef:
    gtin, slash, code = name.partition("/")
    if not slash:
        raise InvalidInput.one(_INDEX, "demo.lot", name, "a lot is written gtin/code")
    return LotRef(ProductId(parse_gtin(gtin)), code)
