"""Rows of the trade's workbooks become EPCIS events: pure mapping, nothing is guessed, every refusal names its cell."""
