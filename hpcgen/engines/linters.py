"""Runs the linters that are there over a written file, and says which are not."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import attrs

from hpcgen.engines import definition_check
from hpcgen.engines.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hpcgen.emitting.base import Rendered

HADOLINT = {
    "DL3003": "each RUN starts at the folder that WORKDIR names: a cd of its own ends with it, where a WORKDIR would go on",
    "DL3008": "archives of distributions keep only the last version of a package: what is pinned is the release",
    "DL3033": "as DL3008, for yum",
    "DL3040": "dnf's cache is mounted and not stored; dialects without mounts have it cleaned",
    "DL3041": "as DL3008, for dnf",
    "DL3059": "one RUN a block is what makes the cache hold",
    "SC2016": "files are written by printf, and a $ in them is theirs",
    "SC2164": "commands stand in a && chain: a cd that fails ends it",
}
"""Rules that are not asked for, each with its reason; `hadolint_config` writes them as a .hadolint.yaml."""

SHELLCHECK = {
    "SC2164": "scripts run under set -e: a cd that fails ends them",
}
"""As HADOLINT, for shell scripts."""

TIMEOUT = 120
"""Seconds after which a linter is given up: docker's asks the registry for the base images."""


@attrs.frozen
class Report:
    """What linters say of a file.

    Attributes:
        findings: in the order of the file's lines.
        ran: the linters that had a look.
        missing: sentences about those that had not.
    """

    findings: tuple[Finding, ...]
    ran: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def has_errors(self) -> bool:
        """Whether anything is wrong, rather than unusual."""
        return any(finding.level == "error" for finding in self.findings)

    def summary(self) -> str:
        """One sentence a line: what ran and what it found, what did not run."""
        counts = {level: sum(finding.level == level for finding in self.findings) for level in ("error", "warning", "info", "style")}
        found = ", ".join(f"{count} of level {level}" for level, count in counts.items() if count) or "nothing found"
        lines = [f"checked by {', '.join(self.ran)}: {found}"] if self.ran else []
        return "\n".join([*lines, *(f"not checked by {sentence}" for sentence in self.missing)])


class _Absent(Exception):
    """A linter that cannot have a look; its text says why."""


def check(rendered: Rendered, path: str) -> Report:
    """Runs the linters of a file's format.

    Args:
        rendered: the file.
        path: the folders that programs are looked for in, as PATH has them.
    """
    findings: list[Finding] = []
    ran: list[str] = []
    missing: list[str] = []
    for name, linter in _LINTERS[rendered.format]:
        try:
            findings += linter(rendered.text, path)
            ran.append(name)
        except _Absent as why:
            missing.append(f"{name}: {why}")
    return Report(tuple(sorted(findings, key=lambda finding: finding.line)), tuple(ran), tuple(missing))


def hadolint_config() -> str:
    """The settings that hadolint is run with, as a .hadolint.yaml for those who run it themselves."""
    return "".join(("ignored:\n", *(f"  - {rule} # {reason}\n" for rule, reason in HADOLINT.items())))


def _run(words: tuple[str, ...], text: str, path: str) -> subprocess.CompletedProcess[str]:
    """Runs a linter over a text."""
    program = shutil.which(words[0], path=path)
    if program is None:
        raise _Absent("it is not installed")
    try:
        return subprocess.run(
            (program, *words[1:]), input=text, capture_output=True, encoding="utf-8", errors="replace", timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        raise _Absent(f"it did not answer within {TIMEOUT} seconds") from None
    except OSError as fault:
        raise _Absent(f"it cannot be run: {fault.strerror or fault}") from None


def _json(done: subprocess.CompletedProcess[str]) -> Any:
    """What a linter prints; one that prints something else did not work."""
    try:
        return json.loads(done.stdout)
    except ValueError:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise _Absent(f"it does not answer: {lines[-1]}" if lines else f"it ended with status {done.returncode}") from None


def _hadolint(text: str, path: str) -> Iterator[Finding]:
    ignores = (word for rule in HADOLINT for word in ("--ignore", rule))
    for one in _json(_run(("hadolint", "--no-color", "-f", "json", *ignores, "-"), text, path)):
        yield Finding(one["line"], one["level"], one["code"], _sentence(one["message"]))


def _docker(text: str, path: str) -> Iterator[Finding]:
    """Docker's own checks; it stops at what it cannot read, and at a base image that it cannot find."""
    done = _run(("docker", "build", "--call=check,format=json", "-"), text, path)
    if "unknown flag: --call" in done.stderr:
        raise _Absent("this docker has no buildx, or one before 0.15")
    said = _json(done)
    for one in said.get("warnings") or ():
        yield Finding(_line(one), "warning", one["ruleName"], _sentence(one.get("detail") or one["description"]))
    if "buildError" in said:
        sentence = _sentence(said["buildError"]["message"])
        away = "failed to resolve source metadata" in sentence
        yield Finding(_line(said["buildError"]), "warning" if away else "error", "docker-build", sentence)


def _line(said: dict[str, Any]) -> int:
    ranges = (said.get("location") or {}).get("ranges") or [{"start": {"line": 1}}]
    return int(ranges[0]["start"]["line"])


def _sentence(text: str) -> str:
    """Words of several lines as one."""
    return " ".join(text.split())


def _shellcheck(text: str, path: str) -> Iterator[Finding]:
    for one in _json(_run(("shellcheck", "-f", "json", f"--exclude={','.join(SHELLCHECK)}", "-"), text, path)):
        yield Finding(one["line"], one["level"], f"SC{one['code']}", _sentence(one["message"]))


def _syntax(text: str, path: str) -> Iterator[Finding]:
    """`bash -n`, which reads without running."""
    for line in _run(("bash", "-n"), text, path).stderr.splitlines():
        where, _, sentence = line.partition(": line ")[2].partition(": ")
        if where.isdigit():
            yield Finding(int(where), "error", "bash-n", sentence)


def _definition(text: str, path: str) -> Iterator[Finding]:
    del path  # no program is needed
    yield from definition_check.check(text)


def _definition_syntax(text: str, path: str) -> Iterator[Finding]:
    """`bash -n` over each section with shell code, at the file's lines."""
    for sections in definition_check.stages(text):
        for section in sections:
            if section.name in definition_check.SHELL:
                yield from _syntax("\n" * section.line + "\n".join(section.body), path)


_LINTERS: dict[str, tuple[tuple[str, Callable[[str, str], Iterator[Finding]]], ...]] = {
    "docker": (("hadolint", _hadolint), ("docker build --check", _docker)),
    "singularity": (("the definition file's rules", _definition), ("bash -n", _definition_syntax)),
    "bash": (("shellcheck", _shellcheck), ("bash -n", _syntax)),
}
