"""Skeletons: which ids a feed holds, in order. Rules and entities come after, elsewhere."""
