"""Made-up ELF files for tests: of either word length and byte order, with sections, segments and a dynamic table."""

from __future__ import annotations

import struct

import attrs

NOBITS, SYMTAB, STRTAB, DYNAMIC, PROGBITS = 8, 2, 3, 6, 1


@attrs.frozen
class Made:
    """What a file is to say."""

    bits: int = 64
    order: str = "<"
    kind: int = 3
    machine: int = 62
    soname: str = ""
    needed: tuple[str, ...] = ()
    rpath: str = ""
    runpath: str = ""
    interpreter: str = ""
    sections: tuple[tuple[str, bytes], ...] = ()

    def built(self) -> bytes:
        """The file: header, segments, content, sections."""
        return _Builder(self).file()


class _Builder:
    def __init__(self, made: Made) -> None:
        self.made = made
        self.is_long = made.bits == 64
        self.header_size, self.segment_size, self.section_size = (64, 56, 64) if self.is_long else (52, 32, 40)
        self.body = bytearray()
        self.start = self.header_size + 3 * self.segment_size
        self.strings = bytearray(b"\0")

    def pack(self, form: str, *values: int) -> bytes:
        return struct.pack(self.made.order + form, *values)

    def put(self, content: bytes) -> int:
        place = self.start + len(self.body)
        self.body += content
        return place

    def string(self, text: str) -> int:
        place = len(self.strings)
        self.strings += text.encode() + b"\0"
        return place

    def dynamic(self, texts_at: int) -> bytes:
        made = self.made
        tags = [(1, self.string(one)) for one in made.needed]
        tags += [(tag, self.string(text)) for tag, text in ((14, made.soname), (15, made.rpath), (29, made.runpath)) if text]
        form = "qQ" if self.is_long else "iI"
        return b"".join(self.pack(form, *one) for one in (*tags, (5, texts_at), (0, 0)))

    def section(self, name: int, kind: int, offset: int, size: int, link: int) -> bytes:
        return self.pack("IIQQQQIIQQ" if self.is_long else "10I", name, kind, 0, 0, offset, size, link, 0, 1, 0)

    def segment(self, kind: int, offset: int, size: int) -> bytes:
        if self.is_long:
            return self.pack("IIQQQQQQ", kind, 4, offset, offset, offset, size, size, 1)
        return self.pack("8I", kind, offset, offset, offset, size, size, 4, 1)

    def file(self) -> bytes:
        made = self.made
        interpreter = made.interpreter.encode() + b"\0"
        interpreter_at = self.put(interpreter)
        length = len(self.dynamic(0))
        self.strings = bytearray(b"\0")
        table = self.dynamic(self.start + len(self.body) + length)
        dynamic_at = self.put(table)
        strings_at = self.put(bytes(self.strings))
        rows = [(".dynamic", DYNAMIC, dynamic_at, len(table), 2), (".dynstr", STRTAB, strings_at, len(self.strings), 0)]
        for name, content in made.sections:
            kind = {".symtab": SYMTAB, ".bss": NOBITS}.get(name, PROGBITS)
            place = self.put(b"" if kind == NOBITS else content)
            rows.append((name, kind, place, len(content), len(rows) + 2 if kind == SYMTAB else 0))
        names = bytearray(b"\0")
        marks = []
        for name in (*(row[0] for row in rows), ".shstrtab"):
            marks.append(len(names))
            names += name.encode() + b"\0"
        rows.append((".shstrtab", STRTAB, self.put(bytes(names)), len(names), 0))
        sections_at = self.start + len(self.body)
        sections = bytes(self.section_size) + b"".join(self.section(mark, *row[1:]) for mark, row in zip(marks, rows, strict=True))
        segments = self.segment(1, 0, sections_at) + self.segment(2, dynamic_at, len(table))
        segments += self.segment(3, interpreter_at, len(interpreter)) if made.interpreter else self.segment(4, 0, 0)
        head = b"\x7fELF" + bytes((2 if self.is_long else 1, 1 if made.order == "<" else 2, 1)) + bytes(9)
        sizes = (self.header_size, self.segment_size, 3, self.section_size, len(rows) + 1, len(rows))
        head += self.pack(
            "HHIQQQIHHHHHH" if self.is_long else "HHIIIIIHHHHHH", made.kind, made.machine, 1, 0, self.header_size, sections_at, 0, *sizes
        )
        return head + segments + bytes(self.body) + sections
