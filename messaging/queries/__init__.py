"""Conversations and messages as one of their members sees them. Hidden means not found."""
