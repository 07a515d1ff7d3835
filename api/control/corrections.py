"""The operation that corrects a birth or a packing while nothing of it has moved."""

from api.control.recording import recording
from ledger.services.builders.corrections import correct

CORRECTIONS = {"correct": recording(correct)}
