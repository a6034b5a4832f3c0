#!/usr/bin/env python3
"""Regenerates the dictionaries: the words that libFuzzer may insert into an input, from the sources that define them. Needed when a format gets
something new; the result is stored in the tree.
usage: make_dictionaries.py"""
import glob
import os
import re
import sys

from make_seeds import HERE, PASSWORD, TOP

DICTIONARIES = os.path.join(HERE, "dictionaries")
JSON = ["{}", "[]", "[{", "}]", "null", "true", "false", "\\u0000", "\\ud83d\\ude00", "1e308", "0e60", "-1", "0.5", "18446744073709551615",
        "9223372036854775808", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999-23:59", "2026-11-23T05:04:01+01:00"]
NUMBERS = [0, 1, 2, 3, 8, 9, 16, 21, 104, 112, 512, 1024, 65536, 1 << 31, 0xffffffff]
# Where the words of a format are defined, their pattern there, and further words.
WORDS = {
    "config": (["common/config/keys.cpp", "common/hook.hpp"], r'"([A-Z][A-Za-z]+)"',
               [" = ", "'''", '"""', "[[", "]]", "\\u", "\n[", "\r\n", "#", "{", "}", "0x", "inf", "1979-05-27", "12 hours", "7 days",
                "5:00 PM", "17:00", "200 MiB/s", "starttls", "outside-window", "{{VMName}}", PASSWORD]),
    "rpc": (["common/rpc/*.hpp"], r'(?:required|optional|name = )\(?"([\w.]+)"',
            [*JSON, '"jsonrpc":"2.0"', '"id":', '"method":', '"params":', '"result":', '"error":', '"code":', '"data":', "\r\n", "\n"]),
    "answers": (["daemon/hypercore/*codec.cpp", "daemon/hypercore/record.cpp", "daemon/hypercore/node_replies.cpp", "daemon/hypercore/reply.cpp"],
                r'\["(\w+)"\]|"([A-Z]{5,})"',
                [*JSON, "%@", "smb://", "@", "hunter2&more", "hunter2%26more", "geheim%21", "%25", "&amp;", "&#x26;", "&#38;", "<script>",
                 "</script", "<h1", "session", " GMT", "admin", "4711", "s-1"]),
    "scrub": ([], "", ["smb://", "@", " ", "hunter2&more", "hunter2%26more", "geheim%21", "%25", "&amp;", "&#x26;", "&#38;", "\\u0026",
                       "aHVudGVyMiZtb3Jl", "h1bnRlcjImbW9yZ", "Z2VoZWltIQ", "68756e7465", "=26", "=\n", "\\x68", "\\150", "=="]),
    "error_texts": ([], "", [*JSON, "smb://", "@", "hunter2&more", "&amp;", "&lt;", "&#39;", "<script>", "</script", "<title>", "<h1", "session",
                             '{"error":"', '"message":', "too many requests"]),
    "definition": (["daemon/verify/definition.cpp"], r'(?:child|children|attribute)\("([\w-]+)"\)',
                   ["<", "/>", "</", "<!--", "-->", "<![CDATA[", "]]>", "<!DOCTYPE", "<?xml", "&#x41;", "&lt;", "scribe/", "..", "cdrom",
                    "KiB", "GiB"]),
    "manifest": (["daemon/catalog/manifest_*.cpp"], r'\["(\w+)"\]|member\("(\w+)"',
                 [*JSON, "scale-backup manifest", '"seal": "', '"\n}\n', "../x"]),
    "digests": ([], "", ["scale-backup digests 1\n", "begun ", "chunk 2097152\n", "file ", "root ?\n", "mark ?\n", "end ?\n", "zero 1\n",
                         "%00", "ab" * 32 + "\n"]),
    "qcow2": ([], "", [b"QFI\xfb", *(number.to_bytes(width, "big") for number in NUMBERS for width in (2, 4, 8) if number < 1 << 8 * width),
                       *((1 << 63 | offset).to_bytes(8, "big") for offset in range(512, 4096, 512))]),
}


def words_in(places, shape):
    found = set()
    for place in places:
        if not glob.glob(os.path.join(TOP, place)):
            sys.exit(f"make_dictionaries.py: there is no {place}")
    for path in (path for place in places for path in glob.glob(os.path.join(TOP, place))):
        with open(path, encoding="utf-8") as file:
            for groups in re.findall(shape, file.read()):
                found |= {groups} if isinstance(groups, str) else set(groups)
    return sorted(found - {""})


def line(word):
    plain = (chr(byte) if 0x20 <= byte < 0x7f and byte not in b'"\\' else f"\\x{byte:02X}" for byte in word)
    return '"' + "".join(plain) + '"\n'


if __name__ == "__main__":
    os.makedirs(DICTIONARIES, exist_ok=True)
    for name, (sources, shape_of_words, others) in WORDS.items():
        with open(os.path.join(DICTIONARIES, name), "w", encoding="ascii") as out:
            for word in [*words_in(sources, shape_of_words), *others]:
                out.write(line(word if isinstance(word, bytes) else word.encode()))
