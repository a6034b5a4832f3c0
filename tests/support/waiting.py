"""Waiting in the Python drivers of the tests: for a line that a child says, or for a condition. Everything has a limit. This
is the one file that sleeps, between two looks at a condition; the lint architecture.sleeps knows it by name."""
import os
import selectors
import time

PATIENCE = 60  # seconds; what works never takes that long
STEP = 0.004


def wait_until(condition, limit=PATIENCE):
    """The condition's value once it is true; its last value if it never was."""
    end = time.monotonic() + limit
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(STEP)
    return value


class Words:
    """What a child says on its standard output (a pipe that nobody else reads), line by line, as it comes."""

    def __init__(self, child):
        self._pipe = child.stdout
        self._lines, self._rest = [], b""

    def behind(self, begin, limit=PATIENCE):
        """What stands behind `begin` in the first line that begins so; None if the child ends or the limit passes first."""
        end = time.monotonic() + limit
        while True:
            for line in self._lines:
                if line.startswith(begin):
                    return line[len(begin):].strip()
            if not self._read(end - time.monotonic()):
                return None

    def _read(self, limit):
        with selectors.DefaultSelector() as selector:
            selector.register(self._pipe, selectors.EVENT_READ)
            if limit <= 0 or not selector.select(limit):
                return False
        piece = os.read(self._pipe.fileno(), 1 << 16)
        *whole, self._rest = (self._rest + piece).split(b"\n")
        self._lines += [line.decode("utf-8", "replace") for line in whole]
        return bool(piece)
