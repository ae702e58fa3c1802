"""What can't be opened as a gradebook is refused with one clear sentence, and is left as it was."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from grader.cli import main
from grader.errors import GradebookError, UsageError
from grader.exit_codes import ExitCode
from grader.gradebook import address
from grader.gradebook.address import address_of, shown
from grader.gradebook.store import Gradebook
from tests.gradebook.postgres import Server
from tests.gradebook.processes import processes
from tests.gradebook.samples import ADA, BEN, NOON, entry, grade_all

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A gradebook with something in it, closed."""
    path = tmp_path / "gradebook.sqlite"
    with Gradebook.open(str(path)) as gradebook:
        for number in range(20):
            grade_all(gradebook, gradebook.enter(entry(ADA), str(number), NOON), 4, 3, 2)
    return path


def refusal(url: str | Path, *, create: bool = True) -> str:
    """The one sentence with which a gradebook is refused."""
    with pytest.raises(UsageError) as caught:
        Gradebook.open(str(url), create=create)
    (line,) = str(caught.value).splitlines()
    return line


@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_a_truncated_file_is_refused(file: Path, kept: float) -> None:
    os.truncate(file, int(file.stat().st_size * kept) // 4096 * 4096)
    before = file.read_bytes()
    assert refusal(file) == (
        f"{file} can't be opened as a gradebook: database disk image is malformed. "
        "Name another file, or restore this one from a backup."
    )
    assert file.read_bytes() == before


@pytest.mark.parametrize("kept", [1, 50, 99, 511])
def test_a_file_of_which_hardly_anything_is_left_is_refused(file: Path, kept: int) -> None:
    os.truncate(file, kept)
    assert refusal(file)
    assert file.stat().st_size == kept


def test_a_page_that_is_damaged_is_an_error_in_one_line(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.seek(4096)
        opened.write(b"\xff" * (file.stat().st_size - 4096))
    with pytest.raises((UsageError, GradebookError), match=r"malformed") as caught, Gradebook.open(str(file)) as opened:
        opened.course()
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_of_another_program_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "recipes.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    before = file.read_bytes()
    assert refusal(file).startswith(f"{file} is no gradebook: it holds other tables, like `recipes`.")
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["recipes.sqlite"]


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "grades.csv"
    file.write_text("name,points\n" * 100)
    assert f"{file} is no gradebook: it is no SQLite file." in refusal(file)
    assert file.read_text() == "name,points\n" * 100


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path} is a folder. Name a file in it."


def test_a_file_in_no_folder_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "no" / "gradebook.sqlite"
    assert refusal(file) == f"{file} can't be created: there is no folder {file.parent}."


def test_a_file_in_a_file_is_refused(file: Path) -> None:
    assert "can't be created: there is no folder" in refusal(file / "gradebook.sqlite")


def test_a_folder_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o555)
    with as_somebody_else():
        assert "can't be opened as a gradebook: " in refusal(tmp_path / "closed" / "gradebook.sqlite")


