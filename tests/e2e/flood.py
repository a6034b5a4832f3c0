#!/usr/bin/env python3
"""Floods the control endpoint: many connections, and a mix of everything that a local user can send.
usage: flood.py SOCKET SECONDS CONNECTIONS REQUESTS_PER_SECOND
Prints what was sent, as JSON. Ends early when the daemon is gone."""
import json
import random
import selectors
import socket
import struct
import sys
import time


def call(method, **params):
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n"


CHEAP = [call("version"), call("status"), call("operations.get", operation=1), call("no.such.method"),
         b"[" + b",".join([call("status").strip()] * 32) + b"]\n"]
HEAVY = [call("schedule.plan", days=366), call("jobs.list", limit=10000), call("adopt.list"), call("daemon.check"),
         call("backups.list"), call("vms.list"), b"[" + b",".join([call("backups.list").strip()] * 32) + b"]\n",
         call("queue.list"), call("backups.retention"), call("links.list"), call("runs.list", limit=1000),
         call("runs.get", run=1), call("adopt.preview"), call("adopt.inspect", folder="x"), call("vms.explain", vm="x"),
         b"[" + b",".join(call(m).strip() for m in ["daemon.check", "queue.list", "backups.retention"] * 10) + b"]\n"]
REFUSED = [call("schedule.pause", paused=False), call("jobs.subscribe", job="x")]
JUNK = [b"hello\n", b"[" * 500 + b"\n", b"\xff\xfe\x00\n", b"{}\n", b"\n\n\n\n", b"[" + b"0," * 20000 + b"0]\n"]


class Lingering:
    """A TCP socket whose close() waits for its peer: unsent data, and SO_LINGER."""

    def __init__(self):
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.peers = []

    def make(self):
        sender = socket.socket()
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        sender.connect(self.listening.getsockname())
        self.peers = self.peers[-100:] + [self.listening.accept()[0]]
        sender.setblocking(False)
        try:
            while True:
                sender.send(b"x" * 65536)
        except BlockingIOError:
            pass
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 600))
        return sender


class Flood:
    def __init__(self, path, connections):
        self.path, self.wanted = path, connections
        self.selector = selectors.DefaultSelector()
        self.clients, self.sent, self.answers = [], {}, 0
        self.random = random.Random(20261130)
        self.lingering = Lingering()

    def note(self, kind):
        self.sent[kind] = self.sent.get(kind, 0) + 1

    def connect(self):
        """Whether there is one connection more; raises if the daemon is gone."""
        client = socket.socket(socket.AF_UNIX)
        client.setblocking(False)
        try:
            client.connect(self.path)
        except (BlockingIOError, PermissionError) as refusal:
            client.close()
            self.note("connect: " + type(refusal).__name__)  # the queue is full, or the file system refuses
            return False
        self.note("connect")
        self.clients.append(client)
        self.selector.register(client, selectors.EVENT_READ)
        return True

    def drop(self, client):
        self.selector.unregister(client)
        self.clients.remove(client)
        client.close()

    def stop_sending(self, client):
        try:
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it is gone

    def send(self, client, kind, data, descriptors=()):
        try:
            if descriptors:
                socket.send_fds(client, [data], descriptors)
            else:
                client.send(data)
            self.note(kind)
        except BlockingIOError:
            pass  # it is not read at the moment
        except OSError:
            self.drop(client)

    def act(self, client):
        dice = self.random.random()
        if dice < 0.55:
            self.send(client, "cheap", self.random.choice(CHEAP))
        elif dice < 0.65:
            self.send(client, "heavy", self.random.choice(HEAVY))
        elif dice < 0.75:
            self.send(client, "refused", self.random.choice(REFUSED))
        elif dice < 0.85:
            self.send(client, "junk", self.random.choice(JUNK))
        elif dice < 0.90:
            self.send(client, "half a line", b'{"jsonrpc":"2.0",')
        elif dice < 0.905:
            self.send(client, "too long a line", b"x" * 70000)
        elif dice < 0.908:
            self.send(client, "subscription", call("jobs.subscribe", job=0))
        elif dice < 0.91:
            self.send(client, "half-closed", self.random.choice(CHEAP))
            self.stop_sending(client)
        elif dice < 0.92:
            with self.lingering.make() as stuck:
                self.send(client, "descriptor", self.random.choice(CHEAP), [stuck.fileno()] * self.random.choice([1, 3]))
        else:
            self.drop(client)

    def read(self):
        for key, _ in self.selector.select(0):
            try:
                data = key.fileobj.recv(65536)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            self.answers += data.count(b"\n")
            if not data:
                self.drop(key.fileobj)

    def run(self, seconds, rate):
        begin = time.monotonic()
        done = 0
        while (passed := time.monotonic() - begin) < seconds:
            while len(self.clients) < self.wanted and done < passed * rate:
                done += 1
                try:
                    if not self.connect():
                        break  # those that are there go on
                except OSError:
                    return passed
            for client in self.random.sample(self.clients, min(20, len(self.clients))):
                if done < passed * rate:
                    done += 1
                    self.act(client)
            if done >= passed * rate:
                self.selector.select(0.001)
            self.read()
        return seconds


def main(path, seconds, connections, rate):
    flood = Flood(path, int(connections))
    passed = flood.run(float(seconds), float(rate))
    print(json.dumps({"seconds": passed, "requests": sum(flood.sent.values()), "answers": flood.answers, "sent": flood.sent}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
