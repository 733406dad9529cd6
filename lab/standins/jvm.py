"""The JVM of the tests: finds a JDK and Maven, resolves the class path, compiles the stand-in, and runs it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import urllib3

HERE = Path(__file__).resolve().parents[2] / "tests" / "jsr223"
BUILD = HERE / "build"
_OLDEST = 21
_GRAALPY = os.environ.get("GRAALPY", "")
"""A GraalPy version other than that of openHAB 5.1 and later, such as 24.2.1, which openHAB 5.0 has."""


class Missing(Exception):  # noqa: N818 - the name reads better without the suffix
    """A program must be installed; the text says which."""


def jdk() -> Path:
    """A JDK that is new enough for GraalPy; raises `Missing`."""
    homes = [Path(home) for home in (os.environ.get("JAVA_HOME", ""),) if home]
    homes += sorted(Path("/usr/lib/jvm").glob("*"), reverse=True)
    compiler = shutil.which("javac")
    homes += [Path(compiler).resolve().parents[1]] if compiler else []
    for home in homes:
        if (home / "bin" / "javac").is_file() and _version(home) >= _OLDEST:
            return home
    raise Missing(
        f"The tests of the script inside openHAB need a JDK, {_OLDEST} or newer: install one, or set JAVA_HOME."
    )


def class_path(home: Path) -> str:
    """Class path with the compiled stand-in; compiled once for each state of its sources."""
    pom, sources = HERE / "pom.xml", sorted((HERE / "java").rglob("*.*"))
    libraries = BUILD / f"classpath-{_digest([pom])}{_GRAALPY}.txt"
    if not libraries.is_file() or not all(Path(jar).is_file() for jar in libraries.read_text().split(os.pathsep)):
        _resolve(pom, libraries, home)
    classes = BUILD / f"classes-{_digest([pom, *sources])}"
    if not classes.is_dir():
        _compile(home, libraries.read_text(), sources, classes)
    return f"{classes}{os.pathsep}{libraries.read_text()}"


def _version(home: Path) -> int:
    said = subprocess.run([home / "bin" / "javac", "-version"], capture_output=True, text=True, check=False)
    found = re.search(r"javac (\d+)", said.stdout + said.stderr)
    return int(found[1]) if found else 0


def _digest(files: list[Path]) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _resolve(pom: Path, target: Path, home: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise Missing("The tests of the script inside openHAB need Maven (mvn). On Debian: apt-get install maven")
    BUILD.mkdir(exist_ok=True)
    command = [maven, "-q", "-B", "-f", str(pom), "dependency:build-classpath", f"-Dmdep.outputFile={target}"]
    command += [f"-Dgraalpy={_GRAALPY}"] if _GRAALPY else []
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"JAVA_HOME": str(home)}
    )
    if done.returncode:
        target.unlink(missing_ok=True)
        raise Missing(f"Maven could not fetch the libraries:\n{done.stdout[-2000:]}")


def _compile(home: Path, libraries: str, sources: list[Path], classes: Path) -> None:
    for old in BUILD.glob("classes-*"):
        shutil.rmtree(old)
    beside = BUILD / "compiling"
    shutil.rmtree(beside, ignore_errors=True)  # of a run that was interrupted
    java = [str(source) for source in sources if source.suffix == ".java"]
    command = [str(home / "bin" / "javac"), "-proc:none", "-nowarn", "--release", str(_OLDEST), "-cp", libraries]
    subprocess.run([*command, "-Xlint:none", "-d", str(beside), *java], check=True)
    for source in sources:
        if source.suffix == ".py":
            shutil.copy(source, beside)
    beside.rename(classes)


class OpenHAB:
    """A running stand-in of openHAB; `log` is the output of its JVM."""

    def __init__(self, home: Path, classes: str, folder: Path) -> None:
        self.log = folder / "openhab.log"
        self._log = self.log.open("wb")
        options = ["--enable-native-access=ALL-UNNAMED", "-Dorg.slf4j.simpleLogger.defaultLogLevel=info"]
        if _version(home) >= 23:
            options.append("--sun-misc-unsafe-memory-access=allow")
        self._process = subprocess.Popen(
            [home / "bin" / "java", *options, "-Xmx1g", "-cp", classes, "house.World"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline() or b"0")
        assert self.port, self.log.read_text()
        self._pool = urllib3.PoolManager(maxsize=8)

    @property
    def url(self) -> str:
        """The URL of the stand-in."""
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Stop it, by closing its standard input."""
        self._pool.clear()
        self._process.communicate()
        self._log.close()

    def request(self, method: str, path: str, body: object = None) -> tuple[int, object]:
        """Send a request with a JSON body; returns status and answer."""
        answer = self._pool.request(method, self.url + path, body=None if body is None else json.dumps(body).encode())
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        return answer.status, json.loads(answer.data) if is_json and answer.data else None

    def get(self, path: str) -> object:
        """The content of a REST path."""
        return self.request("GET", f"/rest/{path}")[1]

    def control(self, verb: str, **body: object) -> object:
        """Call the control API of the stand-in; raises RuntimeError if that fails."""
        status, answer = self.request("POST", f"/control/{verb}", body)
        if status != 200:
            raise RuntimeError(f"{verb}: {answer}")
        return answer

    def warnings(self) -> Iterator[str]:
        """The warnings and errors that the script logged."""
        for line in self.log.read_text(errors="replace").splitlines():
            if " WARN " in line or " ERROR " in line:
                yield line


if __name__ == "__main__":
    # Downloading and compiling do not count towards the time limit of a test.
    try:
        class_path(jdk())
    except Missing as missing:
        sys.exit(str(missing))
