"""What an answer proves: only listed names with a 4xx status ever say that nothing happened."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config.texts import catalogue, text
from exchanges.upbit.answers import classify, error_of, explain, failure, retry_after
from exchanges.upbit.tables import ERRORS, SAME_AS
from trading.core.errors import OutcomeUnknown, Refused, StopTrading, TryLater

names = st.sampled_from(sorted(ERRORS)) | st.text(max_size=30)
errors = st.builds(
    lambda name, message: json.dumps({"error": {"name": name, "message": message}}),
    names | st.integers(0, 999),
    st.text(max_size=30),
)
bodies = (
    errors
    | st.text(max_size=60)
    | st.sampled_from(["", "null", "[]", "<html>503</html>", "Too many API requests.", "[" * 100_000])
)
headers = st.dictionaries(st.sampled_from(["Retry-After", "retry-after", "Remaining-Req"]), st.text(max_size=8))


def body(name: str | int, message: str = "m") -> str:
    return json.dumps({"error": {"name": name, "message": message}})


class TestOrders:
    @given(st.integers(100, 599), headers, bodies)
    @example(500, {}, body("insufficient_funds_bid"))
    @example(502, {}, body("order_not_found"))
    @example(400, {}, body("something_new"))
    @example(200, {}, body("insufficient_funds_bid"))
    def test_nothing_unlisted_is_ever_taken_for_a_refusal(
        self, status: int, head: dict[str, str], content: str
    ) -> None:
        error = classify(status, head, content, changes=True)
        if isinstance(error, OutcomeUnknown):
            return
        if status in (418, 429):
            assert isinstance(error, TryLater)
            return
        name, _ = error_of(json.loads(content))
        assert 400 <= status < 500
        assert type(error) is ERRORS[name]

    @pytest.mark.parametrize("name", sorted(ERRORS))
    def test_every_listed_name(self, name: str) -> None:
        error = classify(400, {}, body(name), changes=True)
        assert type(error) is ERRORS[name]
        assert error.code == SAME_AS.get(name, name)

    @pytest.mark.parametrize("name", sorted(ERRORS))
    def test_a_server_that_failed_proves_nothing(self, name: str) -> None:
        assert isinstance(classify(500, {}, body(name), changes=True), OutcomeUnknown)

    def test_a_used_name_may_be_this_very_order(self) -> None:
        assert isinstance(classify(400, {}, body("duplicated_identifier"), changes=True), OutcomeUnknown)


class TestReads:
    @given(st.integers(100, 599), headers, bodies)
    def test_a_read_has_no_outcome_to_be_unknown(self, status: int, head: dict[str, str], content: str) -> None:
        assert isinstance(classify(status, head, content, changes=False), TryLater | Refused | StopTrading)

    def test_quotation_errors_carry_numbers(self) -> None:
        assert classify(404, {}, body(404, "Code not found"), changes=False).code == "notfoundmarket"
        assert classify(400, {}, body(400, "Invalid parameter."), changes=False).code == "invalid_parameter"


class TestStayingAway:
    @pytest.mark.parametrize(
        ("head", "seconds"),
        [
            ({"Retry-After": "30"}, 30.0),
            ({"retry-after": "0.5"}, 0.5),
            ({"Retry-After": "soon"}, None),
            ({"Retry-After": "nan"}, None),
            ({"Retry-After": "-1"}, None),
            ({"Retry-After": "1e300"}, None),
            ({}, None),
        ],
    )
    def test_retry_after(self, head: dict[str, str], seconds: float | None) -> None:
        assert retry_after(head) == seconds

    @pytest.mark.parametrize("content", ["Too many API requests.", body("too_many_requests")])
    def test_429_in_both_forms(self, content: str) -> None:
        error = classify(429, {"Retry-After": "2"}, content, changes=True)
        assert isinstance(error, TryLater)
        assert (error.code, error.retry_after) == ("too_many_requests", 2.0)

    def test_a_block_told_in_words_only(self) -> None:
        error = classify(418, {}, body("too_many_requests", "Blocked for 12 seconds."), changes=True)
        assert isinstance(error, TryLater)
        assert (error.code, error.retry_after) == ("banned", 12.0)


class TestWords:
    @pytest.mark.parametrize("lang", ["ko", "en"])
    def test_the_address_is_explained(self, lang: str) -> None:
        error = classify(401, {}, body("no_authorization_i_p"), changes=False, lang=lang)
        assert isinstance(error, StopTrading)
        assert error.message == text("upbit.error.no_authorization_ip", lang)

    def test_every_stop_has_a_text(self) -> None:
        stops = {SAME_AS.get(name, name) for name, kind in ERRORS.items() if kind is StopTrading}
        assert {f"upbit.error.{name}" for name in stops} <= catalogue().keys()

    @given(st.text(min_size=8, max_size=30), st.text(max_size=200), st.text(max_size=200))
    def test_secrets_are_never_repeated(self, secret: str, before: str, after: str) -> None:
        shown = explain("unheard_of", before + secret + after, "ko", (secret,))
        assert secret not in shown or secret in "***" or secret in (before + after)
        assert len(shown) <= 200

    @pytest.mark.parametrize("code", ["timeout", "reset", "unreadable", "unreachable", "closed", "no_key", "no_funds"])
    def test_own_codes_have_texts(self, code: str) -> None:
        assert failure(TryLater, code, "en").message
