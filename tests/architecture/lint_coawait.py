#!/usr/bin/env python3
"""Finds statements that GCC 12 miscompiles: a co_await in the same full expression as a braced temporary, a
conditional operator or a capturing lambda (double free, see docs/architecture.md). The cure is always the same:
name the value in a separate statement first. And coroutines that return a constant Result<bool> by its name: the caller
gets its has_value().

usage: lint_coawait.py TOP          every .cpp and .hpp under TOP
       lint_coawait.py FILE...      these files
       lint_coawait.py --self-test"""
import os
import re
import sys

import tree

DIGIT_SEPARATOR = re.compile(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])")
TEXT = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^\s()\\]{0,16})\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
PREPROCESSOR = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.M | re.S)
BLOCK_OWNER = re.compile(r"\b(namespace|struct|class|enum|extern|union|concept)\b[^;=]*$")
VALUE_KEYWORD = re.compile(r"\b(co_await|co_return|co_yield|return)$")
LAMBDA_HEAD = re.compile(
    r"\[(?P<capture>[^\[\]]*)\]\s*(?:<[^<>]*>\s*)?(?P<params>\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))?\s*"
    r"(?:mutable\b\s*|noexcept\b\s*|constexpr\b\s*)*(?:->\s*[\w:<>,&*\s]+?)?\s*$")


def blank(match):
    """Comments become spaces, literals empty literals; line numbers stay."""
    text = match.group(0)
    kept = '""' if text[0] in 'R"' else "''" if text[0] == "'" else " "
    return kept + "\n" * text.count("\n")


def cleaned(source):
    source = DIGIT_SEPARATOR.sub("", source)
    source = TEXT.sub(blank, source)
    return PREPROCESSOR.sub(lambda m: "\n" * m.group(0).count("\n"), source)


def brace_kind(before, depth):
    """What a '{' after the text `before` of its statement opens: 'block', 'lambda' or 'braces' (a temporary)."""
    text = before.rstrip()
    head = LAMBDA_HEAD.search(text)
    before_head = VALUE_KEYWORD.sub("", text[: head.start()].rstrip()) if head else ""
    if head and not re.search(r"[\w\])]$", before_head):  # else it is a subscript
        return "lambda", head
    if depth == 0:
        ends = (")", "else", "do", "try", "const", "noexcept", "override", "final", ":")
        if text == "" or text.endswith(ends) or BLOCK_OWNER.search(text) or re.search(r"\)\s*->\s*[\w:<>,&*\s]+$", text):
            return "block", None
    return "braces", None


def statements(code, at=0):
    """(position, full expression) of everything between ';' and block braces. The body of a lambda is checked
    separately, because its statements are not evaluated with the expression around it."""
    collected, start, depth, i = [], 0, 0, 0
    text = ""  # the present statement, lambda bodies replaced

    def flush():
        nonlocal text
        if text.strip():
            collected.append((at + start + len(text) - len(text.lstrip()), text))
        text = ""

    while i < len(code):
        c = code[i]
        if c == "{":
            kind, head = brace_kind(text, depth)
            if kind == "braces":
                depth += 1
                text += c
            else:
                end = closing(code, i)
                inner = statements(code[i + 1 : end], at + i + 1)
                if kind == "block":
                    flush()
                    collected.extend(inner)
                    start = end + 1
                else:
                    collected.extend(inner)
                    captured = head.group("capture").strip()
                    kept = "CAPTURING_LAMBDA" if captured not in ("", "&", "this", "&, this") else "LAMBDA"
                    text = text[: head.start()] + kept + "\n" * code.count("\n", i, end)
                i = end
        elif c == ";" and depth == 0:
            flush()
            start = i + 1
        else:
            if c in "([":
                depth += 1
            elif c in ")]}":
                depth -= 1
            text += c
            # 'for (a; b; c)': the three parts are separate full expressions, but braces do not occur there.
        i += 1
    flush()
    return collected


def closing(code, opening):
    """The position of the brace that closes the one at `opening`, or the end of the text."""
    depth = 0
    for i in range(opening, len(code)):
        if code[i] == "{":
            depth += 1
        elif code[i] == "}":
            depth -= 1
            if depth == 0:
                return i
    return len(code)


