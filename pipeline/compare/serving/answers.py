"""Check before the load that every layout answers every workload, in the same way and with the same bytes."""

import hashlib
from collections.abc import Mapping

import httpx

from pipeline.compare.experiment import ExperimentPlan
from pipeline.compare.serving.balancer import Balancer
from pipeline.compare.serving.workloads import Requests, Workload, answer_of
from pipeline.core.errors import TandemError
from pipeline.local.waiting import wait_until

_SECONDS = 30.0
_COMPARED = 20
"""Paths of a workload whose answers are compared."""
_HINT = "tandem compare serving --quick"


def require_equal_answers(
    balancer: Balancer, plan: ExperimentPlan, requests: Mapping[Workload, Requests]
) -> None:
    """Every layout must answer every workload as it says, with the same bytes.

    Raises:
        TandemError: one does not answer within half a minute, or answers something else.
    """
    with httpx.Client(timeout=_SECONDS, trust_env=False) as client:
        for case in plan.cases:
            case_requests = requests[Workload(case)]
            answers = {name: _answers(client, balancer, name, case_requests) for name in plan.variants}
            first = plan.variants[0]
            for name, answer in answers.items():
                if answer != answers[first]:
                    raise TandemError(
                        f"{name} and {first} answer workload {case} differently: there is nothing to compare",
                        hint=_HINT,
                    )


def _answers(client: httpx.Client, balancer: Balancer, variant: str, requests: Requests) -> str:
    """A hash of what a variant answers to some of the requests."""
    headers = {"Host": balancer.host(variant), **dict(requests.headers)}
    digest = hashlib.sha256()
    for path in requests.paths[:: max(len(requests.paths) // _COMPARED, 1)]:
        response = _answer(client, balancer.url + path, headers)
        if response is None or response.status_code != httpx.codes.OK:
            status = "nothing" if response is None else f"status {response.status_code}"
            raise TandemError(f"{variant} does not serve {path}: it answers with {status}", hint=_HINT)
        answer = answer_of(response.headers)
        if requests.answer not in {answer, None}:
            raise TandemError(
                f"{variant} answers {path} {answer}: the workload is about answers {requests.answer}",
                hint=_HINT,
            )
        digest.update(answer.encode())
        digest.update(response.content)
    return digest.hexdigest()


def _answer(client: httpx.Client, url: str, headers: dict[str, str]) -> httpx.Response | None:
    """The first good answer, or the last bad one: nginx may be starting."""
    last: list[httpx.Response] = []

    def answered() -> bool:
        try:
            last.append(client.get(url, headers=headers))
        except httpx.HTTPError:
            return False
        return last[-1].status_code == httpx.codes.OK

    wait_until(answered, _SECONDS, every=0.2)
    return last[-1] if last else None
