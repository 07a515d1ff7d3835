"""Rules on the published log, its checkpoints and acknowledgements, in plain words."""

from __future__ import annotations

from api.catalogues import N_

LOG_RULES = {
    "log.tile": N_("The log has no tile of this name."),
    "log.tile-content": N_("This is not what a tile of the log holds."),
    "log.note": N_("This is not a signed note, or not a key for one."),
    "log.note-signature": N_("The signature below the text is missing or wrong."),
    "log.checkpoint": N_("This is not a checkpoint of this log."),
    "log.edge": N_("This is not the right edge of a log of that size."),
    "log.monitor-state": N_("This is not the state of a monitor."),
    "log.acknowledgement": N_("The acknowledgement contradicts itself or belongs to something else."),
    "log.hash": N_("A content hash is 0x and 64 hex digits in lower case."),
    "log.receipt": N_("This is not the file of a receipt from the log's operator."),
}
