"""Reads of the feed, always for a viewer: what may not be seen is not found."""
