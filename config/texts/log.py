"""Lines of the bot's log and of its status block."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "log.yes": ("예", "yes"),
    "log.no": ("아니오", "no"),
    "log.all": ("전체", "all"),
    "log.unwritable": (
        "로그를 {folder} 에 쓸 수 없습니다({why}). 디스크 공간과 권한을 확인하세요. 거래는 계속됩니다.",
        "The log in {folder} cannot be written ({why}); check disk space and permissions. Trading goes on.",
    ),
    # life of the process
    "log.start": (
        "시작: 모드 {mode}, 거래소 {venues}, 전략 {strategy}, 버전 {version}, pid {pid}",
        "Start: mode {mode}, venues {venues}, strategy {strategy}, version {version}, pid {pid}",
    ),
    "log.ready": ("준비 완료: {venue} 거래를 시작합니다", "Ready: {venue} begins to trade"),
    "log.stopping": (
        "종료 중: {why}. 진행 중인 주문을 마무리합니다",
        "Stopping: {why}. Orders under way are being finished",
    ),
    "log.stop": ("종료: {why}", "Stop: {why}"),
    "log.restart": ("같은 인수로 다시 시작합니다", "Starting again with the same arguments"),
    "log.pause": (
        "일시정지: {venue}, 요청 {by}. 진입만 멈추고 청산은 계속됩니다",
        "Paused: {venue}, by {by}. Entries are off, exits go on",
    ),
    "log.resume": ("재개: {venue}, 요청 {by}", "Resumed: {venue}, by {by}"),
    "log.late_rounds": (
        "한 단계가 {seconds}초 걸려 {rounds}회를 건너뛰었습니다",
        "A step took {seconds} s; {rounds} rounds were skipped",
    ),
    # decisions
    "log.hold": (
        "{venue} {symbol} [HOLD] 진입 보류: {gate} {numbers}",
        "{venue} {symbol} [HOLD] entry held back: {gate} {numbers}",
    ),
    "log.wait": (
        "{venue} {symbol} [WAIT] 데이터 부족: 캔들 {have}/{need}",
        "{venue} {symbol} [WAIT] not enough data: candles {have}/{need}",
    ),
    "log.strategy_failed": (
        "{venue} {symbol}: 전략 {strategy} 이(가) 오류를 내어 이번 캔들은 건너뜁니다. 청산은 계속됩니다",
        "{venue} {symbol}: the strategy {strategy} failed, so this candle is skipped; exits go on",
    ),
    # orders
    "log.order_sent": (
        "주문 전송: {venue} {symbol} {side}, 수량 {quantity}, 금액 {amount}, 번호 {order}",
        "Order sent: {venue} {symbol} {side}, quantity {quantity}, amount {amount}, id {order}",
    ),
    "log.bought": (
        "매수 완료: {venue} {symbol}, 수량 {quantity}, 가격 {price}, 금액 {amount} {currency}, 전략 {strategy}",
        "Bought: {venue} {symbol}, quantity {quantity}, price {price}, amount {amount} {currency}, strategy {strategy}",
    ),
    "log.sold": (
        "매도 완료: {venue} {symbol}, 수량 {quantity}, 가격 {price}, 금액 {amount} {currency}, 사유 {reason}, "
        "손익 {pnl} {currency} ({pnl_percent} %)",
        "Sold: {venue} {symbol}, quantity {quantity}, price {price}, amount {amount} {currency}, reason {reason}, "
        "profit {pnl} {currency} ({pnl_percent} %)",
    ),
    "log.order_rejected": (
        "주문 거부: {venue} {symbol} {side}, 이유 {why}",
        "Order rejected: {venue} {symbol} {side}, because {why}",
    ),
    "log.order_unknown": (
        "주문 결과를 모릅니다: {venue} {symbol} {side}, 번호 {order}. 거래소에 확인하며 그동안 이 종목은 진입하지 않습니다",
        "Outcome of an order unknown: {venue} {symbol} {side}, id {order}; the venue is being asked, and the symbol "
        "takes no entry until then",
    ),
    "log.order_ended": (
        "주문 종료: {venue} {symbol} {side}, 상태 {state}, 체결 {filled}",
        "Order over: {venue} {symbol} {side}, state {state}, filled {filled}",
    ),
    "log.slippage": (
        "슬리피지 경고: {venue} {symbol} 매도가 {price}, 예상 {expected}, 차이 {slippage_percent} % (기준 {limit_percent} %)",
        "Slippage: {venue} {symbol} sold at {price}, expected {expected}, {slippage_percent} % off "
        "(alert at {limit_percent} %)",
    ),
    "log.approval": (
        "승인 대기: {venue} {symbol} {side} {amount}, 번호 {order}, {expires_ms} 까지",
        "Waiting for approval: {venue} {symbol} {side} {amount}, id {order}, until {expires_ms}",
    ),
    # latches
    "log.latch": (
        "차단: {venue} {gate} {detail}. 해제하려면 rearm 명령을 보내세요",
        "Latched: {venue} {gate} {detail}; send the command rearm to lift it",
    ),
    "log.rearm": ("차단 해제: {venue} {gate}, 요청 {by}", "Latch lifted: {venue} {gate}, by {by}"),
    # the account
    "log.reconciled": (
        "대조 완료: {venue}, 차이 {differences}건, 남의 보유분 {foreign}건",
        "Reconciled: {venue}, {differences} differences, {foreign} foreign holdings",
    ),
    "log.not_reconciled": (
        "대조 실패: {venue}, 이유 {why}. 진입하지 않고 청산은 계속됩니다",
        "Not reconciled: {venue}, because {why}; no entries, exits go on",
    ),
    "log.difference": (
        "장부와 계좌의 차이: {venue} {name}, 종류 {kind}, 수량 {quantity}, 조치 {action} {detail}",
        "Ledger and account differ: {venue} {name}, kind {kind}, quantity {quantity}, action {action} {detail}",
    ),
    "log.ledger_lost": (
        "장부에 쓸 수 없습니다({why}). 진입을 멈추고 청산은 예비 기록으로 계속합니다. 디스크와 데이터베이스를 확인하세요",
        "The ledger cannot be written ({why}); entries are off, exits go on by the journal. Check disk and database",
    ),
    "log.ledger_back": ("장부에 다시 쓸 수 있습니다", "The ledger can be written again"),
    # venues and feeds
    "log.venue_lost": (
        "거래소 연결 끊김: {venue}, 이유 {why}. 연결될 때까지 진입하지 않습니다",
        "Venue lost: {venue}, because {why}; no entries until it is back",
    ),
    "log.venue_back": ("거래소 연결 복구: {venue}, {seconds}초 만", "Venue back: {venue}, after {seconds} s"),
    "log.venue_stopped": (
        "거래 중단: {venue}, 이유 {why}. API 키, 권한, 허용 IP를 확인하고 다시 시작하세요",
        "Trading stopped: {venue}, because {why}; check key, permission and allowed address, then start again",
    ),
    "log.clock_lost": (
        "시뮬레이터 시계가 응답하지 않아 마지막 시각에서 이어 갑니다",
        "The simulator's clock does not answer; its last time is carried on",
    ),
    "log.unguarded": (
        "시세를 받지 못해 손절이 작동할 수 없습니다: {venue} {symbols}, 이유 {why}. 거래소에서 직접 확인하세요",
        "No prices come, so no stop can act: {venue} {symbols}, because {why}; look at the venue yourself",
    ),
    "log.not_listed": (
        "{venue}에 없는 종목은 건너뜁니다: {symbols}",
        "{venue} does not list these, they are left out: {symbols}",
    ),
    "log.candle_revised": (
        "캔들 정정: {venue} {symbol} {candle_ms} 캔들이 처음 본 것과 다릅니다",
        "Candle revised: {venue} {symbol}, the one of {candle_ms} is not as first seen",
    ),
    # settings
    "log.setting_applied": ("설정 적용: {name} {old} → {new}", "Setting applied: {name} {old} -> {new}"),
    "log.settings_same": ("설정 파일이 저장되었지만 바뀐 값은 없습니다", "Settings were saved without any change"),
    "log.setting_rejected": (
        "설정 거부, 이전 값을 그대로 씁니다: {problem}",
        "Setting rejected, the earlier values stay: {problem}",
    ),
    "log.override_dropped": (
        "명령으로 바꾼 값 해제: {name} = {value}. .env 에서 나중에 바꾼 값이 우선합니다",
        "Override dropped: {name} = {value}; the later change in .env counts",
    ),
    "log.setting_notice": ("설정 안내: {notice}", "About the settings: {notice}"),
    # commands
    "log.command_done": ("명령 완료: {kind}, 요청 {by}. {detail}", "Command done: {kind}, by {by}. {detail}"),
    "log.command_refused": ("명령 거부: {kind}, 요청 {by}. {detail}", "Command refused: {kind}, by {by}. {detail}"),
    "log.command_failed": ("명령 실패: {kind}, 요청 {by}. {detail}", "Command failed: {kind}, by {by}. {detail}"),
    "log.command_expired": ("명령 만료: {kind}, 요청 {by}. {detail}", "Command expired: {kind}, by {by}. {detail}"),
    # the rest
    "log.error": ("오류: {where}, {why}", "Error: {where}, {why}"),
    "log.file_failed": (
        "파일 {file} 을(를) 쓸 수 없습니다({why}). 다음 단계에서 다시 씁니다",
        "The file {file} cannot be written ({why}); the next step tries again",
    ),
    "log.notice_failed": (
        "텔레그램 알림을 보내지 못했습니다({why}). 토큰, 대화 번호, 인터넷을 확인하세요. 거래는 계속됩니다",
        "A Telegram notice could not be sent ({why}); check token, chat id and internet. Trading goes on",
    ),
    "log.notice_back": ("텔레그램 알림이 다시 전송됩니다", "Telegram notices are sent again"),
    "log.job": ("작업 {name}: {result}", "Job {name}: {result}"),
    "log.status": ("상태 보고\n{block}", "Status\n{block}"),
    # why a position was left
    "log.reason.stop_loss": ("손절(stop_loss)", "stop-loss (stop_loss)"),
    "log.reason.atr_stop": ("ATR 손절(atr_stop)", "ATR stop (atr_stop)"),
    "log.reason.trailing_stop": ("추적 손절(trailing_stop)", "trailing stop (trailing_stop)"),
    "log.reason.emergency_stop": ("긴급 손절(emergency_stop)", "emergency stop (emergency_stop)"),
    "log.reason.liquidation_guard": ("강제청산 방지(liquidation_guard)", "liquidation guard (liquidation_guard)"),
    "log.reason.take_profit": ("익절(take_profit)", "take-profit (take_profit)"),
    "log.reason.time_cut": ("보유 시간 초과(time_cut)", "held long enough (time_cut)"),
    "log.reason.exit_signal": ("청산 신호(exit_signal)", "exit signal (exit_signal)"),
    "log.reason.liquidation": ("강제청산(liquidation)", "liquidated (liquidation)"),
    "log.reason.command": ("명령(command)", "command (command)"),
    "log.reason.kill_switch": ("비상 정지(kill_switch)", "kill switch (kill_switch)"),
    "log.reason.manual": ("직접 매도(manual)", "sold by hand (manual)"),
    # what account and ledger did not agree on, and what was done
    "log.kind.ours": ("우리 주문", "ours"),
    "log.kind.foreign": ("사용자 보유분", "foreign"),
    "log.kind.manual": ("직접 거래", "traded by hand"),
    "log.kind.deposit": ("입금", "deposit"),
    "log.kind.withdrawal": ("출금", "withdrawal"),
    "log.kind.liquidation": ("강제청산", "liquidation"),
    "log.kind.dust": ("자투리", "dust"),
    "log.kind.missing": ("부족", "missing"),
    "log.kind.stranger": ("다른 봇의 주문", "another bot's order"),
    "log.kind.unresolved": ("확인 중인 주문", "an order in doubt"),
    "log.action.booked": ("장부에 기록", "booked"),
    "log.action.cancel_asked": ("취소 요청", "cancellation asked"),
    "log.action.listed": ("표시만 함", "listed"),
    "log.action.kept_foreign": ("건드리지 않음", "left alone"),
    "log.action.foreign_reduced": ("사용자 보유분에서 뺌", "taken off the foreign holding"),
    "log.action.ignored": ("무시", "ignored"),
    "log.action.entries_off": ("진입 중지", "entries off"),
    "log.action.waiting": ("기다리는 중", "waiting"),
    # the block of every five minutes
    "log.block_head": (
        "{time} | 모드 {mode} | 상태 {status}",
        "{time} | mode {mode} | {status}",
    ),
    "log.block_total": (
        "전체: 평가 자산 {equity} KRW, 오늘 손익 {day_pnl} KRW ({day_pnl_percent})",
        "All: equity {equity} KRW, today {day_pnl} KRW ({day_pnl_percent})",
    ),
    "log.block_venue": (
        "[{venue}] 전략 {strategy} | 시장 {condition} | 상태 {state}",
        "[{venue}] strategy {strategy} | market {condition} | {state}",
    ),
    "log.block_money": (
        "  현금 {cash} {currency} | 평가 자산 {equity} {currency} | 오늘 손익 {day_pnl} {currency} ({day_pnl_percent})",
        "  cash {cash} {currency} | equity {equity} {currency} | today {day_pnl} {currency} ({day_pnl_percent})",
    ),
    "log.block_record": (
        "  승률 {win_rate} | 켈리 {kelly} | 오늘 거래 {trades}/{max_trades} | 보유 {positions}/{max_positions}",
        "  win rate {win_rate} | Kelly {kelly} | trades today {trades}/{max_trades} | positions "
        "{positions}/{max_positions}",
    ),
    "log.block_position": (
        "  - {symbol}: 수량 {quantity}, 매수가 {entry}, 현재가 {last}, 손익 {pnl} {currency} ({pnl_percent}), "
        "보유 {hours}시간",
        "  - {symbol}: quantity {quantity}, entry {entry}, last {last}, profit {pnl} {currency} ({pnl_percent}), "
        "held {hours} h",
    ),
    "log.block_no_position": ("  보유 종목 없음", "  no positions"),
    "log.block_unlimited": ("무제한", "no limit"),
    "log.block_unknown": ("모름", "unknown"),
    "log.condition.bullish": ("강세", "bullish"),
    "log.condition.bearish": ("약세", "bearish"),
    "log.condition.neutral": ("중립", "neutral"),
    "log.state.warming_up": ("준비 중", "warming up"),
    "log.state.running": ("실행 중", "running"),
    "log.state.paused": ("일시정지", "paused"),
    "log.state.halted": ("거래 중단", "halted"),
    "log.state.stopping": ("종료 중", "stopping"),
    "log.state.stopped": ("종료됨", "stopped"),
    "log.state.connecting": ("연결 중", "connecting"),
    "log.state.reconciling": ("대조 중", "reconciling"),
    "log.state.ready": ("준비됨", "ready"),
    "log.state.degraded": ("불안정", "degraded"),
    "log.state.closed": ("장 마감", "closed"),
}
