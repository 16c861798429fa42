"""The suppression list: who was erased stays out of the copy."""
