import hashlib
import os

import pytest

from lockstep.scoring.keys import find_key, new_key, parse_keys


def test_a_new_key_is_found_by_its_secret_only() -> None:
    secret, key = new_key("postman")
    keys = parse_keys(f"{new_key('other')[1].entry}, {key.entry}")
    assert find_key(keys, secret.encode()) == key
    wrong = ("", secret[:-1], secret + "x", key.sha256, "ключ")
    assert [find_key(keys, presented.encode()) for presented in wrong] == [None] * 5


def test_a_key_of_any_letters_is_bytes_of_utf_8() -> None:
    secret = "ключ-" * 8
    [key] = parse_keys(secret)
    assert find_key([key], secret.encode()) == key
    assert find_key([key], secret.encode("koi8-r")) is None
    undecoded = os.fsdecode(b"\xff" * 40)  # how Python reads an environment that is no UTF-8
    assert find_key(parse_keys(undecoded), b"\xff" * 40)


def test_the_entry_does_not_hold_the_secret() -> None:
    secret, key = new_key("postman")
    assert secret not in key.entry
    assert key.sha256 == hashlib.sha256(secret.encode()).hexdigest()


def test_two_new_keys_differ() -> None:
    assert new_key("a")[0] != new_key("a")[0]


def test_a_bare_generated_secret_is_a_key() -> None:
    keys = parse_keys("0123456789abcdef" * 4)
    found = find_key(keys, b"0123456789abcdef" * 4)
    assert found is not None
    assert found.name == "generated"


def test_nothing_presented_opens_nothing_even_where_its_digest_is_stored() -> None:
    assert find_key(parse_keys(f"empty:{hashlib.sha256(b'').hexdigest()}"), b"") is None


@pytest.mark.parametrize("text", ["", " ", ",", " , "])
def test_no_entries_are_no_keys(text: str) -> None:
    assert parse_keys(text) == ()


@pytest.mark.parametrize(
    "text", ["short", "name:abc", "name:" + "A" * 64, "na me:" + "a" * 64, ":" + "a" * 64, "a:" + "b" * 64 + ":c"]
)
def test_an_entry_of_another_form_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ValueError, match=r"entry 2 is not name:sha256") as refused:
        parse_keys(f"good:{'0' * 64},{text}")
    assert text not in str(refused.value)


def test_two_keys_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two entries"):
        parse_keys(f"a:{'0' * 64},a:{'1' * 64}")


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a,b", "x" * 65])
def test_a_name_that_no_entry_can_hold_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no key name"):
        new_key(name)
