"""What the weekly review and the risk overview promise."""
