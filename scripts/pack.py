#!/usr/bin/env python3
"""Makes the packages of a release from programs that are built: archives, a Debian package, and npm packages.

usage: pack.py FOLDER PLATFORM PROGRAM
       pack.py FOLDER

The first form makes the packages of one platform, such as linux-x64: an archive with the manual pages and the completion
scripts, the npm package @mfa-conformance/PLATFORM, and on Linux a Debian package. PROGRAM has to run here. The second
form makes what follows from the packages in FOLDER: the npm package mfa-conformance, which names those of the platforms,
SOURCES (the digest of the sources) and SHA256SUMS. Needs npm, and cargo-deb for the Debian package.
"""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
VERSION = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]["package"]["version"]
# The names of Node.js. Each has the fields of its npm package that other platforms ignore.
PLATFORMS = {
    f"{system}-{processor}": {"os": [system], "cpu": [processor], **({"libc": ["glibc"]} if system == "linux" else {})}
    for system in ("linux", "darwin", "win32")
    for processor in ("x64", "arm64")
}
SHELLS = {"bash": "mfa-conformance.bash", "zsh": "_mfa-conformance", "fish": "mfa-conformance.fish"}
TEXTS = ("LICENSE", "README.md", "CHANGELOG.md")


def npm_pack(package, folder):
    """Pack a folder as npm does."""
    npm = shutil.which("npm") or sys.exit("pack.py: npm is missing")
    command = [npm, "pack", "--silent", "--pack-destination", folder.resolve()]
    subprocess.run(command, cwd=package, check=True, stdout=subprocess.DEVNULL)


def write_json(path, value):
    """Write a value as npm writes it."""
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def stage(program, folder):
    """Put the program with its manual pages, completion scripts and texts into a folder."""
    (folder / "man").mkdir(parents=True)
    (folder / "completions").mkdir()
    shutil.copy(program, folder / f"mfa-conformance{program.suffix}")
    subprocess.run([program, "man", folder / "man"], check=True)
    for shell, name in SHELLS.items():
        with (folder / "completions" / name).open("wb") as file:
            subprocess.run([program, "completions", shell], check=True, stdout=file)
    for name in TEXTS:
        shutil.copy(ROOT / name, folder)


def archive(staged, file):
    """Pack a folder as .tar.gz, or as .zip for Windows."""
    if file.name.endswith(".zip"):
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as opened:
            for path in sorted(staged.rglob("*")):
                opened.write(path, path.relative_to(staged.parent))
        return

    def owned_by_root(entry):
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        return entry

    with tarfile.open(file, "w:gz") as opened:
        opened.add(staged, staged.name, filter=owned_by_root)


def debian(staged, folder):
    """Make the Debian package. harness/Cargo.toml describes it, and names the folder target/deb."""
    place = ROOT / "target" / "deb"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(staged, place)
    command = ["cargo", "deb", "--quiet", "--no-build", "--no-strip", "-p", "mfa-conformance", "--output", folder.resolve()]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def platform_packages(folder, platform, program):
    """Make the packages of one platform."""
    with tempfile.TemporaryDirectory() as work:
        staged = pathlib.Path(work) / f"mfa-conformance-{VERSION}-{platform}"
        stage(program, staged)
        archive(staged, folder / f"{staged.name}{'.zip' if platform.startswith('win32') else '.tar.gz'}")
        if platform.startswith("linux"):
            debian(staged, folder)
        package = pathlib.Path(work) / "npm"
        (package / "bin").mkdir(parents=True)
        shutil.copy(program, package / "bin" / f"mfa-conformance{program.suffix}")
        shutil.copy(ROOT / "LICENSE", package)
        main = json.loads((ROOT / "npm/package.json").read_text(encoding="utf-8"))
        kept = {key: main[key] for key in ("license", "homepage", "repository")}
        summary = f"The program of mfa-conformance for {platform}"
        name = {"name": f"@mfa-conformance/{platform}", "version": VERSION, "description": summary}
        write_json(package / "package.json", {**name, **kept, **PLATFORMS[platform], "preferUnplugged": True})
        npm_pack(package, folder)


def common_packages(folder):
    """Make what follows from the packages of the platforms."""
    packed = [name for name in PLATFORMS if (folder / f"mfa-conformance-{name}-{VERSION}.tgz").exists()]
    if not packed:
        sys.exit(f"pack.py: {folder} has no npm package of a platform")
    with tempfile.TemporaryDirectory() as work:
        package = pathlib.Path(work) / "npm"
        shutil.copytree(ROOT / "npm", package, ignore=shutil.ignore_patterns("node_modules"))
        shutil.copy(ROOT / "LICENSE", package)
        main = json.loads((package / "package.json").read_text(encoding="utf-8"))
        optional = {f"@mfa-conformance/{name}": VERSION for name in packed}
        write_json(package / "package.json", {**main, "version": VERSION, "optionalDependencies": optional})
        npm_pack(package, folder)
    digest = subprocess.run([ROOT / "scripts/sources-digest"], check=True, capture_output=True).stdout
    (folder / "SOURCES").write_bytes(digest)
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != "SHA256SUMS")
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


def main():
    match sys.argv[1:]:
        case [folder]:
            common_packages(pathlib.Path(folder))
        case [folder, platform, program] if platform in PLATFORMS:
            os.makedirs(folder, exist_ok=True)
            platform_packages(pathlib.Path(folder), platform, pathlib.Path(program).resolve())
        case _:
            sys.exit(__doc__)


main()
