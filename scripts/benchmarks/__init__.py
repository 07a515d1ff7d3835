"""What scripts/bench measures: one module for a group of figures, all listed in `groups`."""
