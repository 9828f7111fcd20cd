"""Zip archives whose bytes depend on their contents alone."""

import io
import stat
import zipfile

FIXED_TIME = (2020, 2, 2, 0, 0, 0)
"""The time of every file, so that none of the clock gets into the archive."""

FIXED_MODE = (stat.S_IFREG | 0o644) << 16
UNIX = 3


def write_zip(contents: dict[str, bytes]) -> bytes:
    """Return an archive of `contents` by path, in the order of the paths: equal contents give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(contents):
            member = zipfile.ZipInfo(path, FIXED_TIME)
            member.compress_type, member.external_attr, member.create_system = zipfile.ZIP_DEFLATED, FIXED_MODE, UNIX
            archive.writestr(member, contents[path])
    return buffer.getvalue()
