"""What kind of file system a directory lies on: SQLite's write-ahead log needs one that is this machine's."""

from __future__ import annotations

from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")
_FUSE = ("ceph", "gcsfuse", "glusterfs", "juicefs", "rclone", "s3fs", "sshfs")
_NETWORK = frozenset(
    {
        "9p",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "coda",
        "gfs2",
        "glusterfs",
        "gpfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
    }
    | {"ocfs2", "orangefs", "panfs", "smb", "smb2", "smb3", "smbfs", "wekafs"}
    | {f"fuse.{name}" for name in _FUSE}
)


def network_filesystem(directory: Path, mounts: Path = _MOUNTS) -> str | None:
    """The type of the network file system that ``directory`` lies on; None if it is local or not known.

    Its locks and shared memory do not reach across machines, so that an index shared through it breaks.
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        resolved = directory.resolve()
    except (OSError, RuntimeError):
        return None
    best, kind = -1, ""
    for line in lines:
        before, _, after = line.partition(" - ")
        if len(before.split()) < 5 or not after:
            continue
        point = Path(_unescaped(before.split()[4]))
        # Later lines cover earlier ones that are mounted at the same place.
        if resolved.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), after.split()[0]
    return kind if kind in _NETWORK else None


def _unescaped(field: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        field = field.replace(code, character)
    return field
