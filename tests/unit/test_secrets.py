"""Search keys, passwords, key sets, keyed digests and settings."""

import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import bcrypt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import Purpose, SearchKey
from shared.key_files import (
    LOOKUP,
    make_keys,
    read_pinned_key_set,
    read_sealing_keys,
    read_signing_key,
)
from shared.keys import InvalidKeys, read_key_set, sign_key_set
from shared.lookup import fingerprint, lookup_digest
from shared.passwords import (
    InvalidPassword,
    check_rules,
    check_secret,
    check_tag,
    hash_secret,
    hash_tag,
    password_tag,
)
from shared.search_key import InvalidSearchKey, canonical, draw, looks_like, parse, printed
from shared.settings import InvalidSettings, Settings, read_secret, read_settings
from tests.builders import KEYS, START

search_keys = st.builds(SearchKey, st.sampled_from(Purpose), st.integers(0, 10**13 - 1))


@given(search_keys)
def test_a_search_key_comes_back_from_print_in_any_width_and_case(key):
    assert parse(printed(key)) == key
    wide = printed(key).lower().translate({0x30 + d: 0xFF10 + d for d in range(10)})
    assert parse(wide.replace(" ", "－")) == key
    assert looks_like(wide)


@given(search_keys, st.integers(0, 15), st.integers(1, 9))
def test_every_typing_error_in_one_place_is_noticed(key, at, by):
    text = canonical(key)
    if not text[at].isdigit():
        return
    with pytest.raises(InvalidSearchKey):
        parse(text[:at] + str((int(text[at]) + by) % 10) + text[at + 1 :])


@given(search_keys, st.integers(1, 14))
def test_swapped_neighbours_are_noticed(key, at):
    text = canonical(key)
    swapped = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if swapped != text:
        with pytest.raises(InvalidSearchKey):
            parse(swapped)


def test_drawn_keys_differ_and_show_their_kind():
    assert len({draw(Purpose.INDIVIDUAL) for _ in range(200)}) == 200
    assert [canonical(SearchKey(p, 5))[0] for p in Purpose] == ["1", "2", "3", "K"]


@pytest.mark.parametrize("text", ["", "1234", "4000 0000 0000 0000", "K1", "ABCD", "9" * 17])
def test_what_is_no_search_key_is_refused_without_being_repeated(text):
    with pytest.raises(InvalidSearchKey) as caught:
        parse(text)
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("mijikai", "8文字以上"),
        ("ぱすわーどぱすわーど", "半角"),
        ("ｍｉｈｏｎ１２３４", "半角"),
        ("Password1", "よく使われる"),
        ("aaaaaaaaaaaa", "よく使われる"),
        ("x" * 129, "128文字以内"),
        ("mihon\x0012345", "半角"),
    ],
)
def test_a_password_that_breaks_a_rule_is_refused_in_words(password, said):
    with pytest.raises(InvalidPassword, match=said):
        check_rules(password)


@pytest.mark.parametrize(
    "password", ["mihon-no-himitsu", "x y z w 1 2 3", "~!@#$%^&*()_+", "ab" * 64]
)
def test_long_ascii_passwords_are_allowed(password):
    check_rules(password)
    assert check_tag(password_tag("k", password), hash_tag(password_tag("k", password), 4))


def test_a_tag_depends_on_name_and_password_and_all_of_a_long_one():
    long = "x" * 100
    tags = {
        password_tag("見本", long + "a"),
        password_tag("見本", long + "b"),
        password_tag("別人", long + "a"),
    }
    assert len(tags) == 3
    assert {len(tag) for tag in tags} == {32}
    hashed = hash_tag(password_tag("見本", long + "a"), 4)
    assert not check_tag(password_tag("見本", long + "b"), hashed)


def test_pins_and_filing_passwords_of_any_length_are_told_apart():
    stored = hash_secret("あ" * 40 + "1", 4)
    assert check_secret("あ" * 40 + "1", stored)
    assert not check_secret("あ" * 40 + "2", stored)


