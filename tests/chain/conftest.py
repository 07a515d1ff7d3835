"""The chain's fixtures, for all tests of this folder."""

from __future__ import annotations

from chain_fixtures import anvil_url, chain_world
from proof_world import proof_world

__all__ = ["anvil_url", "chain_world", "proof_world"]
