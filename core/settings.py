"""One frozen object read from `VITRINE_*` variables; an unknown name refuses to boot."""

import os
import re
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "VITRINE_"
DEVELOPMENT_KEY = "ZGV2ZWxvcG1lbnQtb25seS0tLS0tLS0tLS0tLS0tLS0="  # Everybody knows this one.

_CLEAN = re.compile("[!-~]+")
KEY = re.compile("[A-Za-z0-9_-]{43}=")


class Settings(BaseSettings):
    """How this installation runs. Sizes in bytes, durations in the unit that the name says.

    `storage` names where pictures lie; `media_url` is the public address of a CDN or bucket in front of it, and without
    one this application serves `/media/` itself. `s3_endpoint` is for anything but Amazon's own; without
    `s3_access_key_id` the credentials come from where AWS tools look for them.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True)

    public_url: str = "http://127.0.0.1:8000"
    data_dir: Path = Path("vitrine-data")
    database_url: Annotated[str, Field(repr=False)] = ""
    secret_keys: Annotated[tuple[str, ...], NoDecode, Field(repr=False)] = (DEVELOPMENT_KEY,)
    stripe_api_base: str = "https://api.stripe.com"
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    country_header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{0,64}$")] = ""
    rate_per_address: Annotated[int, Field(ge=0, le=10_000_000)] = 24_000
    rate_per_key: Annotated[int, Field(ge=0, le=10_000_000)] = 12_000
    bad_keys_per_address: Annotated[int, Field(ge=0, le=10_000_000)] = 10
    lost_links_per_address: Annotated[int, Field(ge=0, le=10_000_000)] = 100
    open_checkouts_per_address: Annotated[int, Field(ge=1, le=100_000)] = 20
    held_percent_per_address: Annotated[int, Field(ge=1, le=100)] = 50
    bad_codes_per_address: Annotated[int, Field(ge=0, le=10_000_000)] = 10
    bad_signatures_per_address: Annotated[int, Field(ge=0, le=10_000_000)] = 60
    bad_codes_per_shop: Annotated[int, Field(ge=0, le=10_000_000)] = 100
    body_seconds: Annotated[float, Field(ge=1, le=3600)] = 30
    json_max_bytes: Annotated[int, Field(ge=1024, le=16 * 2**20)] = 2**20
    picture_max_bytes: Annotated[int, Field(ge=2**16, le=100 * 2**20)] = 10 * 2**20
    catalog_max_bytes: Annotated[int, Field(ge=2**16, le=200 * 2**20)] = 20 * 2**20
    shop_storage_bytes: Annotated[int, Field(ge=0)] = 10 * 2**30
    writers_at_once: Annotated[int, Field(ge=1, le=100_000)] = 64
    uploads_at_once: Annotated[int, Field(ge=1, le=1000)] = 32
    picture_workers: Annotated[int, Field(ge=1, le=16)] = 2
    storage: Annotated[str, Field(pattern="^[a-z0-9]+$")] = "local"
    s3_bucket: str = ""
    s3_endpoint: str = ""
    s3_region: str = ""
    s3_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9._/-]{0,200}$")] = ""
    s3_access_key_id: str = ""
    s3_secret_access_key: Annotated[str, Field(repr=False)] = ""
    media_url: str = ""
    outbound_loopback: bool = False
    hold_minutes: Annotated[int, Field(ge=31, le=24 * 60 - 1)] = 31
    click_fsync_ms: Annotated[int, Field(ge=0, le=60_000)] = 200
    click_spool_dir: Path | None = None
    # A tap counts for 30 days; 25 months are the most that audience measurement may keep.
    click_retention_days: Annotated[int, Field(ge=31, le=760)] = 90
    click_folding: Literal["server", "worker"] = "server"
    disk_min_bytes: Annotated[int, Field(ge=0)] = 100 * 2**20
    drain_seconds: Annotated[float, Field(ge=0, le=60)] = 0
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    failpoint: str = ""

    @field_validator("secret_keys", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("public_url", "stripe_api_base", "s3_endpoint", "media_url")
    @classmethod
    def _bare_origin(cls, value: str, field: ValidationInfo) -> str:
        if not value and field.field_name in ("s3_endpoint", "media_url"):
            return ""
        parts = urlsplit(value)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        if not sound or parts.query or parts.fragment or "@" in parts.netloc or not _CLEAN.fullmatch(value):
            raise ValueError("must be an http(s) address without query")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and urlsplit(value).scheme.partition("+")[0] not in ("sqlite", "postgresql", "postgres"):
            raise ValueError("must be sqlite:///FILE or postgresql://…")
        return value

    @field_validator("secret_keys")
    @classmethod
    def _sound_keys(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for key in value:
            if not KEY.fullmatch(key):
                raise ValueError("each key is 32 bytes in URL-safe base64, 44 characters")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ip_network(each, strict=False)) for each in value)

    @model_validator(mode="after")
    def _whole_s3(self) -> "Settings":
        if self.storage == "s3" and not self.s3_bucket:
            raise ValueError("VITRINE_STORAGE is s3: VITRINE_S3_BUCKET must name the bucket")
        if bool(self.s3_access_key_id) != bool(self.s3_secret_access_key):
            raise ValueError("VITRINE_S3_ACCESS_KEY_ID and VITRINE_S3_SECRET_ACCESS_KEY come together or not at all")
        return self

    @model_validator(mode="after")
    def _country_of_somebody_known(self) -> "Settings":
        if self.country_header and not self.trusted_proxies:
            raise ValueError("VITRINE_COUNTRY_HEADER is a proxy's: VITRINE_TRUSTED_PROXIES must name it")
        return self

    @model_validator(mode="after")
    def _no_development_secrets_in_public(self) -> "Settings":
        if self.public_url.startswith("https://") and DEVELOPMENT_KEY in self.secret_keys:
            raise ValueError("VITRINE_SECRET_KEYS holds the development key, which must not serve an https address")
        if not self.secret_keys:
            raise ValueError("VITRINE_SECRET_KEYS is empty")
        return self

    @model_validator(mode="after")
    def _no_loopback_in_public(self) -> "Settings":
        if self.public_url.startswith("https://") and self.outbound_loopback:
            raise ValueError("VITRINE_OUTBOUND_LOOPBACK is for development: not behind an https address")
        return self

    @property
    def database(self) -> str:
        """The address of the database; a SQLite file in the data directory unless set."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'vitrine.db'}"

    @property
    def media_dir(self) -> Path:
        """Where the local storage keeps pictures."""
        return self.data_dir / "media"

    @property
    def spool_dir(self) -> Path:
        """Where clicks wait until they are folded into the database; local to each machine."""
        return self.click_spool_dir or self.data_dir / "spool"

    @property
    def local_stripe(self) -> bool:
        """Whether payments go to a local Stripe-compatible server instead of Stripe."""
        return urlsplit(self.stripe_api_base).hostname != "api.stripe.com"


class UnknownSetting(ValueError):
    """A VITRINE_ variable is set that nothing reads."""


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment.

    Raises UnknownSetting for a misspelt name, pydantic's ValidationError for a bad value.
    """
    names = os.environ if environment is None else environment
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    unknown = sorted(name for name in names if name.upper().startswith(PREFIX) and name.upper() not in known)
    if unknown:
        raise UnknownSetting(f"Unknown settings: {', '.join(unknown)}. Known: {', '.join(sorted(known))}.")
    if environment is None:
        return Settings()
    values = {name[len(PREFIX) :].lower(): value for name, value in names.items() if name.upper() in known}
    return Settings(**values)  # type: ignore[arg-type]  # pydantic parses the text of the environment.
