"""OpenCV's detector as an engine, to show what other readers do: the program does without it."""

import cv2

from kiosk.reading.engines import Code, Grey, Sight, corners_of


class OpenCV:
    """OpenCV's own detector, through its interface for bytes: that for texts raises
    UnicodeDecodeError on Shift_JIS.
    """

    name = "opencv"

    def __init__(self) -> None:
        self._detector = cv2.QRCodeDetector()

    def read(self, grey: Grey) -> Sight:
        """All codes."""
        try:
            _, texts, corners, _ = self._detector.detectAndDecodeBytesMulti(grey)
        except cv2.error:
            return Sight()  # its geometry fails on some patterns that are no codes
        if corners is None:
            return Sight()
        pairs = [(text, corners_of(points)) for text, points in zip(texts, corners, strict=True)]
        return Sight(
            tuple(Code(text.decode("utf-8", "replace"), place) for text, place in pairs if text),
            tuple(place for text, place in pairs if not text),
        )
