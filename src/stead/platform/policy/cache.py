"""A small bounded memory for what is costly to make, safe between threads."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable


class Bounded[K: Hashable, V]:
    """Keep the `size` most recently used values. Two threads may make the same value at once; the first one kept wins.

    Making happens outside the lock, so that a slow or failing make blocks nobody; failures are not kept.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """Return the kept value or make, keep and return it."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            value = self._kept.setdefault(key, made)
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
            return value

    def __len__(self) -> int:
        return len(self._kept)
