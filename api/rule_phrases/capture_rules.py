"""Rules of the capture interface, its keys, and of events that were signed before they came, in plain words."""

from __future__ import annotations

from api.catalogues import N_

CAPTURE_RULES = {
    "key.action": N_("A key of the capture interface cannot be good for that."),
    "key.name": N_("The name of a key is too long, or has characters that cannot be printed."),
    "key.days": N_("A key is good for at least one day, and for about ten years at most."),
    "page.token": N_("The token that says where the next page begins is none that a page gave."),
}
