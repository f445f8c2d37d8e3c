"""Every file of Pillow's own test pictures: taken in or refused with a reason, none brings a process down or hangs."""

import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from httpx2 import AsyncClient

PILLOW = "pillow==13.0.0"
SHA256 = "cdcd1ba258178f7356d74170c9a81ba4eab6a5d55748bc402a5a2a6fe6be3510"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution of Pillow, MIT-CMU, from the package registry."""
    folder = tmp_path_factory.mktemp("corpus")
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{PILLOW} --hash=sha256:{SHA256}\n")
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", "pillow", "--require-hashes"]
    subprocess.run([*pip, "-r", str(wanted), "-d", str(folder)], check=True, timeout=240)
    (archive,) = folder.glob("*.tar.gz")
    return archive


def files(archive: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive) as packed:
        for member in packed:
            path = PurePosixPath(member.name)
            if member.isfile() and "Tests" in path.parts:
                content = packed.extractfile(member)
                assert content is not None
                yield str(path), content.read()


@pytest.mark.corpora
@pytest.mark.timeout(900)
async def test_every_file_is_taken_in_or_refused_with_its_reason(client: AsyncClient, corpus: Path) -> None:
    said: Counter[str] = Counter()
    wrong = []
    for path, content in files(corpus):
        answer = await client.post("/v1/assets", files={"file": (path, content, "image/png")})
        kind = "kept" if answer.is_success else answer.json()["type"].rsplit("/", 1)[1]
        said[kind] += 1
        if not (answer.status_code == 201 or 400 <= answer.status_code < 500):
            wrong.append((path, answer.status_code))
    assert wrong == []
    assert said["kept"] > 400
    assert said["image-type-unsupported"] > 500
    assert said.total() > 1200
    assert (await client.get("/v1/assets")).status_code == 200
