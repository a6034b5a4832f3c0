"""Writes mdoc(7), the language of manual pages: text, lists, command lines."""
import re
import textwrap

BOLD, PLAIN = "\0", "\1"  # around bold words, in text that is not yet roff
LONGEST_LITERAL = 70
LONGEST_SOURCE_LINE = 78


def text(words):
    """Escapes what roff would take for its own."""
    words = words.replace("\\", "\\e").replace("--", "\\-\\-").replace("…", "...").replace("–", "\\(en")
    words = words.replace("FreeBSD", "Free\\&BSD")  # else mandoc asks for a macro in the middle of a line
    return words.replace(BOLD, "\\fB").replace(PLAIN, "\\fP")


def literal(line):
    return re.sub(r"^(?=[.'])", r"\\&", line.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
                  .replace("^", "\\(ha").replace("~", "\\(ti"))


def prose(words):
    """A paragraph: each sentence begins a line, as mdoc wants it."""
    sentences = re.split(r"(?<=[.!?])(?<!\.\.)\s+|(?<=[.!?]['\")])\s+", words.strip())
    return [re.sub(r"^(?=[.'])", r"\\&", line) for sentence in sentences for line in wrap(text(sentence))]


def wrap(sentence):
    return textwrap.wrap(sentence, LONGEST_SOURCE_LINE, break_long_words=False, break_on_hyphens=False)


def argument(word):
    """One word of a usage line: '[--limit', 'N]', 'NAME…'"""
    head, tail = "", ""
    word = word.replace("…", " ...").replace("...", " ...")
    if word.startswith("["):
        head, word = "Op ", word[1:]
    word = word.rstrip("]").strip()
    if word.startswith("--"):
        return head + "Fl \\-" + word[2:].replace("-", "\\-") + tail
    return head + "Ar " + word + tail


def call(usage):
    """'backup VM NAME [--detach]' as 'Ic backup Ar VM NAME Op Fl -detach'"""
    name, *rest = usage.split()
    return "Ic " + name.replace("-", "\\-") + "".join(" " + argument(word) for word in rest)


def term(words):
    return " ".join(argument(word) for word in words.split())


def tagged(items, width):
    lines = [f".Bl -tag -width {width} -compact"]
    for words, meaning in items:
        lines += [".It " + words, *prose(meaning)]
    return lines + [".El"]


def display(lines):
    """Lines as they are typed; a long pipe is broken behind its bar, which a shell takes."""
    shown = []
    for line in lines:
        head, bar, tail = line.partition(" | ")
        shown += [head + " |", "    " + tail] if bar and len(line) > LONGEST_LITERAL else [line]
    return [".Bd -literal -compact", *(literal(line) for line in shown), ".Ed"]


def help_blocks(page):
    lines = []
    for kind, content in page.blocks:
        if lines:
            lines.append(".Pp")
        if kind == "prose":
            lines += prose(content)
        else:
            width = max(len(words) for words, _ in content) * "x"
            lines += tagged([(term_of(words), meaning) for words, meaning in content], width)
    return lines


def term_of(words):
    return term(words) if words.startswith("-") or words.isupper() or re.match(r"^[A-Z][A-Z-]+$", words) else "Cm " + literal(words)
