"""Looking after the register from outside: backup, restore, replay, and checks of what is proven."""
