"""The bench's package lies in scripts; the chain's fixture."""

from __future__ import annotations

import sys
from pathlib import Path

from chain_fixtures import anvil_url

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))

__all__ = ["anvil_url"]
