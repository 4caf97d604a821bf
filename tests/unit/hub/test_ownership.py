from hub.ownership import Named, table


def test_a_worker_alone_owns_everything_and_nobody_is_next() -> None:
    assert table(["w1"]) == (Named("w1", None),) * 16


def test_two_workers_share_and_stand_by_for_each_other() -> None:
    names = table(["w1", "w2"])
    assert sorted(named.owner for named in names) == ["w1"] * 8 + ["w2"] * 8
    assert all({named.owner, named.next} == {"w1", "w2"} for named in names)


def test_the_table_is_the_same_in_every_version() -> None:
    """Neighbouring versions must agree, or they hand shards to and fro."""
    owners = "".join(named.owner for named in table(["a", "b", "c"]))
    assert owners == "ccaabccababcbbab"


def test_more_workers_than_shards_leave_some_without() -> None:
    owners = [named.owner for named in table([f"w{n}" for n in range(20)])]
    assert len(set(owners)) == 16
