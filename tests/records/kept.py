"""Everything that a database keeps, as one searchable text: the file's bytes with its log, or every PostgreSQL row."""

from pathlib import Path

from sqlalchemy import text

from records.tables import metadata


def everything_kept(records, url):
    """Raw bytes are searchable too: PostgreSQL shows them as hex, so they are asked for apart."""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        return b"\n".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*")).decode("latin-1")
    parts = []
    with records._line.connected() as connection:
        for name in metadata.tables:
            parts += connection.scalars(text(f"SELECT t::text FROM {name} t"))
        parts += connection.scalars(text("SELECT encode(body, 'escape') FROM deliveries"))
    return "\n".join(parts)
