"""How a camera is set: resolution, rate, format and focus, as OpenCV's properties."""

from typing import Literal

import cv2
from pydantic import BaseModel, ConfigDict, Field


class CameraSettings(BaseModel):
    """What a camera is asked for. It may do otherwise: drivers take the nearest they have."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    width: int = Field(default=1280, ge=320, le=4096)
    height: int = Field(default=720, ge=240, le=3072)
    rate: int = Field(default=30, ge=5, le=60)
    """Pictures a second."""
    pixels: Literal["MJPG", "YUYV"] = "MJPG"
    """Raw YUV at 720p does not fit through USB 2 faster than 10 pictures a second."""
    autofocus: bool | None = None
    """None leaves the camera's own habit."""
    focus: int | None = Field(default=None, ge=0, le=1023)
    """A fixed distance in the camera's own steps; switches the autofocus off."""

    def properties(self) -> tuple[tuple[int, float], ...]:
        """OpenCV's properties and values, in the order in which drivers want them.

        The format decides which sizes there are and the size which rates; a focus is only taken
        by a camera whose autofocus is off.
        """
        asked: list[tuple[int, float]] = [
            (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*self.pixels)),
            (cv2.CAP_PROP_FRAME_WIDTH, self.width),
            (cv2.CAP_PROP_FRAME_HEIGHT, self.height),
            (cv2.CAP_PROP_FPS, self.rate),
            (cv2.CAP_PROP_BUFFERSIZE, 1),
        ]
        if self.focus is not None:
            asked += [(cv2.CAP_PROP_AUTOFOCUS, 0), (cv2.CAP_PROP_FOCUS, self.focus)]
        elif self.autofocus is not None:
            asked.append((cv2.CAP_PROP_AUTOFOCUS, int(self.autofocus)))
        return tuple(asked)


ORDINARY = CameraSettings()