def test_a_file_that_may_not_be_written_is_refused(file: Path) -> None:
    file.chmod(0o444)
    file.parent.chmod(0o555)
    for folder in file.parents:
        if folder.stat().st_uid == os.geteuid():
            folder.chmod(folder.stat().st_mode | 0o055)
    with as_somebody_else():
        assert "can't be opened as a gradebook: " in refusal(file)
    file.parent.chmod(0o755)


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """Without root's permissions."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_name_with_control_characters_is_refused_on_one_line(tmp_path: Path) -> None:
    assert "\\x1b[31m\\n" in refusal(tmp_path / "\x1b[31m\n" / "gradebook.sqlite")


def test_no_gradebook_where_one_is_needed(tmp_path: Path) -> None:
    file = tmp_path / "gradebook.sqlite"
    assert refusal(file, create=False) == f"There is no gradebook {file}. `grader batch` makes one."
    assert not file.exists()


def test_an_unreachable_server_is_refused() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = refusal(f"postgresql://me:secret@127.0.0.1:{port}/grades")
    where = f"postgresql://me:***@127.0.0.1:{port}/grades"
    assert said.startswith(f"{where} can't be opened as a gradebook: connection failed")
    assert said.endswith("Is the server running, and the URL right?")


def test_a_database_that_does_not_exist_is_refused(postgres: Server) -> None:
    assert 'FATAL: database "nowhere" does not exist.' in " ".join(refusal(postgres.url("nowhere")).split())


def test_a_database_that_can_not_hold_every_name_is_refused(postgres: Server) -> None:
    url = postgres.new_database("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    assert refusal(url).endswith("has the encoding LATIN1, which can't hold every name. Create one with UTF8.")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://me@host/grades", "A gradebook can't be kept in mysql."),
        ("postgresql+asyncpg://me@host/grades", "A gradebook can't be kept in postgresql+asyncpg."),
        ("http://host/grades", "A gradebook can't be kept in http."),
        ("postgresql://host:port/grades", "is no URL of a gradebook."),
        ("://", "is no URL of a gradebook."),
        ("sqlite://", "names no file."),
        ("sqlite:///:memory:", "names no file."),
        ("sqlite://host/grades", "names no file."),
    ],
)
def test_what_no_gradebook_can_be_kept_in_is_refused(url: str, said: str) -> None:
    assert said in refusal(url)
    assert refusal(url).endswith("Name a file, or a database like postgresql://user@host/database.")


def test_postgresql_without_its_driver_names_what_to_install(monkeypatch) -> None:
    monkeypatch.setattr(address, "find_spec", lambda _name: None)
    assert refusal("postgresql://me@host/grades").endswith("pip install 'rl-transformer-grader[postgres]'")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_password_is_never_shown(scheme: str) -> None:
    assert shown(address_of(f"{scheme}://me:secret@host/grades")) == "postgresql://me:***@host/grades"


def test_a_file_can_be_named_by_url_too(file: Path) -> None:
    with Gradebook.open(f"sqlite:///{file}", create=False) as gradebook:
        assert gradebook.name == str(file)
        assert gradebook.students() == (ADA,)


def test_an_empty_file_becomes_a_gradebook(tmp_path: Path) -> None:
    file = tmp_path / "gradebook.sqlite"
    file.touch()
    Gradebook.open(str(file)).close()
    Gradebook.open(str(file), create=False).close()


def test_a_file_is_written_ahead_and_on_disk_and_holds_references(file: Path) -> None:
    with Gradebook.open(str(file)) as gradebook, gradebook._database.reading() as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        values = [connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() for pragma in pragmas]
    assert values == ["wal", 2, 1, 60_000]


def test_a_copy_made_while_it_is_open_is_a_gradebook(file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    with Gradebook.open(str(file)) as gradebook:
        gradebook.enrol([BEN])
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        course = gradebook.course()
    with Gradebook.open(str(copy), create=False) as gradebook:
        assert gradebook.course() == course


def open_and_enter(url: str, number: int) -> int:
    with Gradebook.open(url) as gradebook:
        return gradebook.enter(entry(ADA), str(number), NOON)


def test_several_processes_may_make_the_same_gradebook_at_once(gradebook_url: str) -> None:
    with ProcessPoolExecutor(4, mp_context=processes) as pool:
        entered = list(pool.map(open_and_enter, [gradebook_url] * 8, range(8)))
    assert len(set(entered)) == 8


def test_a_server_that_goes_away_is_an_error_in_one_line(postgres: Server) -> None:
    with Gradebook.open(postgres.new_database()) as gradebook, gradebook._database.writing() as connection:
        connection.exec_driver_sql("SELECT 1")
        with pytest.raises(GradebookError, match=r"can't be read: terminating connection") as caught:
            end_own_session(gradebook)
    assert len(str(caught.value).splitlines()) == 1


def end_own_session(gradebook: Gradebook) -> None:
    with gradebook._database.reading() as connection:
        connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")


def test_a_disk_that_is_full_is_an_error_in_one_line_and_loses_nothing(file: Path) -> None:
    with Gradebook.open(str(file)) as gradebook:
        before = gradebook.course()
        with pytest.raises(GradebookError, match=r"can't be written: database or disk is full\.$"):
            fill(gradebook)
        assert gradebook.course() == before


def fill(gradebook: Gradebook) -> None:
    with gradebook._database.writing() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        connection.exec_driver_sql("INSERT INTO meta VALUES ('large', hex(zeroblob(10000000)))")


def test_the_command_says_it_in_one_line_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", "ada", "--gradebook", str(tmp_path)]) == ExitCode.USAGE
    assert capsys.readouterr().err == f"error: {tmp_path} is a folder. Name a file in it.\n"


def test_a_gradebook_is_read_without_torch(file: Path) -> None:
    code = (
        "import sys; from grader.gradebook.store import Gradebook\n"
        "with Gradebook.open(sys.argv[1]) as gradebook: gradebook.course()\n"
        "sys.exit('torch' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code, file], env=environment, check=True)
