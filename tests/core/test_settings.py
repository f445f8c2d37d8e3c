"""Settings: what is misspelt or unsafe does not boot, and no message shows a secret."""

import base64
import os
from pathlib import Path

import pydantic
import pytest

from core import settings
from core.settings import DEVELOPMENT_KEY, Settings, UnknownSetting

KEY = base64.urlsafe_b64encode(b"s" * 32).decode()
OTHER = base64.urlsafe_b64encode(b"o" * 32).decode()


def test_names_are_read_in_any_case_and_lists_by_comma() -> None:
    read = settings.load({"VITRINE_SECRET_KEYS": f" {KEY} , {OTHER},", "vitrine_public_url": "https://shop.example/"})
    assert read.secret_keys == (KEY, OTHER)
    assert read.public_url == "https://shop.example"


def test_an_unknown_name_refuses_to_boot_and_names_itself() -> None:
    with pytest.raises(UnknownSetting, match="VITRINE_STRIPE_BASE"):
        settings.load({"VITRINE_STRIPE_BASE": "https://api.stripe.com", "PATH": "/bin"})


def test_an_unknown_name_in_the_real_environment_refuses_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("VITRINE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("VITRINE_PUBLIC_ULR", "https://shop.example")
    with pytest.raises(UnknownSetting, match="VITRINE_PUBLIC_ULR"):
        settings.load()
    monkeypatch.delenv("VITRINE_PUBLIC_ULR")
    monkeypatch.setenv("VITRINE_HOLD_MINUTES", "45")
    assert settings.load().hold_minutes == 45


def test_everything_runs_without_a_single_setting() -> None:
    read = settings.load({})
    assert read.database == f"sqlite:///{Path.cwd() / 'vitrine-data' / 'vitrine.db'}"
    assert not read.local_stripe


@pytest.mark.parametrize("keys", [DEVELOPMENT_KEY, f"{KEY},{DEVELOPMENT_KEY}", ""])
def test_the_key_that_everybody_knows_does_not_serve_an_https_address(keys: str) -> None:
    with pytest.raises(pydantic.ValidationError, match="VITRINE_SECRET_KEYS"):
        settings.load({"VITRINE_PUBLIC_URL": "https://shop.example", "VITRINE_SECRET_KEYS": keys})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "ftp://shop.example"),
        ("PUBLIC_URL", "https:///path"),
        ("PUBLIC_URL", "http://shop.example?x=1"),
        ("PUBLIC_URL", "http://shop.example#x"),
        ("PUBLIC_URL", "http://user:pass@shop.example"),
        ("PUBLIC_URL", "http://shop.example:99999"),
        ("PUBLIC_URL", "http://shop.example/\r\nX: y"),
        ("STRIPE_API_BASE", "stripe"),
        ("DATABASE_URL", "mysql://localhost/vitrine"),
        ("SECRET_KEYS", "short"),
        ("SECRET_KEYS", KEY[:-1]),
        ("JSON_MAX_BYTES", "0"),
        ("JSON_MAX_BYTES", "1e99"),
        ("PICTURE_WORKERS", "0"),
        ("HOLD_MINUTES", "30"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_value_that_cannot_work_refuses_to_boot(name: str, value: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=name.lower()):
        settings.load({f"VITRINE_{name}": value})


def test_no_message_shows_a_secret() -> None:
    with pytest.raises(pydantic.ValidationError) as refused:
        settings.load({"VITRINE_SECRET_KEYS": f"{KEY},damaged-secret", "VITRINE_DATABASE_URL": "mysql://u:pw@h/d"})
    sound = Settings(secret_keys=(KEY,), database_url="postgresql://user:password@db/vitrine")
    for text in (str(refused.value), repr(sound), str(sound)):
        assert KEY not in text
        assert "damaged-secret" not in text
        assert "password" not in text
        assert "u:pw" not in text


def test_settings_do_not_change_while_running() -> None:
    read = Settings()
    with pytest.raises(pydantic.ValidationError):
        read.public_url = "http://elsewhere.example"
