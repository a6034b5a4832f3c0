#!/usr/bin/env python3
"""Reads a mail with Python's own parser and compares it with what was meant. Prints 'same' or what differs.
usage: check_mail.py MAIL SUBJECT-FILE BODY-FILE FROM TO…"""
import email
import email.policy
import email.utils
import sys


def text(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


with open(sys.argv[1], "rb") as file:
    raw = file.read()
subject, body, sender, to = text(sys.argv[2]), text(sys.argv[3]), sys.argv[4], sys.argv[5:]
mail = email.message_from_bytes(raw, policy=email.policy.default)
found = {
    "subject": (mail["Subject"], subject),
    "body": (mail.get_content().replace("\r\n", "\n"), body),
    "from": ([a.addr_spec for a in mail["From"].addresses], [sender]),
    "to": ([a.addr_spec for a in mail["To"].addresses], to),
    "date": (mail["Date"].datetime.isoformat(), "2026-11-03T05:04:09+00:00"),
    "fields": (sorted(mail.keys()), sorted(["Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version",
                                            "Content-Type", "Content-Transfer-Encoding"])),
    "message id": (mail["Message-ID"], "<unique.1@" + sender.split("@")[1] + ">"),
    "defects": ([str(d) for d in mail.defects] + [str(d) for field in mail.values() for d in field.defects], []),
    "long lines": ([line for line in raw.split(b"\r\n") if len(line) > 78], []),
    "bare line ends": (raw.replace(b"\r\n", b"").count(b"\n") + raw.replace(b"\r\n", b"").count(b"\r"), 0),
    "not ASCII": ([b for b in raw if b > 126], []),
}
wrong = {name: pair for name, pair in found.items() if pair[0] != pair[1]}
print("same" if not wrong else wrong)
