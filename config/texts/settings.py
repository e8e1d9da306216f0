"""Sentences about settings: errors, notices, warnings, `check --explain`, the `.env` template."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "settings.where_line": ("{file} {line}번째 줄: ", "{file} line {line}: "),
    "settings.where_file": ("{file}: ", "{file}: "),
    "settings.nearest": (" 혹시 {nearest}입니까?", " Did you mean {nearest}?"),
    # errors
    "settings.error_unknown": (
        "{name}: 그런 설정 이름은 없으니 이름을 고치거나 지우십시오.{nearest}",
        "{name} is not a setting, so correct or remove the name.{nearest}",
    ),
    "settings.error_range": (
        "{name}={value}: 허용 범위 {allowed}를 벗어났으니 범위 안의 값으로 고치십시오{hint}.",
        "{name}={value} is outside the allowed range {allowed}, so set a value inside it{hint}.",
    ),
    "settings.hint_range": (
        " (비율이므로 {hint} = {value} %)",
        " (it is a fraction: {hint} means {value} %)",
    ),
    "settings.error_number": (
        "{name}={value}: 숫자가 아니니 {allowed} 범위의 숫자로 고치십시오.",
        "{name}={value} is not a number, so set a number in {allowed}.",
    ),
    "settings.error_whole": (
        "{name}={value}: 정수가 아니니 {allowed} 범위의 정수로 고치십시오.",
        "{name}={value} is not a whole number, so set a whole number in {allowed}.",
    ),
    "settings.error_truth": (
        "{name}={value}: 켬/끔 값이 아니니 {allowed} 가운데 하나로 고치십시오.",
        "{name}={value} is neither on nor off, so set one of {allowed}.",
    ),
    "settings.error_choice": (
        "{name}={value}: 고를 수 없는 값이니 {allowed} 가운데 하나로 고치십시오.{nearest}",
        "{name}={value} is not one of the choices, so set one of {allowed}.{nearest}",
    ),
    "settings.error_word": (
        "{name}={value}: 이름 모양이 아니니 영문 소문자, 숫자, 밑줄로 적으십시오.",
        "{name}={value} is not a name, so write it in lower-case letters, digits and underscores.",
    ),
    "settings.error_list": (
        "{name}={value}: 목록이 아니니 BTC,ETH처럼 쉼표로 나누어 500개까지 적으십시오.",
        "{name}={value} is not a list, so write up to 500 names with commas, like BTC,ETH.",
    ),
    "settings.error_empty": (
        "{name}: 값이 비어 있으니 값을 적으십시오 (허용: {allowed}).",
        "{name} is empty, so give it a value (allowed: {allowed}).",
    ),
    "settings.error_parameter": (
        "{name}={value}: 전략 매개변수의 값이 아니니 숫자, 글자, true 또는 false로 적으십시오.",
        "{name}={value} cannot be a strategy parameter, so write a number, a word, true or false.",
    ),
    "settings.error_parameter_unknown": (
        "{name}: 실행 중인 전략에는 그런 매개변수가 없으니 고치거나 지우십시오 (있는 것: {allowed}).{nearest}",
        "{name} is no parameter of the running strategy, so correct or remove it (it has: {allowed}).{nearest}",
    ),
    "settings.error_not_per_venue": (
        "{name}: 이 설정은 거래소별로 나눌 수 없으니 {allowed}(으)로 적으십시오.",
        "{name} cannot differ by venue, so write it as {allowed}.",
    ),
    "settings.error_own_option": (
        "{name}: 백테스트에서는 --set으로 정하지 않으니 {hint}.",
        "{name} is not set by --set in a backtest, so {hint}.",
    ),
    "settings.hint_own_option": ("{hint} 옵션을 쓰십시오", "use the option {hint}"),
    "settings.error_not_in_backtest": (
        "{name}: 백테스트에는 없는 설정이니 지우십시오.",
        "{name} means nothing in a backtest, so leave it out.",
    ),
    "settings.error_ambiguous": (
        "{name}={value}: {value} %인지 비율인지 알 수 없으니 HAETAE_ 이름으로 비율을 적으십시오{hint}.",
        "{name}={value} could be percent or a fraction, so write the fraction under its HAETAE_ name{hint}.",
    ),
    "settings.hint_ambiguous": (" ({value} %라면 {hint})", " ({hint} if you mean {value} %)"),
    "settings.error_contradiction": (
        "{name}: kelly_min({value})이 kelly_max({allowed})보다 크니 둘 중 하나를 고치십시오.",
        "{name}: kelly_min ({value}) is above kelly_max ({allowed}), so change one of them.",
    ),
    "settings.error_research_only": (
        "{name}={value}: 백테스트에서만 쓸 수 있으니 {allowed} 가운데 하나로 고치십시오.",
        "{name}={value} is for backtests only, so set one of {allowed}.",
    ),
    "settings.error_unconfirmed": (
        "{name}={value}: 실제 돈으로 거래하려면 확인이 필요하니 .env에 LIVE_TRADING_CONFIRM=I_UNDERSTAND를 적으십시오.",
        "{name}={value} trades real money and is not confirmed, so write LIVE_TRADING_CONFIRM=I_UNDERSTAND in .env.",
    ),
    "settings.error_fixed": (
        "{name}: 실행 중에는 바꿀 수 없어 아무것도 적용하지 않았으니 되돌리거나 봇을 다시 시작하십시오.",
        "{name} cannot change while the bot runs, so nothing was applied: undo the change or restart the bot.",
    ),
    "settings.error_syntax": (
        "이름=값 꼴이 아니라 읽을 수 없으니 그 줄을 고치거나 앞에 #을 붙이십시오.",
        "this line is not NAME=value and cannot be read, so correct it or put # before it.",
    ),
    "settings.error_encoding": (
        "UTF-8 글자가 아니라 읽을 수 없으니 편집기에서 UTF-8로 다시 저장하십시오.",
        "this is not UTF-8 text and cannot be read, so save the file as UTF-8 in your editor.",
    ),
    "settings.error_unreadable": (
        "파일을 열 수 없으니{hint} 권한과 경로를 확인하십시오.",
        "the file cannot be opened{hint}, so check its permissions and path.",
    ),
    "settings.hint_unreadable": (" ({hint})", " ({hint})"),
    "settings.error_too_large": (
        "설정 파일이 {allowed}보다 커서 읽지 않았으니 올바른 파일인지 확인하십시오.",
        "the file is larger than {allowed} and was not read, so check that it is the right one.",
    ),
    "settings.error_vanished": (
        "파일이 없어졌거나 비어 있어 이전 설정을 그대로 쓰니 파일을 되살리거나 봇을 다시 시작하십시오.",
        "the file is gone or empty, so the earlier settings stay: restore the file or restart the bot.",
    ),
    # notices
    "settings.notice_twice": (
        "{file} {line}번째 줄: {name}이(가) {first}번째 줄에도 있어 {line}번째 줄의 값을 씁니다.",
        "{file} line {line}: {name} also stands on line {first}; line {line} counts.",
    ),
    "settings.notice_misspelt": (
        "{file} {line}번째 줄: {name}은(는) 모르는 이름이라 쓰지 않습니다. 혹시 {nearest}입니까?",
        "{file} line {line}: {name} is not known and not used. Did you mean {nearest}?",
    ),
    "settings.notice_override": (
        "저장된 변경 하나를 쓸 수 없어 건너뜁니다: {reason_ko}",
        "A stored change cannot be used and is skipped: {reason}",
    ),
    "settings.notice_override_fixed": (
        "저장된 변경 {name}은(는) 시작할 때만 정할 수 있어 건너뜁니다.",
        "The stored change of {name} is skipped: it can only be set at the start.",
    ),
    "settings.notice_tuned": (
        "자동 조정 파일을 쓸 수 없어 건너뜁니다: {reason_ko}",
        "The file of tuned values cannot be used and is skipped: {reason}",
    ),
    # warnings
    "settings.warning_take_under_costs": (
        "{venue}: 익절 {take}이(가) 왕복 수수료 {costs} 이하라서 익절해도 손해입니다.",
        "{venue}: take-profit {take} does not cover the fees of both sides, {costs}; it would take a loss.",
    ),
    "settings.warning_evaluate_under_loop": (
        "{venue}: evaluate_seconds가 loop_seconds({loop})보다 짧아 {loop}초마다 평가합니다.",
        "{venue}: evaluate_seconds is shorter than loop_seconds ({loop}); entries are evaluated every {loop} s.",
    ),
    "settings.warning_hold_crossed": (
        "{venue}: 최대 보유 {most}분이 최소 보유 {least}분 이하라서 익절과 추적 손절이 작동하지 않습니다.",
        "{venue}: the longest hold ({most} min) is within the shortest ({least} min); "
        "take-profit and trailing stop never act.",
    ),
    "settings.warning_live_without_limits": (
        "{venue}: 실거래인데 프리셋 {preset}의 일일 손실, 낙폭, 자본 한도가 모두 꺼져 있습니다.",
        "{venue}: live with preset {preset}, and daily loss, drawdown and capital limits are all off.",
    ),
    "settings.warning_preset_venue": (
        "{venue}: 프리셋 {preset}은(는) {venues}용입니다.",
        "{venue}: preset {preset} is made for {venues}.",
    ),
    "settings.warning_no_stop": (
        "{venue}: 손절과 ATR 손절이 모두 꺼져 있어 비상 손절 {emergency}만 남습니다.",
        "{venue}: fixed and ATR stop are both off; only the emergency stop at {emergency} is left.",
    ),
    "settings.warning_stop_under_emergency": (
        "{venue}: 손절 {stop}보다 비상 손절 {emergency}이(가) 먼저 작동합니다.",
        "{venue}: the emergency stop at {emergency} acts before the stop at {stop}.",
    ),
    "settings.beside_holding_preset": (
        "프리셋 {name}: 기록된 시계열 {tried}개의 표본 외 구간에서 비용을 빼고 단순 보유를 이긴 것은 {beat}개, "
        "그중 돈을 번 것은 {earned}개입니다 (docs/results.ko.md).",
        "preset {name}: out of sample, after costs, it beat buy and hold on {beat} of {tried} recorded series and "
        "earned money on {earned} of these (docs/results.md).",
    ),
    "settings.beside_holding_strategy": (
        "전략 {name}: 기록된 시계열 {tried}개의 표본 외 구간에서 비용을 빼고 단순 보유를 이긴 것은 {beat}개, "
        "그중 돈을 번 것은 {earned}개입니다 (docs/results.ko.md).",
        "strategy {name}: out of sample, after costs, it beat buy and hold on {beat} of {tried} recorded series and "
        "earned money on {earned} of these (docs/results.md).",
    ),
    # explain
    "settings.place_line": ("{file} {line}번째 줄", "{file} line {line}"),
    "settings.layer_default": ("기본값", "default"),
    "settings.layer_preset": ("프리셋 {where}", "preset {where}"),
    "settings.layer_tuned": ("자동 조정, {where}", "tuned, {where}"),
    "settings.layer_env_file": ("{where}", "{where}"),
    "settings.layer_environment": ("환경 변수", "process environment"),
    "settings.layer_command_line": ("명령줄", "command line"),
    "settings.layer_override": ("실행 중 변경 {where}", "override {where}"),
    "settings.explain_value": ("{name} = {value}  ({place})", "{name} = {value}  (from {place})"),
    "settings.explain_range": ("허용: {allowed}{unit}", "allowed: {allowed}{unit}"),
    "settings.explain_default": ("기본값: {default}", "default: {default}"),
    "settings.explain_recommended": ("권장: {recommended}", "recommended: {recommended}"),
    "settings.explain_scope": (".env 이름: {name}", "name in .env: {name}"),
    "settings.explain_scope_venue": (", 거래소별 {name}", ", per venue {name}"),
    "settings.explain_fixed": (
        "실행 중에는 바꿀 수 없고 다시 시작할 때 적용됩니다.",
        "cannot change while the bot runs; a restart applies it.",
    ),
    "settings.explain_old": ("예전 이름: {names}", "older names: {names}"),
    "settings.explain_account_unset": ("{name}: 설정하지 않음", "{name}: not set"),
    # units
    "settings.unit_fraction": ("비율, 0.05 = 5 %", "fraction, 0.05 = 5 %"),
    "settings.unit_amount": ("거래소 통화 금액", "amount in the venue's currency"),
    "settings.unit_times": ("배", "times"),
    "settings.unit_count": ("개수", "count"),
    "settings.unit_minutes": ("분", "minutes"),
    "settings.unit_seconds": ("초", "seconds"),
    "settings.unit_candles": ("캔들", "candles"),
    "settings.unit_ticks": ("호가 단위", "ticks"),
    "settings.unit_bps": ("bp, 1 bp = 0.01 %", "basis points, 1 bp = 0.01 %"),
    "settings.unit_price": ("가격", "price"),
    "settings.unit_quantity": ("수량", "quantity"),
    # sections of the template and of forms
    "settings.section_run": ("무엇을 실행할지", "What runs"),
    "settings.section_universe": ("거래할 종목", "What is traded"),
    "settings.section_money": ("자본과 주문 크기", "Capital and size"),
    "settings.section_futures": ("선물", "Futures"),
    "settings.section_exits": ("청산: 익절과 손절", "Exits: take-profit and stops"),
    "settings.section_filters": ("진입 조건 필터", "Entry filters"),
    "settings.section_limits": ("한도와 쉬는 시간", "Limits and cooldowns"),
    "settings.section_live": ("실거래", "Live trading"),
    "settings.section_loop": ("실행 주기", "Timing"),
    "settings.section_orders": ("주문 안전장치", "Order gates"),
    "settings.section_tuning": ("자동 조정", "Self-tuning"),
    "settings.section_report": ("목표 (보고서용)", "Targets (reports only)"),
    "settings.section_research": ("백테스트 비용", "Backtest costs"),
    "settings.section_screen": ("화면", "Screens"),
}
