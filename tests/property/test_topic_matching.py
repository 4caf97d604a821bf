"""Topic patterns against a reference that shares nothing with the code."""

import re

from hypothesis import given, strategies as st

from broker.memory_routing import matches

words = st.sampled_from(["a", "b", "ab", ""])
keys = st.lists(words, max_size=5).map(".".join)
patterns = st.lists(words | st.sampled_from(["*", "#"]), max_size=5).map(".".join)


def reference(pattern: str, key: str) -> bool:
    """As a regular expression over a key in which every word ends with a dot."""
    parts = {"*": r"[^.]*\.", "#": r"(?:[^.]*\.)*"}
    expression = "".join(
        parts.get(word, re.escape(word + ".")) for word in pattern.split(".") if pattern
    )
    return re.fullmatch(expression, key + "." if key else "") is not None


@given(patterns, keys)
def test_a_pattern_takes_what_the_reference_takes(pattern: str, key: str) -> None:
    assert matches(pattern, key) == reference(pattern, key)


@given(keys)
def test_every_key_takes_itself_and_the_hash_takes_everything(key: str) -> None:
    assert matches(key, key)
    assert matches("#", key)
