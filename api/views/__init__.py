"""What templates show, made from the domain's values; no I/O."""
