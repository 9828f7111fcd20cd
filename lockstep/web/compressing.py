"""Pages and their files, compressed for whoever takes that, which every browser does: a first view is 100 kB at most.

Nothing secret is in them: a page holds no key, whoever asks for it.
"""

import gzip

from flask import Response, request


def compress(content: bytes) -> bytes:
    """Return the same compressed bytes at any time."""
    return gzip.compress(content, mtime=0)


def respond_compressed(content: bytes, media_type: str, gzipped: bytes | None = None) -> Response:
    """Return an answer in the form that the current request takes; `gzipped` is the content if that is at hand."""
    headers = {"Vary": "Accept-Encoding"}
    if request.accept_encodings.quality("gzip"):
        headers["Content-Encoding"] = "gzip"
        content = gzipped or compress(content)
    return Response(content, headers=headers, content_type=media_type)
