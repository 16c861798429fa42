"""The demo company: invented people and their exports."""
