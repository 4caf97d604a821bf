"""The tools that tests lean on must themselves be able to fail."""
