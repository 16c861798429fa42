"""What somebody has begun to fill in: one room for every form of the dashboard, for whoever types it and for a day."""
