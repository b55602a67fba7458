"""A story on numbered pages: the same story gives the same bytes."""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING, Any, cast

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName, PDFStream
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

from biobank_desktop.papers import style

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from reportlab.platypus import Flowable

    Furniture = Callable[[Canvas, int, int], None]
    """draws what stands on every page beside the story: canvas, page, pages"""


def document(
    story: Sequence[Flowable],
    title: str,
    furniture: Furniture,
    *,
    margins: tuple[float, float, float, float],
    keywords: Sequence[str] = (),
) -> bytes:
    """The story as a PDF. ``margins``: left, top, right, bottom in points."""
    style.use_fonts()
    stream = io.BytesIO()
    left, top, right, bottom = margins
    width, height = A4
    frame = Frame(
        left, bottom, width - left - right, height - top - bottom,
        leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
    )  # fmt: skip
    whole = BaseDocTemplate(
        stream,
        pagesize=A4,
        title=title,
        author="",
        creator="Biobank Desktop",
        keywords=list(keywords),
        invariant=1,
    )
    whole.addPageTemplates([PageTemplate(id="page", frames=[frame])])
    whole.build(list(story), canvasmaker=_numbered(furniture))
    return stream.getvalue()


def _numbered(furniture: Furniture) -> type[Canvas]:
    """A canvas that keeps its pages until it knows how many there are."""

    class Numbered(Canvas):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **{**options, "initialFontName": style.REGULAR})
            self._kept: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - reportlab's name
            self._kept.append(dict(self.__dict__))
            cast("Any", self)._startPage()  # noqa: SLF001 - reportlab has no other door

        def save(self) -> None:
            kept = self._kept
            for number, state in enumerate(kept, start=1):
                self.__dict__.update(state)
                furniture(self, number, len(kept))
                super().showPage()
            super().save()

    return Numbered


class LongPaper(Canvas):
    """A paper of thousands of pages: each is packed when it is done, so few bytes of it stay in memory.

    reportlab itself keeps pages as they were drawn and packs them all at the end.
    """

    def __init__(self, path: Path, title: str) -> None:
        style.use_fonts()
        super().__init__(str(path), pagesize=A4, invariant=1, initialFontName=cast("Any", style.REGULAR))
        self.setTitle(title)
        self.setAuthor("")
        self.setCreator("Biobank Desktop")

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        """The page is done."""
        super().showPage()
        page = cast("Any", self)._doc.Pages.pages[-1]  # noqa: SLF001 - reportlab has no other door
        packed = zlib.compress(page.stream.encode())
        page.Contents = PDFStream(PDFDictionary({"Filter": PDFName("FlateDecode")}), packed)
        page.stream = None
