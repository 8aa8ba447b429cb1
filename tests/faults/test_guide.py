"""docs/operators.md: its commands are there, and those of a new site do what the guide says."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from .server import ROOT, Server

GUIDE = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
BLOCKS = [
    [line.strip() for line in found[0].splitlines() if line.strip()]
    for found in re.finditer(r"(?:^    .*\n|^\n(?=    ))+", GUIDE, re.MULTILINE)
]
COPY = "/path/to/backup-20261124-023000.sqlite3"


def block_with(*words: str) -> list[str]:
    """The one block of commands in which all of these stand."""
    (found,) = [block for block in BLOCKS if all(word in "\n".join(block) for word in words)]
    return found


def managed() -> list[str]:
    """Each "manage.py …" of the guide, to the end of the command."""
    inline = re.findall(r"`(?:\.venv/bin/python )?(manage\.py [^`]+)`", GUIDE)
    typed = [line for block in BLOCKS for line in block]
    told = re.findall(r"manage\.py [^#&\n]+", "\n".join(typed))
    return sorted({one.strip() for one in [*inline, *told]})


@pytest.mark.parametrize("typed", managed())
def test_command_of_the_guide_is_there_and_takes_what_is_given(typed: str) -> None:
    _manage, name, *arguments = shlex.split(typed)
    command = load_command_class(get_commands()[name], name)
    parser = command.create_parser("manage.py", name)
    parser.exit_on_error = False
    own = {word for action in parser._actions for word in action.option_strings}
    assert {word for word in arguments if word.startswith("--")} <= own
    if name == "restore" and len(arguments) == 0:
        return  # named only
    parser.parse_args(arguments)  # raises where one is missing, unknown or of another kind


def test_guide_names_the_commands_of_each_of_its_parts() -> None:
    named = {typed.split()[1] for typed in managed()}
    assert named >= {"migrate", "backup", "restore", "check_storage", "erase_learner"}


def test_files_and_targets_of_the_guide_are_there() -> None:
    files = set(re.findall(r"\b(?:requirements|deploy|docs)/[\w./-]*\w", GUIDE))
    assert {"requirements/runtime.lock", "deploy/nginx.conf", "deploy/Caddyfile"} <= files
    assert [name for name in sorted(files) if not (ROOT / name).exists()] == []
    linked = re.findall(r"\]\(([^)#]+\.md)\)", GUIDE)
    assert {"benchmarks.md", "load.md"} <= set(linked)
    assert [name for name in linked if not (ROOT / "docs" / name).exists()] == []
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)", GUIDE))
    assert {"fleet", "load"} <= named <= targets


class Machine:
    """A folder in the place of /etc and /var/lib, with the example of settings filled in."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.data.mkdir(parents=True)
        self.settings = folder / "settings.env"
        example = (ROOT / ".env.example").read_text()
        for name, value in (
            ("SECRET_KEY", "k" * 60 + "-of-a-test"),
            ("ALLOWED_HOSTS", "lessons.example"),
            ("DATA_DIR", str(self.data)),
        ):
            example = re.sub(rf"(?m)^{name}=.*$", f"{name}={value}", example)
        self.settings.write_text(example)

    def type(self, lines: list[str], **more: str) -> str:
        """What a shell says that is given these lines, with nothing but the settings around it."""
        (opened,) = [line for line in block_with("set -a") if line.startswith("set -a")]
        script = "\n".join([opened, *lines]).replace("/etc/coldwar-lessons.env", str(self.settings))
        done = subprocess.run(
            ["sh", "-e"],
            input=script.replace(".venv/bin/python", sys.executable),
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout


@pytest.mark.sqlite
def test_site_is_set_up_copied_and_put_back_on_an_empty_machine_by_the_guide(
    prepared: Server, tmp_path: Path
) -> None:
    """The new site's database is there where `make faults` has it made by the guide's commands too.

    They take 25 s for that, which those of `prepared` have just taken for the same.
    """
    machine, elsewhere = Machine(tmp_path / "one"), Machine(tmp_path / "another")
    if "ROUNDS" not in os.environ:
        shutil.copy(prepared.database, machine.data)
    new_site = block_with("manage.py migrate", "createsuperuser")
    said = machine.type(
        [line + (" --noinput" if "createsuperuser" in line else "") for line in new_site],
        DJANGO_SUPERUSER_USERNAME="boss",
        DJANGO_SUPERUSER_PASSWORD="a long enough pass phrase",
    )
    assert "System check identified no issues (0 silenced)." in said
    assert "The database is sound, and there is room." in said
    assert "Superuser created successfully." in said
    (making,) = block_with("manage.py backup", "--keep N")
    assert ", checked." in machine.type([making])
    (copy,) = (machine.data / "backups").glob("backup-*.sqlite3")

    (restoring,) = [block for block in BLOCKS if "restore" in block[0]]
    typed = [line.replace(COPY, str(copy)) for line in restoring]
    assert f"{copy} is the database now." in elsewhere.type(typed)
    rest = [line for line in new_site if "migrate" not in line and "createsuperuser" not in line]
    assert "The database is sound, and there is room." in elsewhere.type(rest)
    told = elsewhere.type([".venv/bin/python manage.py erase_learner boss --yes || true"])
    assert "This is an editor's account" in told  # so they are there

    upgrade = [line for line in block_with("git fetch") if "manage.py" in line]
    assert "No migrations to apply." in machine.type(upgrade)
    (replacing,) = {line for block in BLOCKS for line in block if "restore --replace" in line}
    said = machine.type([replacing.replace(COPY, str(copy))])
    assert f"What was there before is kept as {machine.data / 'db-before-'}" in said
