"""Waiting in the Python drivers of the tests: for a line of a child's output, for its readiness, for its exit. Each is an
event: nothing polls, and everything has a time limit."""
import os
import selectors
import socket
import threading
import time

TIMEOUT = 60  # seconds; never reached unless something is broken


def readable(handles, limit):
    """The handles that are readable; waits for the first of them."""
    with selectors.DefaultSelector() as selector:
        for handle in handles:
            selector.register(handle, selectors.EVENT_READ)
        return [key.fileobj for key, _ in selector.select(limit)] if limit > 0 else []


def end_of(child):
    """A descriptor that becomes readable when the child exits; the caller closes it. The child must not have been reaped."""
    if hasattr(os, "pidfd_open"):  # Linux
        return os.pidfd_open(child.pid)
    reader, writer = os.pipe()

    def close_write_end():
        child.wait()
        os.close(writer)
    threading.Thread(target=close_write_end, daemon=True).start()
    return reader


class Readiness:
    """Receives the readiness of a service as systemd does: a datagram to NOTIFY_SOCKET, sd_notify(3)."""

    def __init__(self, folder):
        self._path = os.path.join(folder, "notify")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self._path)
        self.environment = {"NOTIFY_SOCKET": self._path}

    def wait(self, child, limit=TIMEOUT):
        """True when the child is ready; False if it exits or the limit passes first. Call it once."""
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


class OutputLines:
    """The standard output of a child (a pipe with no other reader), line by line."""

    def __init__(self, child):
        self._pipe = child.stdout
        self._lines, self._rest = [], b""

    def after(self, begin, limit=TIMEOUT):
        """The rest of the first line that starts with `begin`; None if the child exits or the limit passes first."""
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
