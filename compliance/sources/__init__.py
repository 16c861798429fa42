"""The systems that records come from: their columns, how fresh they are, and what they were told to erase."""
