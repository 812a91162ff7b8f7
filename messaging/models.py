"""Nouns of private conversations; they come with the messaging release."""
