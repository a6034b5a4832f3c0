"""Reads what a program says to --help: a usage line, then paragraphs, lists of terms, and examples."""
import json
import re
import subprocess

TERM = re.compile(r"^  (\S.*?)(?:  +(.*))?$")
USAGE = re.compile(r"^usage:\s*(.*)$", re.IGNORECASE)
EXAMPLE = re.compile(r"^examples?:\s*(.*)$", re.IGNORECASE)


def ask(program, *words):
    ended = subprocess.run([program, *words, "--help"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                           timeout=20, check=False)
    if ended.returncode != 0:
        raise SystemExit(f"{program} {' '.join(words)} --help: exit code {ended.returncode}: {ended.stderr}")
    return ended.stdout


class Page:
    """usage: the words behind 'Usage:'; blocks: ('prose', text) and ('list', [(term, text)]); examples: lines."""

    def __init__(self, text):
        self.usage, self.blocks, self.examples = "", [], []
        in_examples = False
        for line in text.splitlines():
            if not line.strip():
                self.blocks.append(("end", ""))
            elif match := USAGE.match(line):
                self.usage = match.group(1)
            elif match := EXAMPLE.match(line):
                in_examples = True
                if match.group(1):
                    self.examples.append(match.group(1))
            elif in_examples:
                self.examples.append(line.strip())
            elif line.startswith("   ") and self.blocks and self.blocks[-1][0] == "list":
                terms = self.blocks[-1][1]
                terms[-1] = (terms[-1][0], (terms[-1][1] + " " + line.strip()).strip())
            elif line.startswith("  "):
                self._term(line)
            else:
                self._prose(line)
        self.blocks = [block for block in self.blocks if block[0] != "end"]

    def _term(self, line):
        term, text = TERM.match(line).groups()
        if not self.blocks or self.blocks[-1][0] != "list":
            self.blocks.append(("list", []))
        self.blocks[-1][1].append((term, text or ""))

    def _prose(self, line):
        if self.blocks and self.blocks[-1][0] == "prose":
            self.blocks[-1] = ("prose", self.blocks[-1][1] + " " + line.strip())
        else:
            self.blocks.append(("prose", line.strip()))


def command_words(client):
    """The words of the client's commands, in the order of its overview."""
    ended = subprocess.run([client, "--json", "help"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20,
                           check=True)
    return [command["command"] for command in json.loads(ended.stdout)]