def test_no_more_passwords_are_compared_at_once_than_there_are_cores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at_work, most, stored = [], [], hash_tag(b"t" * 32, 4)

    def slowly(_tag: bytes, _stored: bytes) -> bool:
        at_work.append(1)
        most.append(len(at_work))
        time.sleep(0.05)
        at_work.pop()
        return True

    monkeypatch.setattr(bcrypt, "checkpw", slowly)
    crowd = 4 * (os.cpu_count() or 1)
    with ThreadPoolExecutor(crowd) as pool:
        assert all(pool.map(lambda _: check_tag(b"t" * 32, stored), range(crowd)))
    assert len(most) == crowd
    assert max(most) <= (os.cpu_count() or 1)


def test_fingerprints_ignore_blanks_and_need_the_key():
    assert fingerprint("91 01\r\n", b"k") == fingerprint("9101", b"k")
    assert fingerprint("9101", b"k") != fingerprint("9101", b"other")
    key = draw(Purpose.AUTHENTICATION)
    assert lookup_digest(key, b"k") != fingerprint(canonical(key), b"k")


def test_new_keys_are_readable_by_their_owner_only_and_parted_by_who_holds_them(tmp_path: Path):
    folder = tmp_path / "keys"
    made = make_keys(folder, START)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert list((folder / "issuer").glob("sealing-*")) == []
    assert list((folder / "registry").glob("signing-*")) == []
    assert [p.parent.name for p in folder.rglob("root.pem")] == ["root"]
    for half in ("issuer", "registry"):
        assert read_pinned_key_set(folder / half, START).version == made.version
    assert read_signing_key(folder / "issuer").key_id == 1
    assert [key.key_id for key in read_sealing_keys(folder / "registry")] == [1]
    lookups = {read_secret(folder / half / LOOKUP) for half in ("issuer", "registry")}
    assert len(lookups) == 1
    with pytest.raises(InvalidKeys, match="there are keys already"):
        make_keys(folder, START)


def test_a_key_set_counts_only_as_its_pinned_root_signed_it():
    root, stranger = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (8, 9))
    document = sign_key_set(KEYS.key_set, root)
    read = read_key_set(document, root.public_key(), START)
    assert read.signing[1].public_bytes_raw() == KEYS.key_set.signing[1].public_bytes_raw()
    with pytest.raises(InvalidKeys, match="not signed"):
        read_key_set(document, stranger.public_key(), START)
    with pytest.raises(InvalidKeys, match="not signed"):
        read_key_set(document.replace(b'"version": 1', b'"version": 2'), root.public_key(), START)
    with pytest.raises(InvalidKeys, match="older"):
        read_key_set(document, root.public_key(), START, oldest_version=2)
    with pytest.raises(InvalidKeys, match="expired"):
        read_key_set(document, root.public_key(), START + timedelta(days=395))
    with pytest.raises(InvalidKeys, match="form"):
        read_key_set(b"{}", root.public_key(), START)


def test_the_newest_key_that_has_begun_seals_and_a_practice_key_only_alone():
    key = KEYS.key_set.sealing[1]
    later = START + timedelta(days=30)
    both = replace(KEYS.key_set, sealing={1: key, 7: key, 129: key}, starts={7: later})
    assert both.sealing_key(START).key_id == 1
    assert both.sealing_key(later).key_id == 7
    assert replace(both, sealing={129: key}).sealing_key(START).key_id == 129
    with pytest.raises(InvalidKeys, match="in use yet"):
        replace(both, sealing={7: key}).sealing_key(START)


class _Example(Settings):
    keys: Path
    port: int = 80


def test_settings_name_what_is_wrong_without_its_value(tmp_path: Path):
    file = tmp_path / "x.toml"
    file.write_text('keys = "k"\n')
    assert read_settings(_Example, file) == _Example(keys=tmp_path / "k")
    for content, said in (
        ('keys = "k"\nporrt = 1', "porrt"),
        ('keys = "k"\nport = "secret-value"', "port"),
        ("keys = ", "not TOML"),
    ):
        file.write_text(content)
        with pytest.raises(InvalidSettings, match=said) as caught:
            read_settings(_Example, file)
        assert "secret-value" not in str(caught.value)
    with pytest.raises(InvalidSettings, match="No such file"):
        read_settings(_Example, tmp_path / "none.toml")
