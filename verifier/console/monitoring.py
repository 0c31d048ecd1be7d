"""`/metrics`: what Prometheus asks for, without a sign-in: codes and counts, no names."""

from flask import Blueprint, Response

from verifier.installation import Installation
from verifier.metrics import CONTENT_TYPE, exposition


def create_monitoring(installation: Installation) -> Blueprint:
    """The page for monitoring, to be registered beside whatever the process serves."""
    bp = Blueprint("monitoring", __name__)

    @bp.get("/metrics")
    def metrics() -> Response:
        """The figures of now."""
        return Response(exposition(installation), content_type=CONTENT_TYPE)

    return bp
