import pytest
from flask import Flask

import records as memory
from lifecycle.desk import Desk
from lifecycle.ports import Rooms
from pages.doors import blueprint
from pages.links import links_of
from tests.pages.world import KEY, house_of


@pytest.fixture
def kept():
    """Memory with every table and no row."""
    opened = memory.open("sqlite://", secret=KEY.encode())
    yield opened
    opened.close()


@pytest.fixture
def house(kept):
    """A house on it, with a real desk."""
    bare = house_of(kept)
    rooms = Rooms(kept, bare.platforms, bare.postman, bare.words, links_of(bare), bare.clock, KEY.encode())
    return house_of(kept, Desk(rooms), platforms=bare.platforms, postman=bare.postman, words=bare.words, clock=bare.clock)


@pytest.fixture
def visitor(house):
    """Somebody with a browser and no cookies."""
    app = Flask("house")
    app.register_blueprint(blueprint(house))
    return app.test_client(use_cookies=False)
