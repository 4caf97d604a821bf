from hub.in_force import InForce
from schemas.log import Claim, StateHead


def claim(nonce: str, at: int, before: int = 0) -> Claim:
    return Claim(worker="w", nonce=nonce, at=at, before=before)


def test_a_generation_only_grows_whatever_the_clock() -> None:
    it = InForce()
    for nonce, at, before, generation in (
        ("a", 100, 0, 100),
        ("b", 50, 0, 101),
        ("c", 0, 900, 901),
    ):
        it.claim(claim(nonce, at, before))
        assert (it.nonce, it.generation) == (nonce, generation)


def test_after_a_claim_nobody_vouches_for_another() -> None:
    it = InForce()
    it.claim(claim("a", 100))
    assert not it.vouches(StateHead(nonce="zombie", generation=999))
    assert it.vouches(StateHead(nonce="a", generation=100))
    assert (it.nonce, it.generation) == ("a", 100)


def test_in_the_middle_the_highest_generation_is_believed() -> None:
    it = InForce()
    assert it.vouches(StateHead(nonce="zombie", generation=50))
    assert it.vouches(StateHead(nonce="real", generation=60))
    assert not it.vouches(StateHead(nonce="zombie", generation=50))
    assert (it.nonce, it.generation) == ("real", 60)
