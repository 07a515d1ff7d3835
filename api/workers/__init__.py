"""Several processes that serve one ledger on PostgreSQL: who starts them, what they do, how they talk."""
