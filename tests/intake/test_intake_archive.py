"""Archives: what is read from them, what is left out, and which are refused whole."""

from __future__ import annotations

import io
import random
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest

from grader.errors import NothingToGrade, UnreadableSubmission
from grader.intake import read_submission
from grader.intake.bounds import MIB, Bounds
from grader.model.submission import Submission

CODE = b"x = 1\n"
FORMS = ["hw.zip", "hw.tar", "hw.tar.gz", "hw.tgz"]


def archive(path: Path, contents: dict[str, bytes]) -> Path:
    """Write a real archive of the kind that the suffix says."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
            for name, content in contents.items():
                target.writestr(name, content)
        return path
    with tarfile.open(path, "w" if path.suffix == ".tar" else "w:gz") as tar:
        for name, content in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def tar_with(path: Path, *members: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w") as tar:
        tar.addfile(tarfile.TarInfo("folder"))
        for info in members:
            tar.addfile(info)
        info = tarfile.TarInfo("a.py")
        info.size = len(CODE)
        tar.addfile(info, io.BytesIO(CODE))
    return path


def member(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    return info


def paths(submission: Submission) -> list[str]:
    return [file.path for file in submission.files]


def noise(size: int) -> bytes:
    return random.Random(0).randbytes(size)


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_archive_is_read(tmp_path: Path, name: str) -> None:
    submission = read_submission(archive(tmp_path / name, {"b.txt": b"data", "src/a.py": CODE}))
    assert (submission.name, submission.root, submission.notices) == (name, "hw", ())
    assert [(file.path, file.content) for file in submission.files] == [("b.txt", b"data"), ("src/a.py", CODE)]


@pytest.mark.parametrize("name", FORMS)
def test_a_single_top_folder_is_unwrapped_and_gives_the_root_its_name(tmp_path: Path, name: str) -> None:
    contents = {"./answers/__init__.py": b"", "./answers/a.py": CODE, "__MACOSX/answers/._a.py": b"\0"}
    submission = read_submission(archive(tmp_path / name, contents))
    assert (submission.root, paths(submission)) == ("answers", ["__init__.py", "a.py"])
    assert (submission.sources[0].import_root, submission.sources[0].module) == ("", "answers.a")


def test_notices_speak_of_paths_as_they_are_after_unwrapping(tmp_path: Path) -> None:
    submission = read_submission(
        archive(tmp_path / "hw.zip", {"top/a.py": CODE, "top/b.bin": noise(200)}), bounds=Bounds(file_bytes=100)
    )
    assert [notice.path for notice in submission.notices] == ["b.bin"]


@pytest.mark.parametrize("name", FORMS)
def test_what_tools_leave_behind_is_passed_over_silently(tmp_path: Path, name: str) -> None:
    contents = dict.fromkeys(
        [
            "__MACOSX/a.py",
            "src/.DS_Store",
            "._a.py",
            ".git/b.py",
            "x/__pycache__/a.pyc",
            "env/pyvenv.cfg",
            "env/lib/c.py",
        ],
        b"def broken(:",
    )
    submission = read_submission(archive(tmp_path / name, {"a.py": CODE, "src/b.txt": b"", **contents}))
    assert (paths(submission), submission.notices) == (["a.py", "src/b.txt"], ())


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize(
    ("unsafe", "reason"),
    [
        ("../evil.py", "climbs out"),
        ("src/../../evil.py", "climbs out"),
        ("/tmp/evil.py", "is an absolute path"),
        ("C:/evil.py", "starts with a drive letter"),
        ("c:evil.py", "starts with a drive letter"),
        ("d" * 300 + ".py", "name that is too long"),
        ("d/" * 600 + "a.py", "name that is too long"),
    ],
)
def test_an_entry_with_an_unsafe_name_is_left_out(tmp_path: Path, name: str, unsafe: str, reason: str) -> None:
    submission = read_submission(archive(tmp_path / name, {unsafe: b"y = 2\n", "a.py": CODE}))
    assert paths(submission) == ["a.py"]
    (notice,) = submission.notices
    assert reason in notice.message


def test_a_windows_zip_with_backslashes_is_read_and_still_can_not_climb(tmp_path: Path) -> None:
    contents = {"src\\a.py": CODE, "..\\..\\evil.py": CODE, "\\\\server\\evil.py": CODE}
    submission = read_submission(archive(tmp_path / "hw.zip", {**contents, "b.py": CODE}))
    assert paths(submission) == ["b.py", "src/a.py"]
    assert len(submission.notices) == 2


def test_a_backslash_in_a_tar_is_left_out(tmp_path: Path) -> None:
    submission = read_submission(archive(tmp_path / "hw.tar", {"..\\evil.py": CODE, "a.py": CODE}))
    assert paths(submission) == ["a.py"]


def test_a_name_that_is_not_utf8_is_left_out_and_escaped(tmp_path: Path) -> None:
    submission = read_submission(tar_with(tmp_path / "hw.tar", tarfile.TarInfo("caf\udce9.py")))
    assert "a.py" in paths(submission)
    assert submission.notices[0].path == r"caf\udce9.py"


@pytest.mark.parametrize(
    ("info", "reason"),
    [
        (member("evil", tarfile.SYMTYPE, "/etc/passwd"), "is a link"),
        (member("evil", tarfile.LNKTYPE, "a.py"), "is a link"),
        (member("evil", tarfile.CHRTYPE), "is a special file"),
        (member("evil", tarfile.BLKTYPE), "is a special file"),
        (member("evil", tarfile.FIFOTYPE), "is a special file"),
    ],
    ids=["symlink", "hardlink", "character device", "block device", "pipe"],
)
def test_links_and_special_files_in_a_tar_are_left_out(tmp_path: Path, info: tarfile.TarInfo, reason: str) -> None:
    submission = read_submission(tar_with(tmp_path / "hw.tar", info))
    assert paths(submission) == ["a.py", "folder"]
    assert [(notice.path, reason in notice.message) for notice in submission.notices] == [("evil", True)]


@pytest.mark.parametrize(
    ("mode", "reason"),
    [(0o120777, "is a link"), (0o010644, "is a special file"), (0o020644, "is a special file")],
    ids=["symlink", "pipe", "device"],
)
def test_links_and_special_files_in_a_zip_are_left_out(tmp_path: Path, mode: int, reason: str) -> None:
    info = zipfile.ZipInfo("evil.py")
    info.external_attr = mode << 16
    with zipfile.ZipFile(tmp_path / "hw.zip", "w") as target:
        target.writestr(info, "/etc/passwd")
        target.writestr("a.py", CODE)
    submission = read_submission(tmp_path / "hw.zip")
    assert paths(submission) == ["a.py"]
    assert [(notice.path, reason in notice.message) for notice in submission.notices] == [("evil.py", True)]


def test_a_sparse_member_that_claims_a_size_is_left_out(tmp_path: Path) -> None:
    header = bytearray(member("evil.bin", tarfile.GNUTYPE_SPARSE).tobuf(tarfile.GNU_FORMAT))
    header[483:495] = b"77777777777\0"
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header):06o}\0 ".encode()
    tar_with(tmp_path / "hw.tar")
    (tmp_path / "evil.tar").write_bytes(bytes(header) + (tmp_path / "hw.tar").read_bytes())
    submission = read_submission(tmp_path / "evil.tar")
    assert paths(submission) == ["a.py", "folder"]
    assert "special file" in submission.notices[0].message


def test_the_last_of_two_entries_with_one_name_is_used(tmp_path: Path) -> None:
    tar = tmp_path / "hw.tar"
    with tarfile.open(tar, "w") as target:
        for content in (b"x = 1\n", b"y = 2\n"):
            info = tarfile.TarInfo("a.py")
            info.size = len(content)
            target.addfile(info, io.BytesIO(content))
    submission = read_submission(tar)
    assert submission.files[0].content == b"y = 2\n"
    assert "more than once; the last one is used" in submission.notices[0].message


@pytest.mark.parametrize("name", FORMS)
def test_a_name_that_is_both_file_and_folder_is_told(tmp_path: Path, name: str) -> None:
    submission = read_submission(archive(tmp_path / name, {"a.py": CODE, "a.py/b.py": CODE, "c.py": CODE}))
    assert paths(submission) == ["a.py", "c.py"]
    assert "both as a file and as a folder" in submission.notices[0].message


@pytest.mark.parametrize("name", FORMS)
def test_an_archive_cut_off_on_the_way_is_refused(tmp_path: Path, name: str) -> None:
    path = archive(tmp_path / name, {"a.py": noise(5000)})
    path.write_bytes(path.read_bytes()[: 600 if name == "hw.tar" else 2000])
    with pytest.raises(NothingToGrade, match="damaged"):
        read_submission(path)


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("content", [b"", b"not an archive", b"Rar!\x1a\x07", b"PK\x03\x04", b"\x1f\x8b", b"\0" * 5])
def test_bytes_that_are_no_archive_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableSubmission, match=f"`{name}` is .*Pack your files again"):
        read_submission(tmp_path / name)


def test_one_damaged_member_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "hw.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("a.py", CODE)
        target.writestr("b.py", b"spoiled = 1\n")
    path.write_bytes(path.read_bytes().replace(b"spoiled = 1", b"spoiled = 2"))
    submission = read_submission(path)
    assert paths(submission) == ["a.py"]
    assert [(notice.path, "damaged" in notice.message) for notice in submission.notices] == [("b.py", True)]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_unusual_compression_is_named(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "hw.zip", "w", method) as target:
        target.writestr("b.py", CODE)
        target.writestr("a.py", CODE, compress_type=zipfile.ZIP_STORED)
    submission = read_submission(tmp_path / "hw.zip")
    assert paths(submission) == ["a.py"]
    assert "packed in an unusual way" in submission.notices[0].message


def test_a_zip_with_a_password_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "hw.zip", {"a.py": CODE})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(UnreadableSubmission, match="protected with a password"):
        read_submission(path)


@pytest.mark.parametrize("name", FORMS)
def test_an_archive_in_an_archive_is_not_unpacked(tmp_path: Path, name: str) -> None:
    inner = archive(tmp_path / "inner.zip", {"b.py": CODE}).read_bytes()
    submission = read_submission(archive(tmp_path / name, {"a.py": CODE, "inner.zip": inner}))
    assert paths(submission) == ["a.py", "inner.zip"]
    assert [notice.path for notice in submission.notices] == ["inner.zip"]


def test_a_zip_with_nothing_but_a_zip_says_why_there_is_nothing_to_grade(tmp_path: Path) -> None:
    inner = archive(tmp_path / "inner.zip", {"b.py": CODE}).read_bytes()
    with pytest.raises(NothingToGrade, match="it isn't unpacked"):
        read_submission(archive(tmp_path / "hw.zip", {"inner.zip": inner}))


def test_an_empty_zip_has_nothing_to_grade(tmp_path: Path) -> None:
    with pytest.raises(NothingToGrade, match="it is empty"):
        read_submission(archive(tmp_path / "hw.zip", {}))


def test_too_many_files_refuse_the_archive(tmp_path: Path) -> None:
    contents = {f"{number}.py": CODE for number in range(4)}
    assert len(read_submission(archive(tmp_path / "hw.zip", contents), bounds=Bounds(files=4)).files) == 4
    with pytest.raises(UnreadableSubmission, match="has more than 3 files"):
        read_submission(tmp_path / "hw.zip", bounds=Bounds(files=3))


@pytest.mark.parametrize("name", FORMS)
def test_entries_without_end_refuse_the_archive(tmp_path: Path, name: str) -> None:
    path = archive(tmp_path / name, {f".hidden/{number}": b"" for number in range(30)})
    with pytest.raises(UnreadableSubmission, match="has more than 20 entries"):
        read_submission(path, bounds=Bounds(walked=20))


@pytest.mark.parametrize("name", ["hw.zip", "hw.tar.gz"])
def test_a_bomb_is_refused_by_its_ratio(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableSubmission, match="more than 200 times its own size"):
        read_submission(archive(tmp_path / name, {"a.py": CODE, "zeros": bytes(2 * MIB)}))


def test_a_bomb_larger_than_any_file_is_refused_by_its_ratio_too(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSubmission, match="more than 200 times its own size"):
        read_submission(archive(tmp_path / "hw.zip", {"a.py": CODE, "zeros": bytes(20 * MIB)}))


def test_a_small_file_may_be_packed_as_tightly_as_it_likes(tmp_path: Path) -> None:
    assert len(read_submission(archive(tmp_path / "hw.zip", {"a.py": CODE, "zeros": bytes(MIB)})).files) == 2


def test_a_bomb_that_lies_about_its_size_is_no_bomb(tmp_path: Path) -> None:
    path = archive(tmp_path / "hw.zip", {"a.py": CODE, "zeros": bytes(20 * MIB)})
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<L", 20 * MIB), struct.pack("<L", 7)))
    submission = read_submission(path)
    assert paths(submission) == ["a.py"]
    assert "damaged" in submission.notices[0].message


@pytest.mark.parametrize("name", FORMS)
def test_too_much_in_all_files_together_refuses_the_archive(tmp_path: Path, name: str) -> None:
    contents = {"a.py": CODE, **{f"{number}.bin": b"0123456789" * 1000 for number in range(10)}}
    path = archive(tmp_path / name, contents)
    bounds = Bounds(total_bytes=60_000, files=12)
    with pytest.raises(UnreadableSubmission, match=r"is larger than|unpacks to more than"):
        read_submission(path, bounds=bounds)


@pytest.mark.parametrize("name", FORMS)
def test_a_large_file_is_left_out_and_named(tmp_path: Path, name: str) -> None:
    path = archive(tmp_path / name, {"a.py": CODE, "model.pt": noise(2000)})
    submission = read_submission(path, bounds=Bounds(file_bytes=1000))
    assert paths(submission) == ["a.py"]
    assert [(notice.path, "larger than 1000 bytes" in notice.message) for notice in submission.notices] == [
        ("model.pt", True)
    ]


@pytest.mark.parametrize("size", ["-512", "-1536", "99999999999999999999"])
def test_a_tar_that_points_before_its_own_start_does_not_loop(tmp_path: Path, size: str) -> None:
    info = tarfile.TarInfo("a.py")
    info.pax_headers = {"size": size}
    with tarfile.open(tmp_path / "hw.tar", "w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(info)
    with pytest.raises(NothingToGrade):
        read_submission(tmp_path / "hw.tar")


def test_a_tar_header_of_absurd_length_is_refused(tmp_path: Path) -> None:
    info = tarfile.TarInfo("a.py")
    info.pax_headers = {"comment": "9" * MIB}
    with tarfile.open(tmp_path / "hw.tar", "w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(info)
    with pytest.raises(UnreadableSubmission, match="damaged"):
        read_submission(tmp_path / "hw.tar")
