"""Questions and answers, as they are meant to be."""

from gateway_bed import GatewayBed


def test_an_answer_is_pushed(bed: GatewayBed) -> None:
    with bed.open.connected() as gateway:
        answer = next(gateway.ask("one", {"n": 7}))
    assert answer.rows == [[7]]
    assert answer.complete["rows"] == 1


def test_a_ticket_opens_a_connection(bed: GatewayBed) -> None:
    with bed.signed.connected(bed.sign_in.token) as gateway:
        assert next(gateway.ask("one", {"n": 7})).rows == [[7]]
