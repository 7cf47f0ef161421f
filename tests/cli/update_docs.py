"""The help texts in docs/cli.md, taken from the program.

    update_docs.py PROGRAM            writes them anew
    update_docs.py --check PROGRAM    exits with 1 and a diff where they are not the program's

A block stands between `<!-- help VERB -->` and `<!-- end -->`; without VERB it is the program's own help.
"""
import difflib
import pathlib
import re
import subprocess
import sys

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "cli.md"
BLOCK = re.compile(r"(<!-- help ?(\w*) -->\n).*?(<!-- end -->)", re.S)


def help_of(program, verb):
    text = subprocess.run([program, *([verb] if verb else []), "--help"], capture_output=True, text=True, check=True).stdout
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def main(arguments):
    check = arguments[:1] == ["--check"]
    program = arguments[-1]
    old = PAGE.read_text()
    new = BLOCK.sub(lambda m: f"{m[1]}```\n{help_of(program, m[2])}\n```\n{m[3]}", old)
    verbs = re.findall(r"^  (\w+) ", help_of(program, "").split("Subcommands:")[1], re.M)
    missing = set(verbs) - {m[1] for m in BLOCK.findall(new)}
    if missing:
        print(f"{PAGE.name} has no block for: {', '.join(sorted(missing))}")
    if check:
        print("\n".join(difflib.unified_diff(old.splitlines(), new.splitlines(), "docs/cli.md", "the program", lineterm="")))
        return old != new or bool(missing)
    PAGE.write_text(new)
    return bool(missing)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
