"""What the project hands out: its wheel, and the scripts that prepare a machine."""