def faults(statement):
    if "co_await" not in statement:
        return
    if "?" in statement:
        yield "a conditional operator"
    if "CAPTURING_LAMBDA" in statement:
        yield "a capturing lambda"
    if re.search(r"[\w(>,=]\s*\{", statement):
        yield "a braced temporary"


def constant_results(code):
    """Where a task<Result<bool>> returns a local that is a constant Result<bool>."""
    for head in re.finditer(r"task<Result<bool>>\s+[\w:]+\(", code):
        opening = code.find("{", head.end())
        if opening < 0 or ";" in code[head.end() : opening]:
            continue
        body = code[opening : closing(code, opening)]
        for name in re.findall(r"(?:auto|Result<bool>) const (\w+) =", body):
            for found in re.finditer(rf"co_return {name};", body):
                yield opening + found.start(), name


def problems_of(name, source):
    code = cleaned(source)
    line = lambda at: code.count("\n", 0, at) + 1
    return [f"{name}:{line(at)}: co_await beside {why}: name it in a separate statement first"
            for at, statement in statements(code) for why in faults(statement)] + [
                f"{name}:{line(at)}: '{constant}' is constant: returned from here it becomes its own has_value()"
                for at, constant in constant_results(code)]


BAD = ["co_await run(Job{1, 2});", "co_await run({});", "auto x = full ? co_await a() : b;",
       "co_await on_disk([name] { return remove(name); });", "Agg a{.x = co_await f()};",
       "co_await f(y ? s : std::string(\"z\"));", "co_return co_await f({\"a\"});", "if (co_await f(Job{.a = b})) { g(); }",
       "co_spawn(ex, [o]() -> task<void> { co_await f(Job{1}); }, detached);", "co_await [o]() -> task<void> { co_return; }();",
       "auto v = vector<int>{co_await a(), 1'000'0};", "for (auto& x : co_await list(Filter{})) { use(x); }"]
GOOD = ["co_await run(spec);", "auto [ec, n] = co_await read(s, buffer(b), token);", "if (co_await f()) { g({1}); }",
        "auto w = [name] { return remove(name); }; co_await on_disk(std::move(w));", "Job j{1, 2}; co_await run(std::move(j));",
        "co_spawn(ex, [&]() -> task<void> { co_await f(1'000); co_return; }, detached);", "for (;;) { co_await f(); }",
        "// co_await f({})\nco_await g(\"{?}\");", "co_await f(R\"({ ? })\");", "task<int> f() { co_return co_await g(); }",
        "while (x) { auto e = co_await f(a[i]); y = e ? 1 : 2; }", "struct A { int x{1}; task<int> f() { co_await g(); } };",
        "switch (x) { case 1: { co_await f(); break; } default: co_await g(); }", "try { co_await f(); } catch (...) { h({}); }"]


BAD_WHOLE = ["task<Result<bool>> X::f(int a) {\nauto const answer = co_await g();\nif (a) { h(); }\nco_return answer;\n}"]
GOOD_WHOLE = ["task<Result<bool>> f() {\nauto answer = co_await g();\nco_return answer;\n}",
              "task<Result<bool>> f() {\nbool const is = co_await g();\nco_return is;\n}", "task<Result<bool>> f();"]


def self_test():
    wrong = [f"should be found: {s}" for s in BAD_WHOLE if not problems_of("bad", s)]
    wrong += [f"should pass: {s}: {p}" for s in GOOD_WHOLE for p in problems_of("good", s)]
    wrong += [f"should be found: {s}" for s in BAD if not problems_of("bad", f"task<void> t() {{\n{s}\n}}")]
    wrong += [f"should pass: {s}: {p}" for s in GOOD for p in problems_of("good", f"task<void> t() {{\n{s}\n}}")]
    return tree.report(wrong)


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    found = []
    for argument in arguments:
        top, paths = (argument, tree.files(argument, (".cpp", ".hpp"))) if os.path.isdir(argument) else ("", [argument])
        for path in paths:
            found += problems_of(path, tree.read(top, path))
    return tree.report(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
