"""Tests, outermost last: unit, property, contract, integration, fault, journey, browser."""
