"""Two weeks of a platform that grows from 460 to 300,000 sign-ups a day, replayed in minutes over its own API.

It drives a running product from outside, over HTTP alone, as applications and browsers do. What it measures is
what people would have seen; what it was told is there, it asks for again at the end.
"""
