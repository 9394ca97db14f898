"""Reports that tests make up: one as a real image's would be, and some out of chance."""

from __future__ import annotations

from copy import copy

import attrs
from hypothesis import strategies as st

from hpcgen.auditing.budgets import parse
from hpcgen.auditing.growth import compare
from hpcgen.auditing.judging import judge
from hpcgen.auditing.outcome import Outcome
from hpcgen.auditing.report import (
    Amount,
    BlockBytes,
    CategoryBytes,
    Coverage,
    Dive,
    Evidence,
    Figure,
    Finding,
    GpuBytes,
    Image,
    Layer,
    Report,
    Totals,
)
from hpcgen.auditing.tables import FOLDER, LINK, NOBODY, WASTE_KINDS, Files, Wastes

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><script>alert(1)</script>",
    "</style><!-- ]]>",
    "\x1b[2J\x1b]0;title\x07",
    "a\nb\rc\td",
    "\u202egnp.exe",
    "\u200bzero\ufeffwidth",
    "\udcff\udc80",
    "`` code ` span ``",
    "| a | b |\n---|---",
    "[link](javascript:alert(1)) ![x](https://example.org/x.png)",
    "@someone closes #12 https://example.org/ www.example.org",
    "{{ 7 * 7 }}{% raw %}",
    "$(rm -rf /)`reboot`",
    "&amp;&lt;&#60;",
    "__proto__",
    "javascript:alert(1)",
    "-->",
    "\\u003c",
    "\x00\x7f\x9b31m",
    "\U000e0041\U000e0042",
    "\ufffe\uffff",
    "\ud800 alone",
)
"""Names that mean something to somebody."""


