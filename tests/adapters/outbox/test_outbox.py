import json
import multiprocessing
import os
import resource
import signal
import threading
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from types import SimpleNamespace

import pytest

from adapters.outbox import postman
from adapters.outbox.posting import OutboxPostman
from lifecycle.errors import PostmanBusy, PostmanUnsure
from tests.adapters.postings import PLAIN, posting


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "outbox"


def lines(folder):
    return [json.loads(line) for line in (folder / "index.jsonl").read_text().splitlines()]


def files(folder):
    return sorted(path.name for path in folder.glob("*.eml"))


def test_letter_is_a_file_and_a_line(folder):
    receipt = postman(SimpleNamespace(outbox_dir=folder)).post(PLAIN)

    assert files(folder) == [receipt.reference]
    assert receipt.reference.startswith("2026-11-20_order-confirmation_1001_")
    letter = message_from_bytes((folder / receipt.reference).read_bytes(), policy=policy.default)
    assert letter["Subject"] == PLAIN.letter.subject
    (line,) = lines(folder)
    assert line["file"] == receipt.reference
    assert (line["time"], line["mail"], line["to"], line["subject"]) == (
        PLAIN.date.isoformat(), "order_confirmation", PLAIN.letter.to, PLAIN.letter.subject,
    )  # fmt: skip


def test_same_key_again_is_the_same_file_whatever_the_day(folder):
    first = OutboxPostman(folder).post(PLAIN)

    second = OutboxPostman(folder).post(replace(PLAIN, date=PLAIN.date + timedelta(days=3)))

    assert second == first
    assert len(files(folder)) == len(lines(folder)) == 1


def test_another_key_is_another_file(folder):
    house = OutboxPostman(folder)

    house.post(PLAIN)
    house.post(posting(key="s1:order_confirmation:1002"))

    assert len(files(folder)) == len(lines(folder)) == 2


def test_hostile_mail_name_stays_inside_the_folder(folder):
    receipt = OutboxPostman(folder).post(posting(mail="../../x", tags={"order": "/etc/../ü\x00" * 50}))

    assert "/" not in receipt.reference
    assert len(receipt.reference) < 150
    assert files(folder) == [receipt.reference]


def test_nobody_else_can_read_the_folder(folder):
    receipt = OutboxPostman(folder).post(PLAIN)

    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / receipt.reference).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("same_postman", [True, False])
def test_two_postmen_see_each_others_letters(folder, same_postman):
    one = OutboxPostman(folder)
    other = one if same_postman else OutboxPostman(folder)
    other.post(posting(key="k0"))

    first = one.post(posting(key="k1"))
    second = other.post(posting(key="k1"))

    assert first == second
    assert len(files(folder)) == len(lines(folder)) == 2


def test_index_thrown_away_is_written_anew_from_the_files(folder):
    house = OutboxPostman(folder)
    house.post(posting(key="k1"))
    before = lines(folder)
    (folder / "index.jsonl").unlink()

    house.post(posting(key="k2"))

    assert lines(folder)[0] | {"subject": ""} == before[0] | {"subject": "", "time": "2026-11-20T14:30:00+00:00"}
    assert lines(folder)[0]["subject"] == PLAIN.letter.subject
    assert {line["file"] for line in lines(folder)} == set(files(folder))


def test_line_torn_by_a_crash_is_made_whole(folder):
    house = OutboxPostman(folder)
    house.post(posting(key="k1"))
    torn = OutboxPostman(folder).post(posting(key="k2"))
    index = (folder / "index.jsonl").read_bytes()
    (folder / "index.jsonl").write_bytes(index[:-25])
    (folder / ".lock").write_bytes(b"writing")

    house.post(posting(key="k3"))

    assert len(lines(folder)) == len(files(folder)) == 3
    assert {line["file"] for line in lines(folder)} == set(files(folder))
    assert house.post(posting(key="k2")) == torn


def killed_at(folder, step):
    """Run in a process of its own: die before this very step of a post."""
    house = OutboxPostman(folder)

    def die(*_args, **_kwargs):
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(house._index, step, die)
    house.post(posting(key="killed"))


