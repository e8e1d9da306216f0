"""Words of the pages that `python -m deploy.docs` writes."""

TEXTS: dict[str, tuple[str, str]] = {
    "docs.title": ("전략", "Strategies"),
    "docs.intro": (
        "`python -m deploy.docs`가 전략 파일에서 만든 문서입니다. 직접 고치지 마세요. "
        "지표는 닫힌 캔들의 TA-Lib 값이며, 신호는 다음 캔들이 열릴 때 실행됩니다(돌파선은 닿을 때). "
        "준비 캔들이 쌓이기 전에는 사지 않습니다. 마지막 캔들 몇 개(계산 구간)만 봐도 전체 이력을 본 것과 같은 판단이 나옵니다. "
        "매개변수의 허용 범위는 우리가 정했습니다.",
        "Made from the strategy files by `python -m deploy.docs`; not to be edited. "
        "Indicators are TA-Lib's on closed candles, and a signal acts when the next candle opens (a level when it is "
        "reached). While candles warm up nothing is bought. From the last candles of the window a decision is the same "
        "as from the whole history. The bounds of parameters are ours.",
    ),
    "docs.strategy": ("전략", "Strategy"),
    "docs.called": ("이름", "Called"),
    "docs.entry": ("진입", "Entry"),
    "docs.exit": ("청산", "Exit"),
    "docs.risk": ("위험", "Risk"),
    "docs.filters_on": ("기본으로 켜진 필터", "Filters on by default"),
    "docs.warmup": ("준비 캔들", "Warm-up"),
    "docs.window": ("계산 구간", "Window"),
    "docs.needs": ("필요한 자료", "Needs"),
    "docs.resting": ("이 전략을 쓰는 프리셋", "Presets that rest on it"),
    "docs.ours": ("우리가 정한 것", "Ours"),
    "docs.parameter": ("매개변수", "Parameter"),
    "docs.meaning": ("뜻", "Meaning"),
    "docs.default": ("기본값", "Default"),
    "docs.allowed": ("허용", "Allowed"),
    "docs.candles": ("캔들 {count}개", "{count} candles"),
    "docs.candles_only": ("자기 캔들만", "its own candles only"),
    "docs.by_filter": ("상위 시간봉 필터를 위한 {need}", "{need} for the higher timeframe filter"),
    "docs.none": ("없음", "none"),
    "docs.filters": ("진입 필터", "Entry filters"),
    "docs.filters_intro": (
        "설정으로 켜고 끌 수 있으며, 따로 정하지 않으면 전략의 기본값을 따릅니다.",
        "Switched by knobs; where a knob is not set, the strategy decides.",
    ),
    "docs.knob": ("설정", "Knob"),
    "docs.presets": ("프리셋", "Presets"),
    "docs.presets_intro": (
        "기본값과 다른 값만 담은 묶음입니다.",
        "Sets of values that differ from the defaults.",
    ),
    "docs.preset": ("프리셋", "Preset"),
    "docs.timeframe": ("캔들", "Timeframe"),
    "docs.what": ("내용과 위험", "What it does and risks"),
    "docs.to_come": ("{strategy} (아직 없음)", "{strategy} (not there yet)"),
}
