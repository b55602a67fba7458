"""Reading printed symbols again, with an ordinary reader."""

from __future__ import annotations

import pypdfium2
import zxingcpp

_FORMATS = [
    zxingcpp.BarcodeFormat.DataMatrix,
    zxingcpp.BarcodeFormat.Code128,
    zxingcpp.BarcodeFormat.QRCode,
]


def codes_in_pdf(content: bytes, dpi: int = 300) -> list[str]:
    """Every symbol on every page of a PDF, rendered at the printer's own dots."""
    document = pypdfium2.PdfDocument(content)
    try:
        found = []
        for page in document:
            image = page.render(scale=dpi / 72).to_pil().convert("L")
            found += [barcode.text for barcode in zxingcpp.read_barcodes(image, formats=_FORMATS)]  # type: ignore[arg-type]
        return found
    finally:
        document.close()
