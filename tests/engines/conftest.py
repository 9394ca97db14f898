"""Fixtures of the tests on real engines: the engines, a base image, and a mirror of sources. They are made once a machine and kept."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support import BASE, ENGINES, ROOT, SUITE, Docker, run, served

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCKERS = (Docker("docker", "docker"), Docker("docker-c", "docker"), Docker("docker20", "docker20"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder need engines."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.engines)


@pytest.fixture(scope="session")
def engines() -> None:
    """The engines are up and have the base image."""
    run(ENGINES, "up")
    run(ENGINES, "base", BASE, SUITE)


@pytest.fixture
def folder(engines: None, tmp_path: Path) -> Path:
    """A folder that the ordinary user, as whom Apptainer builds, may write to."""
    tmp_path.chmod(0o777)
    return tmp_path


@pytest.fixture(scope="session", params=DOCKERS, ids=lambda docker: docker.daemon)
def docker(request: pytest.FixtureRequest, engines: None) -> Docker:
    """Each of the Docker daemons in turn."""
    found: Docker = request.param
    return found


@pytest.fixture(scope="session")
def mirror_folder(engines: None) -> Path:
    """A folder with upstream tarballs in the mirror's layout."""
    folder = Path(os.environ.get("HPCGEN_TEST_MIRROR", "/var/tmp/hpcgen-test-mirror"))
    run(ROOT / "scripts" / "upstream", folder)
    return folder


@pytest.fixture(scope="session")
def mirror(mirror_folder: Path) -> Iterator[str]:
    """The URL of the mirror, served on this machine."""
    yield from served(mirror_folder)