def files(*rows: tuple[str, int, int, int, int], pulls: bool = True) -> Files:
    """A table of path, bytes, layer, category and block; folders above are put in."""
    table = Files()
    for path, size, layer, category, block in rows:
        table.add(path, size, layer=layer)
        table.categories.append(category)
        table.blocks.append(block)
    for folder in sorted({path.rpartition("/")[0] for path, *_ in rows} - {""}):
        table.add(folder, 0, kind=FOLDER, mode=0o755)
        table.categories.append(NOBODY)
        table.blocks.append(NOBODY)
    if pulls:
        table.pulls = type(table.sizes)("q", (size // 3 for size in table.sizes))
    return table


LAYERS = (
    Layer(0, "sha256:a", "", 6_270_000, 3_270_000, 0, 6, 7_000_000, 2_000_000, "gzip", "/bin/sh -c #(nop) ADD file:1 in /", is_base=True),
    Layer(
        1,
        "sha256:b",
        "",
        19_001_000,
        14_000_000,
        3_000_000,
        4,
        19_100_000,
        6_900_000,
        "gzip",
        "RUN : hpcgen 'ucx 1.18.1' 4a4f64bcd485 && ./configure",
        block=0,
        recipe="mpi_hello.py:5",
        is_base=False,
    ),
    Layer(2, "sha256:c", "", 50_000, 50_000, 5_001_000, 2, 51_200, 100_000, "gzip", "COPY hello /usr/local/bin/hello", block=1, is_base=False),
)
BLOCKS = (
    BlockBytes(
        "ucx",
        "1.18.1",
        "4a4f64bcd485",
        "block",
        "/usr/local/ucx",
        "devel",
        "mpi_hello.py:5",
        Amount(14_000_000, 4_666_666, 4_000_000),
        5_001_000,
        2,
        "marker",
    ),
    BlockBytes("recipe", kind="recipe", recipe="mpi_hello.py:9", live=Amount(50_000, 16_666, 15_000), files=1, why="manifest"),
    BlockBytes("base", kind="base", live=Amount(3_270_000, 1_090_000, 1_000_000), waste=3_000_000, files=4, why="layers"),
)
CATEGORIES = (
    CategoryBytes("shared libraries", Amount(7_000_000, 2_333_333), 2),
    CategoryBytes("documentation", Amount(70_000, 23_333), 2),
    CategoryBytes("programs", Amount(1_250_000, 416_666), 2),
    CategoryBytes("static libraries", Amount(9_000_000, 3_000_000), 1),
)
FINDINGS = (
    Finding(
        "D001",
        "documentation",
        "documentation is installed",
        "info",
        Amount(70_000, 23_333),
        evidence=(Evidence("usr/share/doc/bash/NEWS", 40_000, 0),),
        count=2,
        in_base=True,
        fix="exclude /usr/share/doc",
    ),
    Finding(
        "R001",
        "static-libraries",
        "static libraries in an image that runs programs",
        "warning",
        Amount(9_000_000, 3_000_000),
        evidence=(Evidence("usr/local/ucx/lib/libucp.a", 9_000_000, 1),),
        count=1,
        block=0,
        fix="configure with --disable-static",
    ),
    Finding(
        "G005",
        "missing-gpu-code",
        "no GPU code for sm_90",
        "error",
        evidence=(Evidence("usr/local/ucx/lib/libucp.so.0.0.0", 0, 1, "sm_80 only"),),
        count=1,
        block=0,
        fix="build for sm_90",
    ),
    Finding(
        "E001",
        "debug-data",
        "debug sections",
        "warning",
        Amount(500_000),
        "estimated",
        (Evidence("usr/bin/bash", 500_000, 0),),
        1,
        fix="strip",
        ignored="the base's own, until 2027-06-30",
    ),
)


def sample() -> Report:
    """An image of three layers: a base, a block with waste in it, and what the recipe adds."""
    table = files(
        ("usr/bin/bash", 1_200_000, 0, 2, 2),
        ("usr/lib/libc.so.6", 2_000_000, 0, 0, 2),
        ("usr/share/doc/bash/README", 30_000, 0, 1, 2),
        ("usr/share/doc/bash/NEWS", 40_000, 0, 1, 2),
        ("usr/local/ucx/lib/libucp.so.0.0.0", 5_000_000, 1, 0, 0),
        ("usr/local/ucx/lib/libucp.a", 9_000_000, 1, 3, 0),
        ("usr/local/bin/hello", 50_000, 2, 2, 1),
    )
    table.add("usr/local/ucx/lib/libucp.so.0", 0, kind=LINK, layer=1)
    table.targets[len(table) - 1] = "libucp.so.0.0.0"
    table.categories.append(0)
    table.blocks.append(0)
    assert table.pulls is not None
    table.pulls.append(0)
    wastes = Wastes()
    wastes.add("deleted", "var/lib/apt/lists/packages", 3_000_000, 0, 1)
    wastes.add("identical-rewrite", "usr/local/ucx/lib/libucp.so.0.0.0", 5_000_000, 1, 2)
    wastes.add("deleted", "tmp/small", 1_000, 1, 2)
    live, waste = sum(table.sizes), sum(wastes.sizes)
    return Report(
        Image(
            "mpi_hello:latest",
            "docker-archive",
            "sha256:1234",
            "linux/amd64",
            "2026-11-26T09:00:00Z",
            "mpi_hello.py",
            "debian:12",
            "manifest",
            "mpi_hello.tar",
        ),
        Totals(live + waste, live, waste, 12, 8, Figure.exact(9_000_000), Figure(8_000_000, 7_500_000, 8_600_000), 19_051_000, 14_050_000),
        Dive(0.8123, 13_000_000, 19_051_000, live + waste, ("dive counts the shown copy too: 5.00 MB",)),
        layers=LAYERS,
        blocks=BLOCKS,
        categories=CATEGORIES,
        findings=FINDINGS,
        gpu=(GpuBytes("sm_80", "sass", 700_000, 1), GpuBytes("sm_80", "ptx", 90_000, 1)),
        gpu_arch=("sm_90",),
        coverage=Coverage(14_050_000, 14_050_000),
        files=table,
        wastes=wastes,
        tiers=("headers", "content"),
        notes=("layers were read from the archive",),
        seconds={"headers": 0.1234, "content": 0.5},
    )


BUDGET = parse(
    "audit.toml", "[budget]\npull = '8 MB'\nrootfs = '1 TB'\nsif = '1 MB'\ndeny = ['R001', 'G005']\nwarn = ['D001', 'E*']\ndelta_pull = '+1 %'\n"
)


def full(report: Report) -> Outcome:
    """A report with a budget and a baseline."""
    growth = compare(sample(), report, name="before.json")
    return Outcome(report, judge(report, BUDGET, growth), growth)


def large() -> Report:
    """An image of 230,000 files in nine layers, with 20,000 copies that nobody sees."""
    rows = [
        (
            f"opt/conda/lib/python3.12/site-packages/p{at % 331}/m{at % 7}/file{at}.so",
            1000 + (at * 7919) % 300_000 * (1 + (at % 997 == 0) * 900),
            at % 9,
            at % 4,
            at % 3,
        )
        for at in range(230_000)
    ]
    table, wastes = files(*rows), Wastes()
    for at in range(20_000):
        wastes.add(WASTE_KINDS[at % len(WASTE_KINDS)], f"opt/conda/pkgs/p{at % 300}/f{at}", 1000 + at * 17, at % 6, 6 + at % 3)
    live, waste = sum(table.sizes), sum(wastes.sizes)
    layers = tuple(Layer(at, stored=1, live=1, instruction=f"RUN step {at} && {'x' * 3000}", block=at % 3) for at in range(9))
    return attrs.evolve(sample(), files=table, wastes=wastes, layers=layers, totals=Totals(live + waste, live, waste, files=230_000))


def whole(report: Report) -> None:
    """Raises where the parts of a report do not make up its totals."""
    totals = report.totals
    assert totals.stored == totals.live + totals.waste
    assert sum(report.files.sizes) == totals.live
    assert sum(report.wastes.sizes) == totals.waste


def grown() -> Report:
    """`sample` after a change: another version of the block, whose library grew, and a new file."""
    before = sample()
    old = before.files
    names = [path.replace("libucp.so.0.0.0", "libucp.so.0.1.0") for path in old.paths]
    sizes = type(old.sizes)(
        "q", (size + 1_000_000 if name.endswith("libucp.so.0.1.0") else size for name, size in zip(names, old.sizes, strict=True))
    )
    table = copy(old)
    table.paths, table.sizes = [*names, "opt/new"], sizes
    table.kinds = old.kinds + b"f"
    table.sizes.append(700_000)
    table.modes = old.modes + type(sizes)("q", [0o644])
    table.layers = old.layers + type(sizes)("q", [2])
    table.categories = old.categories + type(sizes)("q", [2])
    table.blocks = old.blocks + type(sizes)("q", [1])
    table.pulls = None
    first, *rest = before.blocks
    ucx = attrs.evolve(first, version="1.19.0", live=Amount(15_000_000))
    totals = attrs.evolve(
        before.totals, stored=before.totals.stored + 1_700_000, live=before.totals.live + 1_700_000, pull=Figure.exact(9_500_000), sif=None
    )
    new = Finding("C001", "package-cache", "lists of the package manager", "warning", Amount(12_000_000), fix="remove them in the same RUN")
    return attrs.evolve(before, files=table, blocks=(ucx, *rest), totals=totals, findings=(*before.findings[1:], new))


def poisoned(texts: tuple[str, ...] = HOSTILE) -> Report:
    """A report each of whose texts that may come from an image is a hostile one."""
    at = iter(range(1_000_000))

    def next_text() -> str:
        return texts[next(at) % len(texts)]

    report = sample()
    table = files(*((f"{next_text()}/{next_text()}", 100_000 + 1000 * number, number % 3, 0, number % 3) for number in range(2 * len(texts))))
    wastes = Wastes()
    for number in range(len(texts)):
        wastes.add(WASTE_KINDS[number % len(WASTE_KINDS)], f"{next_text()}/{next_text()}", 200_000 + number, number % 2, 2)
    return attrs.evolve(
        report,
        image=Image(*(next_text() for _ in attrs.fields(Image))),
        totals=attrs.evolve(report.totals, live=sum(table.sizes), waste=sum(wastes.sizes), stored=sum(table.sizes) + sum(wastes.sizes)),
        dive=attrs.evolve(report.dive, difference=(next_text(),)),
        layers=tuple(
            attrs.evolve(layer, instruction=next_text(), comment=next_text(), created=next_text(), recipe=next_text(), stage=next_text())
            for layer in report.layers
        ),
        blocks=tuple(
            attrs.evolve(block, name=next_text(), version=next_text(), recipe=next_text(), stage=next_text(), why=next_text(), prefix=next_text())
            for block in report.blocks
        ),
        categories=tuple(attrs.evolve(one, name=next_text()) for one in report.categories),
        findings=tuple(
            attrs.evolve(
                report.findings[number % 3],
                title=next_text(),
                fix=next_text(),
                evidence=tuple(Evidence(next_text(), 5, 0, next_text()) for _ in texts),
            )
            for number in range(len(texts))
        ),
        gpu=(GpuBytes(next_text(), "sass", 5, 1),),
        files=table,
        wastes=wastes,
        faults=(next_text(), next_text()),
        notes=(next_text(),),
    )


TEXTS = st.lists(
    st.one_of(st.text(), st.binary().map(lambda data: data.decode("utf-8", "surrogateescape")), st.sampled_from(HOSTILE)), min_size=1, max_size=8
)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Reports whose tables are out of chance and make up their totals."""
    names = st.lists(st.text(min_size=1).filter(lambda text: "/" not in text and text not in (".", "..")), min_size=1, max_size=5).map("/".join)
    paths = draw(st.lists(names, max_size=30, unique=True))
    sizes = st.integers(0, 10**9) | st.integers(0, 200_000)
    table = files(
        *((path, draw(sizes), draw(st.integers(0, 2)), draw(st.integers(0, 3)), draw(st.integers(-1, 2))) for path in paths),
        pulls=draw(st.booleans()),
    )
    wastes = Wastes()
    for path in draw(st.lists(names, max_size=10)):
        stored = draw(st.integers(0, 2))
        wastes.add(draw(st.sampled_from(WASTE_KINDS)), path, draw(sizes), stored, draw(st.integers(stored, 2)))
    live, waste = sum(table.sizes), sum(wastes.sizes)
    return attrs.evolve(sample(), files=table, wastes=wastes, totals=Totals(live + waste, live, waste, files=len(paths)))
