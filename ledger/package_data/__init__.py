"""Files that running needs, read by importlib.resources."""
