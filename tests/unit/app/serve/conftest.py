"""One library for all tests of the server; they must not change it."""

import pytest
from serving import make_library, served


@pytest.fixture(scope="session")
def films(tmp_path_factory):
    with make_library(tmp_path_factory.mktemp("served")) as library:
        yield library


@pytest.fixture(scope="session")
def client(films):
    with served(films) as made:
        yield made


@pytest.fixture(scope="session")
def ids(films):
    """Name of film -> id."""
    return {row.path.rsplit("/", 1)[-1]: row.id for row in films.videos()}
