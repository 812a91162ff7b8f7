"""Demo data of the feed: what people say (`story.py`), and the posts of a synthetic world (`world.py`)."""

from feed.demo.story import seed
from feed.demo.world import populate

__all__ = ["populate", "seed"]
