"""
Silkroot's ledger: events of produce, signed by parties and recorded on chain.

`domain` is pure; `ports` says what the use cases in `services` need; `adapters` give it, one technology each;
`wiring` is the one place that puts them together.
"""

import os

# eth-hash picks its backend at first import; the pure-Python one is seven times slower (docs/adr/0003).
os.environ.setdefault("ETH_HASH_BACKEND", "pysha3")
