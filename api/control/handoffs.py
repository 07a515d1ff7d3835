"""Operations of handoffs: ship, receive, reject, notice, void, settle; sale and disposal, which end custody."""

from __future__ import annotations

from api.control.recording import proposing, recording
from ledger.services.builders import handoffs

HANDOFFS = {
    "ship": recording(handoffs.ship),
    "receive": recording(handoffs.receive),
    "reject": recording(handoffs.reject),
    "notice": recording(handoffs.notice),
    "void": proposing(handoffs.void),
    "settle": proposing(handoffs.settle),
    "sell": recording(handoffs.sell),
    "dispose": recording(handoffs.dispose),
}
