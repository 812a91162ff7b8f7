"""What the panel says of the law and of emergencies: orders, seals, appeals at the door, crisis mode."""
