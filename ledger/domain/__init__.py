"""Values in, values out: no I/O, no clock, no web3, no SQL, no HTTP (import-linter enforces it)."""
