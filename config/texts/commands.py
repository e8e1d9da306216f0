"""Texts about commands: names of kinds and states, and why one is refused."""

TEXTS: dict[str, tuple[str, str]] = {
    # names on screens
    "commands.kind.pause": ("일시정지", "pause"),
    "commands.kind.resume": ("재개", "resume"),
    "commands.kind.set_strategy": ("전략 변경", "change strategy"),
    "commands.kind.set": ("설정 변경", "change setting"),
    "commands.kind.enter": ("진입", "enter"),
    "commands.kind.liquidate": ("청산", "liquidate"),
    "commands.kind.cancel_order": ("주문 취소", "cancel order"),
    "commands.kind.adopt": ("보유분 편입", "adopt holding"),
    "commands.kind.approve": ("승인", "approve"),
    "commands.kind.reject": ("거절", "reject"),
    "commands.kind.rearm": ("차단 해제", "rearm"),
    "commands.kind.reload": ("설정 다시 읽기", "reload settings"),
    "commands.kind.restart": ("재시작", "restart"),
    "commands.kind.stop": ("종료", "stop"),
    "commands.kind.start": ("시작", "start"),
    "commands.kind.reset": ("초기화", "reset"),
    "commands.state.accepted": ("접수됨", "accepted"),
    "commands.state.done": ("완료", "done"),
    "commands.state.failed": ("실패", "failed"),
    "commands.state.refused": ("거부됨", "refused"),
    "commands.state.expired": ("만료됨", "expired"),
    # why not: what happened, why, what to do
    "commands.hint": (" 혹시 '{name}'인가요?", " Did you mean '{name}'?"),
    "commands.unknown_kind": (
        "'{kind}'(이)라는 명령은 없어 실행하지 않았습니다.{hint}",
        "There is no command '{kind}', so nothing was done.{hint}",
    ),
    "commands.args_no_object": (
        "명령 {kind}의 args는 {{...}} 형태의 객체여야 합니다.",
        "The args of the command {kind} must be an object, {{...}}.",
    ),
    "commands.unknown_argument": (
        "명령 {kind}에는 '{name}' 인수가 없습니다. 쓸 수 있는 인수: {names}.{hint}",
        "The command {kind} takes no argument '{name}'; it takes: {names}.{hint}",
    ),
    "commands.missing_argument": (
        "명령 {kind}에 필요한 인수 '{name}'이(가) 없습니다. 넣어서 다시 보내 주세요.",
        "The command {kind} needs the argument '{name}'; add it and send again.",
    ),
    "commands.one_of": (
        "명령 {kind}에는 다음 중 정확히 하나가 필요합니다: {names}.",
        "The command {kind} needs exactly one of: {names}.",
    ),
    "commands.wrong_value": (
        "인수 '{name}'의 값 '{value}'을(를) 쓸 수 없습니다. 올바른 형태: {wanted}.",
        "The value '{value}' of '{name}' cannot be used; expected: {wanted}.",
    ),
    "commands.unknown_name": (
        "'{value}'은(는) 알 수 없는 {name} 값입니다.{hint}",
        "'{value}' is not a known {name}.{hint}",
    ),
    "commands.wrong_symbol": (
        "종목 '{value}'을(를) 알 수 없습니다: {reason}",
        "The symbol '{value}' is not known: {reason}",
    ),
    "commands.not_a_file": (
        "command.json 자리에 일반 파일이 아닌 것({what})이 있어 읽지 않고 치웠습니다.",
        "In the place of command.json there was no plain file ({what}); it was not read and moved away.",
    ),
    "commands.foreign_owner": (
        "command.json의 소유자가 다른 사용자(uid {uid})라서 읽지 않았습니다. 봇과 같은 사용자로 보내 주세요.",
        "command.json belongs to another user (uid {uid}) and was not read; send it as the user the bot runs as.",
    ),
    "commands.too_large": (
        "명령 파일이 {size}바이트로 64 kB를 넘어 읽지 않았습니다. 나누어 보내 주세요.",
        "The command file has {size} bytes, more than 64 kB, and was not read; send it in parts.",
    ),
    "commands.too_deep": (
        "명령 파일의 괄호가 8단계보다 깊어 읽지 않았습니다.",
        "The command file is nested deeper than 8 levels and was not read.",
    ),
    "commands.no_json": (
        "명령 파일이 올바른 JSON이 아닙니다({reason}). rejected 폴더의 사본을 고쳐 다시 보내 주세요.",
        "The command file is no valid JSON ({reason}); mend the copy in the folder rejected and send it again.",
    ),
    "commands.newer_schema": (
        "명령 파일의 형식 번호 {schema}은(는) 이 봇보다 새롭습니다. 봇을 업데이트해 주세요.",
        "The command file has schema {schema}, newer than this bot; update the bot.",
    ),
    "commands.no_command": (
        '명령 파일에 명령이 없습니다. 예: {{"kind": "pause"}}',
        'The command file holds no command; an example: {{"kind": "pause"}}',
    ),
    "commands.unknown_field": (
        "명령에 알 수 없는 항목 '{name}'이(가) 있습니다. 인수는 args 안에 넣어 주세요.{hint}",
        "The command has an unknown field '{name}'; arguments belong into args.{hint}",
    ),
    "commands.wrong_field": (
        "명령의 항목 '{name}' 값 '{value}'을(를) 쓸 수 없습니다.",
        "The field '{name}' of the command cannot be '{value}'.",
    ),
    "commands.unreadable": (
        "명령 파일을 읽을 수 없습니다: {reason}. 파일 권한을 확인해 주세요.",
        "The command file cannot be read: {reason}; look at its permissions.",
    ),
    "commands.stuck": (
        "command.json을 옮길 수 없습니다: {reason}. 직접 치워 주세요.",
        "command.json cannot be moved: {reason}; remove it by hand.",
    ),
    "commands.expired": (
        "명령이 {late}초 늦게 도착해 만료되었습니다. 필요하면 다시 보내 주세요.",
        "The command came {late} s too late and has expired; send it again if it is still wanted.",
    ),
    "commands.busy": (
        "다른 프로그램이 명령 파일을 잡고 있어 명령을 보내지 못했습니다. 잠시 뒤 다시 시도해 주세요.",
        "Another program holds the command file, so the command was not sent; try again in a moment.",
    ),
    "commands.full": (
        "봇이 아직 읽지 않은 명령이 너무 많아 보내지 못했습니다. 봇이 실행 중인지 확인해 주세요.",
        "Too many commands wait unread, so this one was not sent; see whether the bot runs.",
    ),
}