@pytest.mark.parametrize(("step", "stands"), [("sync_folder", 1), ("append", 1)])
def test_death_between_file_and_line_heals_with_the_next_letter(folder, step, stands):
    survivor = OutboxPostman(folder)
    survivor.post(posting(key="k1"))
    victim = multiprocessing.get_context("spawn").Process(target=killed_at, args=(folder, step))
    victim.start()
    victim.join()
    assert victim.exitcode == -signal.SIGKILL
    assert (len(files(folder)), len(lines(folder))) == (1 + stands, 1)

    survivor.post(posting(key="k2"))

    assert len(files(folder)) == len(lines(folder)) == 2 + stands
    survivor.post(posting(key="killed"))
    assert len(files(folder)) == len(lines(folder)) == 3


def post_many(folder, keys):
    house = OutboxPostman(folder)
    for key in keys:
        house.post(posting(key=key))


def test_processes_and_threads_write_one_file_and_one_line_a_key(folder):
    keys = [f"k{number}" for number in range(40)]
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=post_many, args=(folder, order)) for order in (keys, keys[::-1])]
    for writer in writers:
        writer.start()
    house = OutboxPostman(folder)
    threads = [threading.Thread(target=lambda: [house.post(posting(key=key)) for key in keys]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for worker in (*threads, *writers):
        worker.join()

    assert [writer.exitcode for writer in writers] == [0, 0]
    assert len(files(folder)) == 40
    assert sorted(line["file"] for line in lines(folder)) == files(folder)
    assert not list(folder.glob(".draft-*"))


def test_writer_waits_while_another_one_writes(folder):
    one, other = OutboxPostman(folder), OutboxPostman(folder)
    one.post(posting(key="k1"))
    with one._index.held():
        waiting = threading.Thread(target=other.post, args=(posting(key="k2"),))
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
        assert len(files(folder)) == 1
    waiting.join(5)

    assert len(files(folder)) == len(lines(folder)) == 2


def test_folder_that_cannot_be_made_is_busy_not_broken(tmp_path):
    (tmp_path / "file").write_text("")

    for act in (lambda house: house.post(PLAIN), lambda house: house.check()):
        with pytest.raises(PostmanBusy) as busy:
            act(OutboxPostman(tmp_path / "file" / "outbox"))
        assert busy.value.reason == "outbox_unwritable"


def full_disk(folder, answers):
    """Run in a process of its own: no file may grow over 1,000 bytes, which fails like a full disk does."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    house = OutboxPostman(folder)
    house.post(posting(key="before"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
    try:
        house.post(posting(key="full", text="x" * 5000))
    except PostmanBusy as busy:
        answers.put(busy.reason)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    house.post(posting(key="full", text="x" * 5000))


def test_full_disk_is_busy_and_leaves_nothing_half_written(folder):
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    writer = context.Process(target=full_disk, args=(folder, answers))
    writer.start()
    writer.join()

    assert writer.exitcode == 0
    assert answers.get(timeout=5) == "outbox_unwritable"
    assert len(files(folder)) == len(lines(folder)) == 2
    assert not list(folder.glob(".draft-*"))


def test_line_that_cannot_be_written_leaves_the_letter_in_doubt_and_the_retry_finds_it(folder):
    house = OutboxPostman(folder)

    def no_space(_line):
        raise OSError(28, "No space left on device")

    house._index.append = no_space
    with pytest.raises(PostmanUnsure) as unsure:
        house.post(PLAIN)
    del house._index.append

    assert unsure.value.reason == "outbox_unsure"
    assert [house.post(PLAIN).reference] == files(folder) == [line["file"] for line in lines(folder)]


def test_foreign_files_in_the_folder_disturb_nobody(folder):
    folder.mkdir()
    (folder / "note.eml").write_bytes(b"Subject: =?nonsense?q?=ff?=\nTo: \xff\n\nhello")
    (folder / "index.jsonl").write_bytes(b"not json\n[1]\n{}\n\xff\n")
    house = OutboxPostman(folder)

    receipt = house.post(PLAIN)

    assert house.post(PLAIN) == receipt
    assert (folder / receipt.reference).exists()


def test_check_counts_letters(folder):
    house = OutboxPostman(folder)
    house.post(PLAIN)

    assert house.check() == f"outbox: 1 letters in {folder}"
    assert files(folder) == [Path(house.post(PLAIN).reference).name]


def test_takes_reserved_addresses():
    assert OutboxPostman(Path("x")).refuses("ann@example.com") is None
