"""Benchmarks. Each is run by hand and prints what it measured."""
