"""
The event log as outsiders read it: tiles, proofs from stored tiles, signed checkpoints, acknowledgements; no I/O.

- `tile_names`: the resources of a log in the layout of C2SP tlog-tiles, and their paths;
- `tiles`: what they hold, and which of them are new when the log grows;
- `proofs`: roots and proofs of any size up to the stored one, in a few reads;
- `signed_notes`, `checkpoints`: C2SP signed-note and tlog-checkpoint with Ed25519;
- `acknowledgements`: an operator's signed promise that an event will be in the log, and whether it was kept;
- `acknowledgement_batches`: one signature under the promises of many leaves;
- `acknowledged_leaves`: those leaves, and the promise of each;
- `acknowledgement_json`: a promise as a file.

Values and functions alone; ports for store and chain stand in `ledger.ports_log`.
The tree itself and the verification of its proofs stand in `ledger.domain.merkle`.
"""
