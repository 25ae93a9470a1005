"""The facts of an announcement as lines for people: what started a load, how long it waited and ran, what follows."""

from collections.abc import Sequence
from datetime import UTC, datetime

from notifier.announcement import NOT_STARTED, Announcement, LoadRun


def facts_of(announcement: Announcement) -> list[tuple[str, str]]:
    """Pairs of a label and a value, each one line; what is not known is left out."""
    run = announcement.run
    rows: list[tuple[str, str]] = []
    if announcement.sql:
        rows.append(("What ran", announcement.sql))
    if run:
        due = f", due {clock(run.scheduled_time)}" if run.scheduled_time else ""
        rows.append(("Started by", one_line(str(run.started_by)) + due))
        if run.attempts > 1:
            rows.append(("Attempt", f"{run.attempt} of at most {run.attempts}"))
        if run.field:
            rows.append(("Field", one_line(run.field)))
        if run.requested_at:
            waited = f" (waited {duration(run.waited_seconds)})" if run.waited_seconds is not None else ""
            rows.append(("Requested", clock(run.requested_at) + waited))
    if announcement.started_at:
        rows.append(("Started", clock(announcement.started_at)))
    if announcement.ended_at:
        ran = announcement.duration_seconds
        label = "Reported" if announcement.state == NOT_STARTED else "Ended"
        rows.append((label, clock(announcement.ended_at) + (f" (ran {duration(ran)})" if ran else "")))
    if announcement.rows:
        rows.append(("Rows", f"{announcement.rows:,}"))
    if run:
        rows += _files_and_followers(run)
    if announcement.statement_id:
        rows.append(("Statement", announcement.statement_id))
    if announcement.statement_name:
        rows.append(("Name", one_line(announcement.statement_name)))
    return rows


def _files_and_followers(run: LoadRun) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    if run.files:
        rows.append(("Files", f"{run.files.count:,} ({size(run.files.bytes)})"))
        if run.files.manifest:
            rows.append(("Manifest", one_line(run.files.manifest)))
    if run.follows:
        rows.append(("Next", ", ".join(run.follows)))
    return rows


def set_aside(run: LoadRun | None, names: Sequence[str]) -> tuple[str, list[str]] | None:
    """A heading and lines for the files of a load that were set aside, of which `names` are told; None without any."""
    count = len(run.files.set_aside) if run and run.files else 0
    if not count:
        return None
    heading = "1 file was set aside:" if count == 1 else f"{count:,} files were set aside:"
    return heading, [*names, *([f"and {count - len(names):,} more"] if count > len(names) else [])]


def duration(seconds: float) -> str:
    """A duration for people."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def size(number: int) -> str:
    """Bytes for people, in powers of 1,000."""
    if number < 1000:
        return f"{number} bytes"
    for power, unit in enumerate(("kB", "MB", "GB"), 1):
        if number < 999.95 * 1000**power:
            return f"{number / 1000**power:.1f} {unit}"
    return f"{number / 1000**4:,.1f} TB"


def clock(moment: datetime) -> str:
    """A moment for people."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def one_line(text: str) -> str:
    """Another's statement name may hold line breaks, and would write lines of its own into a message."""
    return " ".join(text.split())


def cut(text: str, max_chars: int) -> str:
    """The text, or its beginning with a mark that there was more."""
    return text if len(text) <= max_chars else text[:max_chars] + " ..."
