"""Builders of the EPCIS 2.0 events that the ledger understands; `ledger.domain.event_forms` names them all."""
