"""Demo data of the ground. Each room brings a `demo` of its own; `manage.py demo` calls them bottom room first.

- `seed(scene)` adds to the demo that people look at: made through the operations that the API uses.
- `populate(world)` adds to a synthetic world for measurements: written in bulk (`upscrolled/demo/world.py`).
- `surge` has the steps that make its part of a world of millions inside PostgreSQL, and the tables that they fill.
"""

from upscrolled.demo import surge
from upscrolled.demo.scene import Scene, seed
from upscrolled.demo.world import Size, World, populate

__all__ = ["Scene", "Size", "World", "populate", "seed", "surge"]
