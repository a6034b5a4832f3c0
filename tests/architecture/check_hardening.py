#!/usr/bin/env python3
"""Whether a built program has what cmake/hardening.cmake asks for, as checksec would report it. Needs readelf (binutils); exit
code 77 without it.
usage: check_hardening.py PROGRAM...
       check_hardening.py --self-test"""
import os
import re
import shutil
import subprocess
import sys
import tempfile


def readelf(option, program):
    done = subprocess.run(["readelf", "-W", option, program], check=True, capture_output=True, text=True,
                          env={**os.environ, "LC_ALL": "C"})
    return done.stdout


def segments(headers):
    """(type, flags) of each program header: flags such as "R E"."""
    return re.findall(r"^ {2}([A-Z_]+) +0x\w+ 0x\w+ 0x\w+ 0x\w+ 0x\w+ ([R ][W ][E ]) ", headers, re.M)


def sections_in_code(headers):
    """The sections that lie in executable segments."""
    kinds = [flags for kind, flags in re.findall(
        r"^ {2}([A-Z_]+) +0x\w+ 0x\w+ 0x\w+ 0x\w+ 0x\w+ ([R ][W ][E ]) ", headers, re.M)]
    found = set()
    for number, names in re.findall(r"^ {3}(\d\d) +(.*)$", headers, re.M):
        if int(number) < len(kinds) and "E" in kinds[int(number)]:
            found.update(names.split())
    return found


def problems_of(program):
    headers = readelf("-l", program)
    dynamic = readelf("-d", program)
    symbols = readelf("--dyn-syms", program)
    notes = readelf("-n", program)
    found = segments(headers)
    if not re.search(r"^Elf file type is DYN", headers, re.M):
        yield "is not position-independent (PIE)"
    if not any(kind == "GNU_RELRO" for kind, _ in found) or not re.search(r"\bBIND_NOW\b|\bFlags:.*\bNOW\b", dynamic):
        yield "its tables of addresses stay writable (-z relro, -z now)"
    if any(kind == "GNU_STACK" and "E" in flags for kind, flags in found):
        yield "its stack is executable"
    if any("W" in flags and "E" in flags for kind, flags in found if kind == "LOAD"):
        yield "has memory that is writable and executable"
    if "__stack_chk_fail" not in symbols:
        yield "has no stack protector"
    if not re.search(r"\b__\w+_chk\b", symbols.replace("__stack_chk_fail", "")):
        yield "has no fortified calls (_FORTIFY_SOURCE)"
    if ".rodata" in sections_in_code(headers):
        yield "its constants are executable (-z separate-code)"
    if re.search(r"\((RPATH|RUNPATH)\)", dynamic):
        yield "searches for libraries in a folder of its build (RPATH)"
    machine = readelf("-h", program)
    if "X86-64" in machine and not re.search(r"x86 feature:.*\bIBT\b", notes):
        # One object of the toolchain without the mark clears it for the whole program.
        print(f"{program}: note: without the mark for control-flow protection (IBT)")


def self_test():
    """A program that is built without any of it must not pass, and one with all of it must."""
    compiler = shutil.which("c++")
    if not compiler:
        return 77
    weak = ["-O2", "-no-pie", "-fno-stack-protector", "-U_FORTIFY_SOURCE", "-Wl,-z,lazy", "-Wl,-z,norelro", "-Wl,-z,execstack"]
    strong = ["-O2", "-fPIE", "-pie", "-fstack-protector-strong", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=3", "-Wl,-z,relro",
              "-Wl,-z,now", "-Wl,-z,noexecstack", "-Wl,-z,separate-code"]
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        source, program = os.path.join(folder, "a.cpp"), os.path.join(folder, "a")
        with open(source, "w", encoding="utf-8") as file:
            file.write("#include <string.h>\n"
                       "int main(int argc, char** argv) { char text[64]; strcpy(text, argv[0]); return text[argc]; }\n")
        for name, flags in ("weak", weak), ("strong", strong):
            subprocess.run([compiler, *flags, "-o", program, source], check=True)
            found[name] = list(problems_of(program))
    expected = ("position-independent", "tables of addresses", "stack is executable", "stack protector", "fortified")
    missed = [word for word in expected if not any(word in problem for problem in found["weak"])]
    for word in missed:
        print("does not find: " + word)
    for problem in found["strong"]:
        print("wrongly found: " + problem)
    return 1 if missed or found["strong"] else 0


def main(arguments):
    if not shutil.which("readelf"):
        print("needs readelf")
        return 77
    if arguments == ["--self-test"]:
        return self_test()
    code = 0 if arguments else 2
    for program in arguments:
        try:
            found = list(problems_of(program))
        except subprocess.CalledProcessError as failed:
            found = ["is not a program that can be read: " + failed.stderr.strip()]
        for problem in found:
            print(f"{program}: {problem}")
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
