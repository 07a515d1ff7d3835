"""Rules of the contracts broken one at a time: table, page, and how forge runs. See `scripts/mutate`."""
