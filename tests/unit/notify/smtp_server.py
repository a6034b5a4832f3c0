#!/usr/bin/env python3
"""A real SMTP server (aiosmtpd) for the tests, and some that misbehave. Prints 'port N' when it listens and one line for
whatever happens; each message is stored as FOLDER/N.eml with its envelope in FOLDER/N.json.
usage: smtp_server.py FOLDER MODE [CERT KEY]"""
import asyncio
import base64
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

# How long a mail with the subject "scanned" waits for its reply.
SECONDS_TO_SCAN = 2.5
USER, PASSWORD = b"robot", b"pa$$ w\xc3\xb6rd"


def say(text):
    print(text, flush=True)


class Store:
    def __init__(self, folder):
        self.folder, self.count, self.known = folder, 0, set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 there is no " + address
        if address.startswith("grey@") and address not in self.known:
            self.known.add(address)
            return "451 4.7.1 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if b"Subject: unwanted" in envelope.original_content:
            return "554 5.7.1 not this one"
        self.count += 1
        about = {"from": envelope.mail_from, "to": envelope.rcpt_tos,
                 "tls": session.ssl is not None, "authenticated": session.authenticated, "helo": session.host_name}
        with open(f"{self.folder}/{self.count}.eml", "wb") as file:
            file.write(envelope.original_content)
        with open(f"{self.folder}/{self.count}.json", "w") as file:
            json.dump(about, file)
        say(f"stored {self.count}")
        if b"Subject: scanned" in envelope.original_content:
            await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=SECONDS_TO_SCAN)
        return "250 OK stored"


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER, PASSWORD)
    # This server is so unkind as to repeat what it was told.
    login = base64.b64encode(b"\0" + data.login + b"\0" + data.password).decode()
    words = None if good else "535 5.7.8 wrong password " + data.password.decode("utf-8", "replace") + ", sent as " + login
    return AuthResult(success=good, handled=good, message=words)


class Old(SMTP):
    """Knows no EHLO, as servers before 1995."""

    async def smtp_EHLO(self, hostname):
        await self.push("502 5.5.1 EHLO is not known here")


class Misbehaving(asyncio.Protocol):
    """Does not finish a conversation: 'silent' from the start, 'vanish' in the middle of a message, 'greeting' after it,
    'no-end' when it has the message, 'no-farewell'
   when the client says QUIT."""

    def __init__(self, mode):
        self.mode, self.in_data, self.mail = mode, False, b""

    def connection_made(self, transport):
        self.transport = transport
        say("connected")
        if self.mode != "silent":
            transport.write(b"220 here I am\r\n")

    def data_received(self, data):
        if self.mode not in ("vanish", "no-end", "no-farewell"):
            return
        if data.upper().startswith(b"QUIT"):
            return
        if self.in_data:
            say("has data")
            self.mail += data  # the final dot may come alone
            if self.mode == "vanish":
                self.transport.abort()
            elif self.mode == "no-farewell" and self.mail.endswith(b"\r\n.\r\n"):
                self.in_data = False
                self.transport.write(b"250 taken\r\n")
        elif data.upper().startswith(b"DATA"):
            self.in_data = True
            self.transport.write(b"354 go on\r\n")
        else:
            self.transport.write(b"250 OK\r\n")


async def main(folder, mode, *certificate):
    store, tls = Store(folder), None
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*certificate)
    common = {"hostname": "test", "enable_SMTPUTF8": True}
    login = {"authenticator": authenticate, "auth_required": True}
    makers = {
        "plain": lambda: SMTP(store, **common),
        "old": lambda: Old(store, hostname="test"),
        "starttls": lambda: SMTP(store, tls_context=tls, require_starttls=True, **login, **common),
        "tls": lambda: SMTP(store, auth_require_tls=False, **login, **common),
    }
    make = makers.get(mode, lambda: Misbehaving(mode))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(make, "127.0.0.1", 0, ssl=tls if mode == "tls" else None)
    say(f"port {server.sockets[0].getsockname()[1]}")
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
