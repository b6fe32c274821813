"""What a row's runs found, in the few words of a cell."""

import statistics
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """One thing that is compared.

    :ivar key: as `peers` names it.
    :ivar what: the first cell.
    :ivar how: how ours is measured.
    :ivar measure: called with a place and the number of the run; gives every figure of that run.
    :ivar cell: writes a figure, or the range of several, as people read it.
    :ivar control: the same without our script, where that makes sense: what the ruler then reads.
    """

    key: str
    what: str
    how: str
    measure: Callable[..., list]
    cell: Callable[[list], str]
    control: Callable[..., list] | None = None


@dataclass
class Found:
    """What was found for a row.

    :ivar values: every figure of every run: numbers, or words.
    :ivar bare: the same without our script.
    """

    row: Row
    values: list = field(default_factory=list)
    bare: list = field(default_factory=list)

    @property
    def cell(self) -> str:
        """Ours, side by side with others."""
        return self.row.cell(self.values)

    @property
    def spread(self) -> str:
        """Median, least and most; of words, how often each was found."""
        return spread(self.values)


def spread(values: list) -> str:
    """Return the median, the least and the most, or how often each word was found."""
    if all(isinstance(value, str) for value in values):
        return "; ".join(f"{word}: {times}" for word, times in Counter(values).most_common())
    return f"{statistics.median(values):,g} ({min(values):,g} to {max(values):,g})"


def words(values: list) -> str:
    """Say what was found, and how often if it was not always the same."""
    counted = Counter(values).most_common()
    if len(counted) == 1:
        return counted[0][0]
    return "; ".join(f"{word} ({times} of {len(values)})" for word, times in counted)


def milliseconds(values: list) -> str:
    """Say the longest, which is what counts for who left the screen."""
    return f"{max(values):,} ms" if max(values) == min(values) else f"at most {max(values):,} ms"


def off_by(values: list) -> str:
    """Say the largest error, in seconds."""
    worst = max(values, key=abs)
    return f"in time (off by {abs(worst) / 1000:g} s)" if abs(worst) <= 1000 else f"{worst} ms off"
