"""Files that nobody made by hand: the same rows in many shapes, and files with damage; `make fuzz` runs many."""
