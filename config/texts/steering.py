"""What became of commands, for outcomes.json and the log."""

TEXTS: dict[str, tuple[str, str]] = {
    "steering.paused": ("진입을 멈췄습니다. 청산은 계속됩니다.", "Entries are off; exits go on."),
    "steering.resumed": ("진입을 다시 시작합니다.", "Entries are on again."),
    "steering.strategy": (
        "{strategy} 전략을 다음 캔들부터 적용합니다.",
        "The strategy {strategy} applies from the next candle on.",
    ),
    "steering.set": ("{knob} = {value} (으)로 바꿨습니다.", "{knob} is now {value}."),
    "steering.unset": ("{knob} 을(를) 설정 파일의 값으로 되돌렸습니다.", "{knob} follows the settings files again."),
    "steering.not_ready": (
        "{venue}이(가) 아직 준비되지 않았습니다. 잠시 뒤 다시 시도하세요.",
        "{venue} is not ready yet; try again in a moment.",
    ),
    "steering.venue_off": ("{venue}은(는) 켜져 있지 않습니다.", "{venue} is not on."),
    "steering.not_listed": ("{symbol}: {venue}에 없는 종목입니다.", "{symbol}: {venue} does not list it."),
    "steering.held": (
        "{symbol}: 이미 보유 중이거나 주문이 진행 중입니다.",
        "{symbol}: already held or an order is under way.",
    ),
    "steering.no_price": ("{symbol}: 현재가를 받지 못했습니다.", "{symbol}: no price is known."),
    "steering.gate": ("진입이 막혔습니다: {gate} {numbers}", "A gate refused the entry: {gate} {numbers}"),
    "steering.entered": (
        "{symbol} {quantity}개를 {price}에 매수했습니다.",
        "Bought {quantity} of {symbol} at {price}.",
    ),
    "steering.order_failed": ("주문이 체결되지 않았습니다: {why}", "The order was not filled: {why}"),
    "steering.liquidated": ("{count}개 종목을 모두 매도했습니다.", "All of {count} symbols were sold."),
    "steering.nothing_held": ("보유한 종목이 없어 매도할 것이 없습니다.", "Nothing is held, so nothing was sold."),
    "steering.cancelled": ("주문을 취소했습니다: {state}", "The order was cancelled: {state}"),
    "steering.no_order": ("{order}: 그런 주문이 없습니다.", "{order}: there is no such order."),
    "steering.adopted": (
        "{symbol} {quantity}개를 {price}에 편입했습니다.",
        "Adopted {quantity} of {symbol} at {price}.",
    ),
    "steering.not_adopted": ("편입하지 못했습니다: {why}", "Not adopted: {why}"),
    "steering.approved": ("승인했습니다.", "Approved."),
    "steering.rejected": ("거절했습니다.", "Rejected."),
    "steering.no_approval": ("{order}: 승인을 기다리는 주문이 아닙니다.", "{order}: no order waits under this id."),
    "steering.rearmed": ("차단을 해제했습니다: {gates}", "Latches lifted: {gates}"),
    "steering.no_latch": ("해제할 차단이 없습니다.", "There is no latch to lift."),
    "steering.reloaded": ("설정을 다시 읽었습니다.", "The settings were read again."),
    "steering.stopping": ("종료합니다.", "Stopping."),
    "steering.restarting": ("다시 시작합니다.", "Starting again."),
    "steering.running": ("이미 실행 중입니다.", "Already running."),
    "steering.reset": ("기록을 보관하고 처음부터 시작합니다.", "Archived; beginning anew."),
    "steering.reset_refused": (
        "{mode} 모드에서는 초기화할 수 없습니다. demo와 paper에서만 됩니다.",
        "The mode {mode} cannot be reset, only demo and paper.",
    ),
    "steering.timeout": (
        "{seconds}초 안에 끝나지 않았습니다. 남은 처리는 계속됩니다: {left}",
        "Not over within {seconds} s; it goes on: {left}",
    ),
    "steering.ledger": ("장부에 쓸 수 없습니다: {why}", "The ledger cannot be written: {why}"),
    "steering.expired_by_stop": ("봇이 멈춰 있는 동안 만료되었습니다.", "It lapsed while the bot was down."),
    "steering.live_first": (
        "{mode}에서는 이 명령을 쓸 수 없습니다.",
        "This command is not available in the mode {mode}.",
    ),
}
