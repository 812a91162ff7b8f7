"""What moderation reads for others to see: standing, statements, the log."""
