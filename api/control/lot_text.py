"""How people write lots, parties and places on the command line: as everywhere, see `ledger.services.lot_text`."""

from ledger.services.lot_text import lot_of_text, new_lot_of_text, party_of_text, spot_of_text

__all__ = ["lot_of_text", "new_lot_of_text", "party_of_text", "spot_of_text"]
