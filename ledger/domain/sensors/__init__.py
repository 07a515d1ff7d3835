"""Temperature and humidity: what events report, a lot's limits, series, and how long they were outside; no I/O."""
