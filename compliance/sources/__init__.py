"""The systems that records come from: what their columns mean, how fresh they are, and what they were told to erase."""
