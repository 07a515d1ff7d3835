"""Builders of events from what somebody filled in: for the command line, and for forms that are signed elsewhere."""
