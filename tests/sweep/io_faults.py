"""The control file of libsb_io_faults.so (io_faults_linux.cpp): which call of the daemon gets a fault, and which one."""
import mmap
import os
import struct

CHANGES, READS, NETWORK = 1, 2, 4
COUNT, KILL_BEFORE, FAIL, TORN_WRITE, SHORT_WRITE, SWAP, KILL_AFTER = range(7)

_NUMBERS = ["armed", "kinds", "at", "action", "error", "sticky", "seen", "injected", "log_used"]
_TEXTS = [("swap_out", 1024), ("swap_to", 1024), ("swap_in", 1024)]
_SWAP_WITH_FOLDER = 8 * len(_NUMBERS) + 3 * 1024
_ONLY = _SWAP_WITH_FOLDER + 8
_LOG = _ONLY + 256
_LOG_SIZE = 1 << 20


class Faults:
    """Both processes map the file, so a fault can be set while the daemon runs."""

    def __init__(self, path):
        self.path = path
        self.more_environment = {}  # for power cuts: power.py
        with open(path, "wb") as file:
            file.truncate(_LOG + _LOG_SIZE)
        with open(path, "r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _LOG + _LOG_SIZE)

    def environment(self, library, folders, time_scale=1):
        return {"LD_PRELOAD": library, "SB_FAULT_CONTROL": self.path, "SB_FAULT_PATHS": ":".join(folders),
                "SB_FAULT_TIME_SCALE": str(time_scale),
                "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", ""),
                **self.more_environment}

    def arm(self, at=0, action=COUNT, error=0, sticky=False, kinds=CHANGES, only="", swap=None):
        """From now on the fault is injected into the `at`-th counted call; 0 = only count calls."""
        self.disarm()
        for name, value in [("seen", 0), ("injected", 0), ("log_used", 0), ("kinds", kinds), ("at", at),
                            ("action", action), ("error", error), ("sticky", int(sticky))]:
            self._set(name, value)
        self._memory[_LOG:_LOG + _LOG_SIZE] = bytes(_LOG_SIZE)
        self._set_text(_ONLY, 256, only)
        out, to, into, with_folder = swap or ("", "", "", False)
        for index, text in enumerate([out, to, into]):
            self._set_text(8 * len(_NUMBERS) + 1024 * index, 1024, text)
        struct.pack_into("<Q", self._memory, _SWAP_WITH_FOLDER, int(with_folder))
        self._set("armed", 1)

    def disarm(self):
        self._set("armed", 0)

    @property
    def seen(self):
        return self._get("seen")

    @property
    def injected(self):
        return self._get("injected")

    def calls(self):
        """The calls counted since arm(), such as "rename /share/x", in order."""
        used = min(self._get("log_used"), _LOG_SIZE)
        return self._memory[_LOG:_LOG + used].decode(errors="replace").splitlines()

    def call(self, number):
        calls = self.calls()
        return calls[number - 1] if 0 < number <= len(calls) else "?"

    def _set(self, name, value):
        struct.pack_into("<Q", self._memory, 8 * _NUMBERS.index(name), value)

    def _get(self, name):
        return struct.unpack_from("<Q", self._memory, 8 * _NUMBERS.index(name))[0]

    def _set_text(self, at, room, text):
        data = os.fsencode(text)
        assert len(data) < room, text
        self._memory[at:at + room] = data + bytes(room - len(data))
