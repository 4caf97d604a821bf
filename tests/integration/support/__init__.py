"""The tools that tests lean on, on the real thing."""
