"""Sealing and signing: rotation without loss, and one purpose never passes for another."""

import base64

import pytest

from core.secrets import Vault

OLD, NEW, STRANGE = (base64.urlsafe_b64encode(sign * 32).decode() for sign in (b"a", b"b", b"c"))


def test_what_is_sealed_does_not_show_and_opens_again() -> None:
    vault = Vault([OLD])
    sealed = vault.seal(b"sk_test_secret")
    assert b"secret" not in sealed
    assert vault.seal(b"sk_test_secret") != sealed
    assert vault.unseal(sealed) == b"sk_test_secret"


def test_after_a_rotation_old_seals_and_signatures_stay_good() -> None:
    before, after = Vault([OLD]), Vault([NEW, OLD])
    assert after.unseal(before.seal(b"x")) == b"x"
    assert after.verify("click", b"m", before.sign("click", b"m"))
    assert Vault([NEW]).unseal(after.seal(b"y")) == b"y"
    assert after.sign("click", b"m") == Vault([NEW]).sign("click", b"m")


def test_a_key_that_is_gone_opens_and_verifies_nothing() -> None:
    before, after = Vault([OLD]), Vault([NEW])
    with pytest.raises(ValueError, match="another key"):
        after.unseal(before.seal(b"x"))
    assert not after.verify("click", b"m", before.sign("click", b"m"))


def test_a_credential_is_opened_once_and_a_new_one_is_not_mistaken_for_it() -> None:
    vault = Vault([OLD])
    first, second = vault.seal(b"whsec_1"), vault.seal(b"whsec_2")
    assert [vault.recall(each) for each in (first, second, first)] == [b"whsec_1", b"whsec_2", b"whsec_1"]
    assert vault.recall(first) is vault.recall(first)
    with pytest.raises(ValueError, match="damaged"):
        vault.recall(first[:-4])


def test_a_damaged_seal_does_not_open() -> None:
    vault = Vault([OLD])
    sealed = bytearray(vault.seal(b"x"))
    for place in range(0, len(sealed), 7):
        damaged = sealed.copy()
        damaged[place] ^= 1
        with pytest.raises(ValueError, match="damaged"):
            vault.unseal(bytes(damaged))


def test_a_signature_is_good_for_one_purpose_and_one_message() -> None:
    vault = Vault([OLD])
    signature = vault.sign("click", b"message")
    assert len(signature) == 12
    assert vault.verify("click", b"message", signature)
    assert not vault.verify("cart", b"message", signature)
    assert not vault.verify("click", b"massage", signature)
    assert not Vault([STRANGE]).verify("click", b"message", signature)


def test_a_cut_signature_is_none() -> None:
    vault = Vault([OLD])
    signature = vault.sign("click", b"m", size=32)
    assert vault.verify("click", b"m", signature)
    for size in range(12):
        assert not vault.verify("click", b"m", signature[:size])


def test_the_border_between_purpose_and_message_cannot_be_moved() -> None:
    vault = Vault([OLD])
    assert not vault.verify("clickm", b"x", vault.sign("click", b"mx"))
