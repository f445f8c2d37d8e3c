"""The storages that tests run on, and the settings that open them."""

import secrets
from typing import TypedDict

import pytest

from tests.object_store import ObjectStore

STORAGES = ("local", "s3")


class Configured(TypedDict, total=False):
    """The settings of one storage."""

    storage: str
    s3_bucket: str
    s3_endpoint: str
    s3_prefix: str
    s3_access_key_id: str
    s3_secret_access_key: str


def configured(request: pytest.FixtureRequest, slug: str) -> Configured:
    """The settings of this storage, empty and of the test's own: for S3 a prefix in the bucket that all tests share."""
    if slug == "local":
        return {"storage": "local"}
    store: ObjectStore = request.getfixturevalue("object_store")
    return {
        "storage": "s3",
        "s3_bucket": store.bucket,
        "s3_endpoint": store.endpoint,
        "s3_prefix": secrets.token_hex(6),
        "s3_access_key_id": store.access_key_id,
        "s3_secret_access_key": store.secret_access_key,
    }
