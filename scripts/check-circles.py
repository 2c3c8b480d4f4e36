#!/usr/bin/env python3
"""Lists the circles among the files of each crate: files that import each other, directly or by way of others.

usage: check-circles.py [SOURCE-FOLDER ...]

It reads `use` lines and paths that begin with `crate::` or `super::`, and leaves out what is compiled for tests alone.
A name that a module passes on with `pub use` counts as a name of the file that defines it. Exit code 1: there is a
circle.
"""

import pathlib
import re
import sys

FOLDERS = ("reference/src", "harness/src", "faults/src", "fuzz/src", "fixtures/src")
PATH = re.compile(r"\b(?:crate|super|self)(?:::(?:\w+|\{))+")
TESTS = re.compile(r"#\[cfg\(test\)\]\s*(?:pub(?:\([^)]*\))? )?mod (\w+)\s*(;|\{)")


def leaves(text):
    """Each path of a `use` tree, with its last name; `as` names the leaf otherwise."""
    prefix, brace, rest = text.partition("{")
    if not brace:
        path = [part.strip() for part in text.split(" as ")[0].split("::") if part.strip()]
        return [(path, text.split(" as ")[-1].split("::")[-1].strip())] if path else []
    parts, depth, begin = [], 0, 0
    inner = rest[: rest.rfind("}")]
    for at, character in enumerate(inner):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append(inner[begin:at])
            begin = at + 1
    parts.append(inner[begin:])
    found = []
    for part in parts:
        for path, name in leaves(part.strip()):
            whole = [piece for piece in prefix.strip().split("::") if piece] + path
            if whole[-1] == "self":
                whole.pop()
                name = whole[-1]
            found.append((whole, name))
    return found


class Crate:
    """The files of a crate by their module path, and what each passes on."""

    def __init__(self, folder):
        self.folder, self.texts, self.tests = folder, {}, set()
        files = {self.module(file): file for file in sorted(folder.rglob("*.rs")) if file.name != "main.rs"}
        for module, file in files.items():
            text = re.sub(r"//[^\n]*|\bin crate(?:::\w+)*", "", file.read_text())
            for match in TESTS.finditer(text):
                if match[2] == ";":
                    self.tests.add((*module, match[1]))
            self.texts[module] = self.without_tests(text)
        self.files = {module: file for module, file in files.items() if not self.is_test(module)}
        self.passed_on = {module: {} for module in self.files}
        for module in self.files:
            for text in re.findall(r"\bpub(?:\([^)]*\))? use ([^;]+);", self.texts[module]):
                for path, name in leaves(" ".join(text.split())):
                    self.passed_on[module][name] = path

    def module(self, file):
        parts = file.relative_to(self.folder).with_suffix("").parts
        return tuple(part for part in parts if part not in ("lib", "mod"))

    def is_test(self, module):
        return any(module[: len(test)] == test for test in self.tests)

    @staticmethod
    def without_tests(text):
        """A text without its test modules, which stand at its end."""
        for match in TESTS.finditer(text):
            if match[2] == "{":
                return text[: match.start()]
        return text

    def resolve(self, module, path, depth=0):
        """The module of the file that a path of a module leads to."""
        base, rest = list(module), list(path)
        while rest and rest[0] in ("crate", "super", "self"):
            first = rest.pop(0)
            base = [] if first == "crate" else base[:-1] if first == "super" else base
        if path and path[0] not in ("crate", "super", "self"):
            if (*module, path[0]) not in self.files:
                return None
        here = tuple(base)
        while rest and (*here, rest[0]) in self.files:
            here = (*here, rest.pop(0))
        if rest and here in self.passed_on and rest[0] in self.passed_on[here] and depth < 9:
            return self.resolve(here, [*self.passed_on[here][rest[0]], *rest[1:]], depth + 1) or here
        return here if here in self.files else None

    def imports(self, module):
        text, found = self.texts[module], set()
        paths = [path for tree in re.findall(r"\buse ([^;]+);", text) for path, _ in leaves(" ".join(tree.split()))]
        body = re.sub(r"\buse [^;]+;", "", text)
        paths += [match.group().rstrip("{").rstrip(":").split("::") for match in PATH.finditer(body)]
        for path in paths:
            target = self.resolve(module, path)
            if target is not None and target != module:
                found.add(target)
        return found

    def circles(self):
        """The strongly connected parts of the graph that have more than one file (Tarjan)."""
        graph = {module: self.imports(module) for module in self.files}
        index, low, stack, found = {}, {}, [], []

        def visit(node):
            index[node] = low[node] = len(index)
            stack.append(node)
            for other in sorted(graph[node]):
                if other not in index:
                    visit(other)
                    low[node] = min(low[node], low[other])
                elif other in stack:
                    low[node] = min(low[node], index[other])
            if low[node] == index[node]:
                part = set()
                while node not in part:
                    part.add(stack.pop())
                if len(part) > 1:
                    found.append(part)

        for node in sorted(graph):
            if node not in index:
                visit(node)
        return [(part, {node: graph[node] & part for node in part}) for part in found]


def main():
    folders = [pathlib.Path(folder) for folder in sys.argv[1:] or FOLDERS]
    sys.setrecursionlimit(10_000)
    count = 0
    for folder in (folder for folder in folders if folder.is_dir()):
        crate = Crate(folder)
        for part, arrows in crate.circles():
            count += 1
            print(f"circle of {len(part)} files in {folder}:")
            for module in sorted(part):
                others = ", ".join("::".join(other) or "lib" for other in sorted(arrows[module]))
                print(f"    {'::'.join(module) or 'lib'} -> {others}")
    print(f"{count} circles")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
