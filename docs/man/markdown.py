"""Reads docs/config.md for scale-backup.toml(5): sections, paragraphs, lists and tables."""
import re

import mdoc


def inline(words):
    """`code`, **bold** and [links](…) of one paragraph as roff."""
    out = []
    for part in re.split(r"(`[^`]*`)", words):
        if part.startswith("`"):
            out.append(mdoc.BOLD + part[1:-1] + mdoc.PLAIN)
        else:
            part = re.sub(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)]*)\)", r"\1", part)
            out.append(re.sub(r"\*\*(.+?)\*\*", mdoc.BOLD + r"\1" + mdoc.PLAIN, re.sub(r"(?<!\*)\*([^*]+)\*(?!\*)", r"\1", part)))
    return "".join(out)


def paragraph(words):
    return mdoc.prose(inline(words))


def cells(row):
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))]


def blocks(text):
    """('head', words), ('prose', words), ('code', lines), ('table', rows of cells)"""
    found, fence = [], None
    for line in text.splitlines():
        if line.startswith("```"):
            if fence is None:
                fence = []
            else:
                found.append(("code", fence))
                fence = None
        elif fence is not None:
            fence.append(line)
        elif line.startswith("#"):
            found.append(("head", line.lstrip("#").strip()))
        elif line.startswith("|"):
            if not found or found[-1][0] != "table":
                found.append(("table", []))
            if not re.match(r"^\|[-|\s]*$", line):
                found[-1][1].append(cells(line))
        elif not line.strip():
            found.append(("gap", ""))
        elif found and found[-1][0] == "prose":
            found[-1] = ("prose", found[-1][1] + " " + line.strip())
        else:
            found.append(("prose", line.strip()))
    return [block for block in found if block[0] != "gap"]


def key_item(row):
    """A row of a table of keys: | `Name` | meaning | allowed | default | example | since |"""
    name, meaning, allowed, default, example, since = row
    lines = [".It Ic " + name.strip("`")] + paragraph(f"{meaning}.") + paragraph(f"Allowed: {allowed}.")
    lines += paragraph(f"{default.replace('required', 'Required', 1) if default.startswith('required') else 'Default: ' + default}.")
    lines += paragraph(f"Example: {example}.")
    if since != "predecessor":
        lines += paragraph(f"Since: {since}.")
    return lines


def sections(text, from_head):
    """The page from one heading on, as mdoc."""
    lines, begun = [], False
    for kind, content in blocks(text):
        if kind == "head":
            begun = begun or content == from_head
            if begun:
                lines.append(".Ss " + mdoc.text(content) + ("\\&" if content.endswith("]") else ""))
        elif not begun:
            continue
        elif kind == "prose":
            lines += ([] if lines[-1].startswith(".Ss") else [".Pp"]) + paragraph(content)
        elif kind == "code":
            lines += [".Bd -literal", *(mdoc.literal(line) for line in content), ".Ed"]
        elif content[0][0] == "key":
            lines.append(".Bl -tag -width Ds")
            for row in content[1:]:
                lines += key_item(row)
            lines.append(".El")
        else:
            raise SystemExit(f"docs/config.md: there is a table that is not a table of keys after '{from_head}'")
    return lines
