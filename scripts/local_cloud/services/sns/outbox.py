"""Stores the emails that SNS sends: an .eml file each, numbered in the order of sending."""

from email.message import EmailMessage
from pathlib import Path
from threading import Lock


class Outbox:
    """A folder of emails."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._count = 0

    def send(self, to: str, topic_arn: str, subject: str, body: str) -> None:
        """Writes an email atomically."""
        letter = EmailMessage()
        letter["From"] = f"{topic_arn.rsplit(':', 1)[-1]} <no-reply@sns.amazonaws.com>"
        letter["To"] = to
        letter["Subject"] = subject or "AWS Notification Message"  # SNS's default
        letter.set_content(body)
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._lock:
            self._count += 1
            path = self._folder / f"{self._count:06}.eml"
        draft = path.with_suffix(".part")
        draft.write_bytes(bytes(letter))
        draft.rename(path)
