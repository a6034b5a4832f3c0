#!/usr/bin/env python3
"""Plain English: a short list of phrases that people of this field do not use, kept out of what users read.
Read are the string literals of the programs, the documents, the manual pages' sources, and the help of ./run.

usage: lint_wording.py TOP
       lint_wording.py --self-test"""
import os
import re
import sys

import tree
from lint_coawait import DIGIT_SEPARATOR

# phrase: what to write instead
HABITS = {
    r"(is|are|was|were) told": "reports, shows",
    r"tells? of": "reports, shows",
    r"by (itself|themselves)": "automatically",
    r"at once": "immediately; at the same time",
    r"for ever": "forever",
    r"anew": "again",
    r"mend(s|ed|ing)?": "fix, repair",
    r"spoil(t|s|ed)?": "corrupted",
    r"all the same": "anyway",
    r"under way": "in progress, running",
    r"in force": "active",
    r"(?<!there )is no (?!longer\b|more than\b|less than\b)": "is not a",
    r"any more(?! than)": "no longer",
    r"log-in": "login",
    r"blanks": "space, empty",
    r"looks at|looked at|looking at": "checks, inspects, reads",
    r"tak(e|es|en|ing) up (?!space|room|to)|took up": "resumes",
    r"go(es)? on(?! with the| the)|going on|went on": "continues",
    r"gives? way": "yields",
    r"brought to the disk": "flushed to disk",
    r"of (ours|his own|her own|its own|their own|yours)": "our, its own (before the noun)",
    r"whoever|somebody|nobody": "name the actor",
    r"puts? right|put it right": "correct",
    r"shall": "must, will",
    r"the cluster has no more|as it says": "say it",
}
PATTERN = re.compile("|".join(rf"(?P<h{i}>\b(?:{habit})\b)" if not habit.endswith(" ") and not habit.endswith(")")
                              else rf"(?P<h{i}>\b(?:{habit}))" for i, habit in enumerate(HABITS)), re.IGNORECASE)
# (file, phrase): words that are right there.
ALLOWED = {
    ("daemon/doctor/evaluate.cpp", "nobody"),
}
PROGRAMS = ("common/", "daemon/", "ctl/", "simulator/")
PAGES = (".md", ".1.in", ".5.in", ".8.in", "config.toml.example")
SCRIPTS = ("config/hooks/", "init-scripts/", "scripts/")
NOT_READ = ("tests/", "simulator/tests/")
COMMENT_OR_LITERAL = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^\s()\\]{0,16})\((?P<raw>.*?)\)(?P=d)"|"(?P<text>(?:\\.|[^"\\\n])*)"|\'(?:\\.|[^\'\\\n])*\'', re.S)
BETWEEN_LITERALS = re.compile(r"\s*")


def literals(source):
    """(line number, text) of each string literal; literals in a row are one text, a line each."""
    source = DIGIT_SEPARATOR.sub("", source)
    for match in COMMENT_OR_LITERAL.finditer(source):
        text = match.group("raw") if match.group("raw") is not None else match.group("text")
        if text:
            yield source.count("\n", 0, match.start()) + 1, text


def prose(text):
    """(line number, line), each together with the end of the line before it, so that phrases may be wrapped."""
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield number, re.sub(r"`[^`]*`|\]\([^)]*\)", "", line)


def problems_of(path, text):
    found = literals(text) if path.endswith((".cpp", ".hpp")) else prose(text)
    for number, words in found:
        for match in PATTERN.finditer(words):
            phrase = match.group(0).strip().lower()
            if (path, phrase) not in ALLOWED:
                instead = list(HABITS.values())[int(match.lastgroup[1:])]
                yield f"{path}:{number}: '{phrase}': write {instead}"


def problems(top):
    for path in tree.files(top):
        code = path.endswith((".cpp", ".hpp"))
        if not code and not path.endswith(PAGES) and path != "run" and not path.startswith(SCRIPTS):
            continue
        if path.startswith(NOT_READ) or (code and not path.startswith(PROGRAMS)):
            continue
        yield from problems_of(path, tree.read(top, path))


BAD = ['say("it is told")', 'f("x", "mended")', 'R"(is no backup)"', '"two blanks"', '"goes on"', '"job of its own"']
GOOD = ['// is told', '"there is no VM"', '"recommend"', '"it is no longer"', "'\"'; int at_once;", '"blanket"', '"at 1\'000 once"']


def self_test():
    wrong = [f"should be found: {text}" for text in BAD if not list(problems_of("x.cpp", text))]
    wrong += [f"should pass: {text}" for text in GOOD if list(problems_of("x.cpp", text))]
    if [number for number, _ in prose("a `b`\n```\nc\n```\nd")] != [1, 5]:
        wrong.append("code blocks of documents are read")
    return tree.report(wrong)


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    return tree.report(list(problems(os.path.abspath(arguments[0]))))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
