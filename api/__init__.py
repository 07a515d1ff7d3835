"""Faces of the ledger: the HTTP service, its pages, and the command line."""
