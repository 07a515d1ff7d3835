"""Ports made real, one technology each; foreign exceptions become `ledger.domain.errors` here."""
