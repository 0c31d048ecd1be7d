"""Why a video device gives no pictures: asked of the driver itself, because OpenCV only says no."""

import errno
import fcntl
import os
import struct

from hardware.holders import lost, lost_by
from hardware.scan import Cause, DeviceLost

_QUERY_CAPABILITIES = 0x80685600
"""VIDIOC_QUERYCAP of linux/videodev2.h: fills struct v4l2_capability."""
_REQUEST_BUFFERS = 0xC0145608
"""VIDIOC_REQBUFS: the first thing a driver refuses while somebody else streams."""
_CAPABILITY_BYTES = 104
_DEVICE_CAPABILITIES_AT = 88
_VIDEO_CAPTURE, _MAPPED = 1, 1
_CAPTURES = 0x1
"""V4L2_CAP_VIDEO_CAPTURE; the second node of a webcam has only V4L2_CAP_META_CAPTURE."""


def why_silent(path: str) -> DeviceLost:
    """The loss to report for a device that could not be opened as a camera."""
    try:
        device = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return lost_by("camera", path, error)
    try:
        return lost("camera", path, _answer(device))
    except OSError as error:
        return lost_by("camera", path, error)
    finally:
        os.close(device)


def _answer(device: int) -> Cause:
    capability = bytearray(_CAPABILITY_BYTES)
    fcntl.ioctl(device, _QUERY_CAPABILITIES, capability)
    (can,) = struct.unpack_from("I", capability, _DEVICE_CAPABILITIES_AT)
    if not can & _CAPTURES:
        return Cause.UNFIT
    try:
        fcntl.ioctl(device, _REQUEST_BUFFERS, struct.pack("5I", 1, _VIDEO_CAPTURE, _MAPPED, 0, 0))
    except OSError as error:
        if error.errno == errno.EBUSY:
            return Cause.HELD
    return Cause.SILENT
