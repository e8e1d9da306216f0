"""Upbit's error replies: for each name its HTTP status and message."""

from __future__ import annotations

from typing import Any

ERRORS: dict[str, tuple[int, str]] = {
    "bad_request": (400, "잘못된 요청입니다."),
    "validation_error": (400, "잘못된 API 요청입니다. 누락된 파라미터가 없는지 확인해주세요."),
    "invalid_parameter": (400, "잘못된 파라미터"),
    "QUERY_PARAMETER_NOT_SUPPORTED": (400, "이 API는 쿼리 파라미터 형식의 요청만 지원합니다."),
    "create_ask_error": (400, "주문 요청 정보가 올바르지 않습니다."),
    "create_bid_error": (400, "주문 요청 정보가 올바르지 않습니다."),
    "insufficient_funds_ask": (400, "주문 가능한 금액({asset})이 부족합니다."),
    "insufficient_funds_bid": (400, "주문 가능한 금액({asset})이 부족합니다."),
    "under_min_total_ask": (400, "최소 주문 금액 이상으로 주문해주세요. 최소 주문 금액은 {minimum} KRW입니다."),
    "under_min_total_bid": (400, "최소 주문 금액 이상으로 주문해주세요. 최소 주문 금액은 {minimum} KRW입니다."),
    "over_krw_funds_bid": (400, "최대 주문 가능 금액 {maximum} KRW 보다 작은 주문을 입력해 주세요."),
    "volume_too_large": (400, "주문 수량이 최대 주문 가능 수량을 넘었습니다."),
    "invalid_price_ask": (400, "주문 가격 단위를 잘못 입력하셨습니다. 확인 후 시도해주세요."),
    "invalid_price_bid": (400, "주문 가격 단위를 잘못 입력하셨습니다. 확인 후 시도해주세요."),
    "invalid_volume_ask": (400, "주문 수량을 잘못 입력하셨습니다. 확인 후 시도해주세요."),
    "invalid_volume_bid": (400, "주문 수량을 잘못 입력하셨습니다. 확인 후 시도해주세요."),
    "invalid_funds": (400, "주문 금액을 잘못 입력하셨습니다. 확인 후 시도해주세요."),
    "invalid_time_in_force": (400, "주문조건을 다시 확인해 주세요."),
    "invalid_post_only": (400, "post_only 주문에는 자전거래 체결 방지 옵션을 함께 쓸 수 없습니다."),
    "duplicated_identifier": (400, "이미 사용된 identifier 입니다."),
    "notfoundmarket": (400, "다음 마켓에 없는 종목입니다: {market}"),
    "withdraw_address_not_registered": (400, "등록되지 않은 출금 주소입니다."),
    "invalid_query_payload": (401, "Failed to verify the query of Jwt."),
    "jwt_verification": (401, "Jwt 토큰 검증에 실패했습니다."),
    "expired_access_key": (401, "만료된 엑세스 키입니다."),
    "nonce_used": (401, "이미 사용된 nonce 값입니다."),
    "no_authorization_ip": (401, "인증되지 않은 IP입니다."),
    "no_authorization_i_p": (401, "인증되지 않은 IP입니다."),
    "no_authorization_token": (401, "인증 토큰이 없습니다."),
    "invalid_access_key": (401, "잘못된 엑세스 키입니다."),
    "out_of_scope": (401, "권한이 부족합니다."),
    "market_offline": (403, "시스템 점검 중입니다. 점검이 완료된 후에 다시 시도해주세요."),
    "open_api_withdraw_locked": (403, "Open API 출금이 잠겨 있습니다."),
    "order_not_found": (404, "주문을 찾지 못했습니다."),
    "pocket_not_found": (404, "포켓을 찾지 못했습니다."),
    "currency_not_found": (404, "해당 화폐를 찾지 못했습니다."),
    "not_found": (404, "요청한 경로를 찾지 못했습니다."),
    "internal_server_error": (500, "Internal Server Error"),
}

INVALID_VALUE = "Invalid parameter. Check the given value!"
TYPE_MISMATCH = "Type mismatch error. Check the parameters type!"
MISSING_PARAMETER = "Missing request parameter error. Check the required parameters!"
UNKNOWN_CODE = "Code not found"


class UpbitError(Exception):
    """A refusal: HTTP status and the value of "error" in its body."""

    def __init__(self, status: int, name: str | int, message: str) -> None:
        super().__init__(f"{status} {name}")
        self.status, self.name, self.message = status, name, message

    @property
    def body(self) -> dict[str, Any]:
        """The JSON body."""
        return {"error": {"name": self.name, "message": self.message}}


def refusal(name: str, status: int | None = None, **values: object) -> UpbitError:
    """The error of the exchange API called `name`; `values` fill its message."""
    default, message = ERRORS[name]
    return UpbitError(status or default, name, message.format(**values))


def quotation_error(message: str) -> UpbitError:
    """An error of the quotation API, whose name is its status as a number."""
    status = 404 if message == UNKNOWN_CODE else 400
    return UpbitError(status, status, message)
