"""How long a cookie lives by the headers that set it, told once more and slowly: second by second, for tests alone."""

from __future__ import annotations

from collections.abc import Sequence

# When a header came, and for how many seconds from then it lets the cookie live: none that is left removes it, None is
# until the browser is closed.
Header = tuple[int, int | None]


def longest(headers: Sequence[Header]) -> int | None:
    """The most seconds from when the cookie came to be until it would be gone if no further header came; 0 for one that
    only ever lasts until the browser is closed, None for one that never came to be.
    """
    longest_yet: int | None = None
    is_there, born, gone = False, 0, None
    for second in range(max((at for at, _ in headers), default=0) + 1):
        if is_there and gone == second:
            is_there = False
        for at, lasts in headers:
            if at != second:
                continue
            if lasts is not None and lasts <= 0:
                is_there = False
                continue
            if not is_there:
                is_there, born = True, second
            gone = None if lasts is None else second + lasts
            lived = 0
            if gone is not None:
                clock = born
                while clock < gone:
                    clock += 1
                    lived += 1
            longest_yet = lived if longest_yet is None else max(longest_yet, lived)
    return longest_yet
