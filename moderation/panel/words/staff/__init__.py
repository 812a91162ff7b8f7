"""What the panel says of the staff: permissions, and who has which role."""
