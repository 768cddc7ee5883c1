"""What the routes answer."""

import base64
import os

from django.http import HttpRequest, JsonResponse


def health(_: HttpRequest) -> JsonResponse:
    """Answers while the API works; says which version of the function answered."""
    return JsonResponse({"status": "ok", "version": os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "unknown")})


def echo(request: HttpRequest) -> JsonResponse:
    """What arrived, as Django sees it; two cookies go back."""
    answer = JsonResponse(
        {
            "method": request.method,
            "query": dict(request.GET.lists()),
            "cookies": request.COOKIES,
            "secure": request.is_secure(),
            "body": base64.b64encode(request.body).decode(),
        }
    )
    answer.set_cookie("first", "1")
    answer.set_cookie("second", "2")
    return answer
