"""What was refused, where that is said often; English is what the operations themselves say."""
