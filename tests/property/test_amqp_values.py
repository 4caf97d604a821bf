"""Whatever bytes a stranger wrote, they read as something, and the frame goes on behind them."""

from hypothesis import given, strategies as st

from broker.amqp_values import short_string, table, timestamp
from broker.limits import check_short
from tests.support.foreign import field, long

_types = st.sampled_from([bytes((letter,)) for letter in b"tbBsuIilLfdDTSAFVx?\x00"])
_fields = st.builds(field, st.binary(max_size=6), _types, st.binary(max_size=30))


@given(st.binary(max_size=255))
def test_short_strings(raw: bytes) -> None:
    used, text = short_string(bytes((len(raw),)) + raw)
    assert used == 1 + len(raw)
    check_short(text)


@given(st.binary() | st.lists(_fields).map(b"".join))
def test_tables(fields: bytes) -> None:
    used, found = table(long(fields))
    assert used == 4 + len(fields)
    assert all(isinstance(name, str) for name in found)


@given(st.binary(min_size=8, max_size=8))
def test_timestamps(raw: bytes) -> None:
    assert timestamp(raw)[0] == 8
