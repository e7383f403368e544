import hmac

from hypothesis import given
from hypothesis import strategies as st

from narrowgate.adapters.entropy import SeededEntropy, SystemEntropy


def test_the_system_draws_the_size_asked_for_and_never_twice_the_same() -> None:
    entropy = SystemEntropy()
    drawn = [entropy.draw(16) for _ in range(100)]
    assert {len(each) for each in drawn} == {16}
    assert len(set(drawn)) == 100


@given(seed=st.binary(), sizes=st.lists(st.integers(min_value=0, max_value=100), max_size=10))
def test_equal_seeds_give_equal_draws_of_the_sizes_asked_for(seed: bytes, sizes: list[int]) -> None:
    first, second = SeededEntropy(seed), SeededEntropy(seed)
    drawn = [first.draw(size) for size in sizes]
    assert drawn == [second.draw(size) for size in sizes]
    assert [len(each) for each in drawn] == sizes


@given(one=st.binary(), other=st.binary())
def test_unequal_seeds_give_unequal_draws(one: bytes, other: bytes) -> None:
    # HMAC pads keys shorter than a block with zeros and hashes longer ones: the same key, not another seed.
    same_key = one.ljust(64, b"\0") == other.ljust(64, b"\0")
    assert (SeededEntropy(one).draw(32) == SeededEntropy(other).draw(32)) == same_key


def test_no_block_of_the_stream_comes_back() -> None:
    entropy = SeededEntropy(b"seed")
    drawn = [entropy.draw(32) for _ in range(1000)]
    assert len(set(drawn)) == 1000


def test_the_stream_is_the_documented_one() -> None:
    entropy = SeededEntropy(b"seed")
    blocks = [hmac.digest(b"seed", counter.to_bytes(16, "big"), "sha256") for counter in range(3)]
    assert entropy.draw(40) == blocks[0] + blocks[1][:8]
    assert entropy.draw(32) == blocks[2]
