"""Demo data of the feed: what people say (`story.py`), the posts of a synthetic world (`world.py`), and of the surge."""

from feed.demo import surge
from feed.demo.story import seed
from feed.demo.world import populate

__all__ = ["populate", "seed", "surge"]
