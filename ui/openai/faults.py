"""Errors as OpenAI's clients expect them: a status, and one line that names the remedy."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from rag.errors import (
    AnswererError,
    GazetteError,
    IndexStateError,
    QuestionError,
    StorageError,
)

_CLIENT_LEFT = 499
"""Nobody reads it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a request gets no answer."""

    status: int
    """Of HTTP."""
    message: str
    param: str | None = None
    """The part of the request that is at fault, such as ``messages[0].content``."""
    code: str | None = None

    @property
    def body(self) -> dict[str, dict[str, str | None]]:
        """The object that stands in place of an answer, or of a piece of one."""
        kind = "invalid_request_error" if self.status < 500 else "server_error"
        message = " ".join(self.message.split())
        return {"error": {"message": message, "type": kind, "param": self.param, "code": self.code}}

    def response(self) -> JSONResponse:
        """The whole response. The official client asks no second time what will fail again."""
        return JSONResponse(self.body, self.status, headers={"x-should-retry": "false"})


class RequestError(Exception):
    """A request that cannot be taken."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def refused(status: int, message: str, param: str | None = None, code: str = "") -> RequestError:
    """The error to raise for a request that cannot be taken."""
    return RequestError(Fault(status, message, param, code or None))


def fault_of(error: Exception) -> Fault:
    """What a client is told of ``error``; of a defect only its kind."""
    match error:
        case RequestError():
            return error.fault
        case HTTPException():
            return Fault(error.status_code, error.detail)
        case ClientDisconnect():
            return Fault(_CLIENT_LEFT, "the client left")
        case QuestionError():
            return Fault(400, str(error), "messages", "invalid_question")
        case IndexStateError() | StorageError():
            return Fault(503, str(error), code="index_unavailable")
        case AnswererError():
            return Fault(503, str(error), code="answerer_unavailable")
        case GazetteError():
            return Fault(500, str(error), code="internal_error")
    return Fault(
        500,
        f"internal error ({type(error).__name__}): the terminal that runs gazette chat says more; "
        "ask again, or restart it",
        code="internal_error",
    )
