"""The store in SQL: events, outbox, projection and master data in one database (SQLite in WAL mode by default)."""
