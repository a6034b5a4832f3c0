"""Waiting in the Python drivers of the tests: for a line that a child says, for its word that it is ready, for its end. Each
is an event; nothing looks again and again, and everything has a limit."""
import os
import selectors
import socket
import threading
import time

PATIENCE = 60  # seconds; what works never takes that long


def readable(handles, limit):
    """Those of the handles that can be read now; waits for the first of them."""
    with selectors.DefaultSelector() as selector:
        for handle in handles:
            selector.register(handle, selectors.EVENT_READ)
        return [key.fileobj for key, _ in selector.select(limit)] if limit > 0 else []


def end_of(child):
    """A descriptor that can be read once the child has ended; the caller closes it. The child was not waited for yet."""
    if hasattr(os, "pidfd_open"):  # Linux
        return os.pidfd_open(child.pid)
    reader, writer = os.pipe()

    def close_at_the_end():
        child.wait()
        os.close(writer)
    threading.Thread(target=close_at_the_end, daemon=True).start()
    return reader


class Readiness:
    """A service says that it is ready as it says it to systemd: by a datagram to NOTIFY_SOCKET, sd_notify(3)."""

    def __init__(self, folder):
        self._path = os.path.join(folder, "notify")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self._path)
        self.environment = {"NOTIFY_SOCKET": self._path}

    def wait(self, child, limit=PATIENCE):
        """True once the child is ready; False if it ends or the limit passes before. To be called once."""
        end = time.monotonic() + limit
        ended = end_of(child)
        try:
            while heard := readable([self._socket, ended], end - time.monotonic()):
                if self._socket not in heard:
                    return False
                if b"READY=1" in self._socket.recv(1 << 16).splitlines():
                    return True
            return False
        finally:
            os.close(ended)
            self._socket.close()
            os.unlink(self._path)


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
        if not readable([self._pipe], limit):
            return False
        piece = os.read(self._pipe.fileno(), 1 << 16)
        *whole, self._rest = (self._rest + piece).split(b"\n")
        self._lines += [line.decode("utf-8", "replace") for line in whole]
        return bool(piece)
