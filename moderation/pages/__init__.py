"""Pages of moderation: what the affected person reads, and what is for everybody."""
