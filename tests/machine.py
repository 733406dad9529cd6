"""A machine for tests that change users, units and folders: this one, with copies of a few folders."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).resolve().parents[1]
NOTHING: Mapping[str, str] = MappingProxyType({})
_MOUNTED = ("etc", "var/lib", "opt", "run")
_MOUNT = "".join(f'mount --bind "$0/{folder}" /{folder}; ' for folder in _MOUNTED)
NAME = "twilio-binding"
PROGRAM = f"/opt/{NAME}/bin/{NAME}"


def is_possible() -> bool:
    """Whether this user can mount, in a separate namespace."""
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("useradd"):
        return False
    tried = subprocess.run(["unshare", "-m", "sh", "-c", "mount --bind /opt /opt"], capture_output=True, check=False)
    return tried.returncode == 0


class Machine:
    """Commands see copies of /etc, /var/lib, /opt and /run below `root`. `has_systemd`: systemd seems to be running."""

    def __init__(self, root: Path, *, has_systemd: bool = True) -> None:
        self.root = root
        for folder in _MOUNTED:
            (root / folder).mkdir(parents=True)
        shutil.copytree("/etc", root / "etc", symlinks=True, dirs_exist_ok=True)
        for name in ("twilio-binding", "openhab"):
            shutil.rmtree(root / "etc" / name, ignore_errors=True)
        if has_systemd:
            (root / "run" / "systemd" / "system").mkdir(parents=True)
        self._program(PROGRAM, f'PYTHONPATH="{ROOT}" exec "{sys.executable}" -m twilio_binding "$@"')
        self._program(
            "/opt/tools/systemctl",
            'echo "$*" >> /opt/systemctl.log; cat /opt/systemctl.err >&2 2>/dev/null && exit 1; exit 0',
        )

    def run(
        self, *words: str, user: int = 0, variables: Mapping[str, str] = NOTHING
    ) -> subprocess.CompletedProcess[str]:
        """Run a program on this machine, as root or as another user."""
        become = ["setpriv", f"--reuid={user}", "--clear-groups"] if user else []
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TWILIO_BINDING")}
        return subprocess.run(
            ["unshare", "-m", "sh", "-ec", _MOUNT + 'exec "$@"', str(self.root), *become, *words],
            cwd=self.root,
            env=environment
            | dict(variables)
            | {"PYTHONPATH": str(ROOT), "PATH": f"/opt/tools:{os.environ['PATH']}", "HOME": str(self.root / "home")},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    @contextmanager
    def service(self, *words: str, variables: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
        """Run a program as systemd would: as the service's user, able to write only to its data folder."""
        # Others cannot see root's home, except for the Python that these tests may use.
        home = "mount -t tmpfs -o mode=755 none /root; "
        if Path(sys.base_prefix).is_relative_to("/root"):
            python = shlex.quote(sys.base_prefix)
            home = f"mount --bind {python} /mnt; {home}mkdir -p {python}; mount --move /mnt {python}; "
        read_only = "".join(f"mount -o remount,bind,ro /{folder}; " for folder in ("", *_MOUNTED))
        data = (
            'mount --bind "$0/var/lib/twilio-binding" /var/lib/twilio-binding; cd /var/lib/twilio-binding; umask 0077; '
        )
        user = f"--reuid={NAME} --regid={NAME} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all"
        steps = f'{_MOUNT}{home}{data}{read_only}exec setpriv {user} prlimit --nofile=8192 "$@"'
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **variables}
        with subprocess.Popen(
            ["unshare", "-m", "sh", "-ec", steps, str(self.root), *words], env=environment
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def command(
        self, *words: str, user: int = 0, variables: Mapping[str, str] = NOTHING
    ) -> subprocess.CompletedProcess[str]:
        """Run one of our commands."""
        # Others may not be allowed to start a Python below /root from a script.
        program = (sys.executable, "-m", "twilio_binding") if user else (PROGRAM,)
        return self.run(*program, *words, user=user, variables=variables)

    def asked_of_systemd(self) -> list[str]:
        """The calls of systemctl since the last check."""
        log = self.root / "opt" / "systemctl.log"
        asked = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return asked

    def has_user(self, name: str) -> bool:
        """Whether there is a user of this name."""
        return f"\n{name}:" in (self.root / "etc" / "passwd").read_text(encoding="utf-8")

    def _program(self, path: str, text: str) -> None:
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        file.chmod(0o755)
