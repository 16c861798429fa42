"""Where a bridge starts: which entries were overdue, held or in doubt when a snapshot was made, by keyed digest.

It stands below the purges, which take whom they remove out of every start in the same transaction.
"""
