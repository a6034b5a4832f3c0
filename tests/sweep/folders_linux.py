"""Waiting for changes in a folder: inotify(7)."""
import ctypes
import os
import time

from waiting import end_of, readable

_libc = ctypes.CDLL(None, use_errno=True)
_MOVED_FROM, _DELETED, _DELETED_ITSELF = 0x40, 0x200, 0x400


def wait_until_empty(folder, child, limit):
    """True when the folder is empty or missing; False if the child exits or the limit passes first."""
    def is_empty():
        return not os.path.isdir(folder) or not os.listdir(folder)
    if is_empty():
        return True
    end = time.monotonic() + limit
    events, ended = _libc.inotify_init1(os.O_CLOEXEC), end_of(child)
    try:
        # Fails if the folder was removed meanwhile: then it is empty.
        _libc.inotify_add_watch(events, os.fsencode(folder), _MOVED_FROM | _DELETED | _DELETED_ITSELF)
        while not is_empty():
            heard = readable([events, ended], end - time.monotonic())
            if events not in heard:
                return is_empty()
            os.read(events, 1 << 16)
        return True
    finally:
        os.close(events)
        os.close(ended)
