"""The made-up people, goods and words of the demo. Nobody here exists: every name says that it is a sample, telephone
numbers are of ranges that no subscriber has, addresses are of example.com."""
import random

KOREAN = (
    "김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 류 홍".split(),
    "하나 두리 세미 나래 다솜 라온 마루 바다 사랑 아라 자람 차미 가온 누리 도담 루나 미르 보라 새봄 은별 "
    "지음 초롱 푸름 해솔 가람 나린 다온 로운 모아 별하 소담 여울 윤슬 이든 찬솔 한결 해나 온유 예솔 단비".split(),
)
CHINESE = (
    "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙".split(),
    "小一 小二 小三 小四 小五 小六 小七 小八 小九 大一 大二 大三 大四 大五 大六 大七".split(),
)
ENGLISH = (
    "Ann Bob Cleo Dan Eve Fay Gus Hal Ida Jon Kay Leo May Ned Oda Pam Quin Ray Sue Tom".split(),
    "A. B. C. D. E. F. G. H.".split(),
)

# Goods: name, list price in won, months in which they are on the shelf.
SPRING, SUMMER, AUTUMN, WINTER = (2, 3, 4, 5), (5, 6, 7, 8), (8, 9, 10, 11), (11, 12, 1, 2)
ALL_YEAR = tuple(range(1, 13))
FASHION = [
    ("BASIC-SOCKS", 9000, ALL_YEAR), ("BASIC-TIGHTS", 15000, ALL_YEAR), ("BASIC-TEE", 29000, ALL_YEAR),
    ("BASIC-SLIP", 39000, ALL_YEAR), ("BASIC-SHIRT", 59000, ALL_YEAR), ("BASIC-JEANS", 89000, ALL_YEAR),
    ("SPRING-SCARF", 45000, SPRING), ("SPRING-BLOUSE", 79000, SPRING), ("SPRING-CARDIGAN", 109000, SPRING),
    ("SPRING-TRENCH", 289000, SPRING), ("SUMMER-SANDALS", 49000, SUMMER), ("SUMMER-LINEN", 69000, SUMMER),
    ("SUMMER-DRESS", 129000, SUMMER), ("SUMMER-SUIT", 239000, SUMMER), ("AUTUMN-KNIT", 99000, AUTUMN),
    ("AUTUMN-SKIRT", 119000, AUTUMN), ("AUTUMN-JACKET", 219000, AUTUMN), ("AUTUMN-HANDBAG", 329000, AUTUMN),
    ("WINTER-GLOVES", 49000, WINTER), ("WINTER-SWEATER", 139000, WINTER), ("WINTER-COAT", 459000, WINTER),
    ("WINTER-CASHMERE", 590000, WINTER),
]
BEAUTY = [
    ("BASIC-MASK", 4000, ALL_YEAR), ("BASIC-HANDCREAM", 12000, ALL_YEAR), ("BASIC-TONER", 24000, ALL_YEAR),
    ("BASIC-LOTION", 32000, ALL_YEAR), ("BASIC-SERUM", 68000, ALL_YEAR), ("BASIC-CREAM", 98000, ALL_YEAR),
    ("SPRING-LIP", 28000, SPRING), ("SPRING-CUSHION", 45000, SPRING), ("SUMMER-SUNCREAM", 26000, SUMMER),
    ("SUMMER-MIST", 19000, SUMMER), ("AUTUMN-AMPOULE", 120000, AUTUMN), ("AUTUMN-PERFUME", 165000, AUTUMN),
    ("WINTER-BALM", 36000, WINTER), ("WINTER-RITUAL", 240000, WINTER),
]
GIFT = "FESTIVAL-GIFT-SET"

# What customers complain about: topic, their words.
COMPLAINTS = [
    ("단추", "두 번 입었는데 단추가 떨어졌어요"), ("색 빠짐", "한 번 빨았는데 색이 빠졌습니다"),
    ("사이즈", "표시된 사이즈보다 작아요"), ("대기", "계산대에서 너무 오래 기다렸어요"),
    ("배송", "선물이 추석 전에 오지 않았습니다"), ("服务", "店员没有听我说完"), ("质量", "拉链第一天就坏了"),
    ("过敏", "用了面霜以后皮肤发红"), ("Seam", "The seam came open at dinner"),
    ("Price", "The shelf said less than the till"), ("포장", "선물 포장이 찢어져 있었어요"),
]
# Cases that are played by hand, one desk over all stores: where opened, how it came, hours after the Monday of the
# week; then a row an act: where, hours after the one before, what, and what it is told.
CASES = [
    ("haeundae", "phone", 34, """
        haeundae   0.1  step listen
        haeundae   0.1  step empathise
        haeundae   0.1  step apologise
        haeundae   0.5  route region
        desk       3    step cause
        desk       1    step explain
        desk       1    step propose
        desk       2    step compensate | kind=refund; cost=79000
        desk       40   step outcome | satisfied=yes; score=5"""),
    ("myeongdong", "counter", 60, """
        myeongdong 0.1  step listen
        myeongdong 1    pause the customer is travelling
        myeongdong 70   resume -
        myeongdong 1    step explain | skip-reason=the customer asked for the cause first"""),
    ("seogwipo", "counter", 11.2, """
        seogwipo   4    step listen
        desk       3    step listen
        desk       165  step empathise
        desk       0.2  step apologise
        desk       1    route company"""),
    ("seogwipo", "counter", 83, """
        seogwipo   0.1  step listen
        seogwipo   0.1  step empathise
        seogwipo   0.1  step apologise
        seogwipo   30   step outcome | satisfied=no; score=2; skip-reason=settled at the counter
        desk       140  reopen -
        desk       1    step listen
        desk       1    step compensate | kind=gift; cost=24000; skip-reason=known from the first round
        desk       26   step outcome | satisfied=yes; score=4"""),
    ("desk", "hotline", 105, """
        desk       0.1  step listen"""),
    ("haeundae", "third-party", 2723, ""),  # the last forenoon of the year
]
PURPOSES = ["thanks for the purchase", "does it fit", "miss you", "new collection", "birthday"]
FINDINGS = ["잘 맞는다고 하심", "가을 신상에 관심 있음", "很满意，下周再来", "Will bring her sister", "딸 선물을 찾으심"]


def full_width(text):
    """As some keyboards type it."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


class Names:
    """Names one after the other, each once."""

    def __init__(self, dice: random.Random):
        korean = [f"데모 {family}{given}" for family in KOREAN[0] for given in KOREAN[1]]
        chinese = [f"样例·{family}{given}" for family in CHINESE[0] for given in CHINESE[1]]
        english = [f"Test {first} {middle}" for first in ENGLISH[0] for middle in ENGLISH[1]]
        self.left = {"ko": korean, "zh": chinese, "en": english}
        for names in self.left.values():
            dice.shuffle(names)

    def take(self, language):
        return self.left[language].pop()


def phone(language, number):
    """(as written nationally, as written internationally) of a number that nobody has: Korean mobile numbers do not go
    on with 0000, Chinese ones do not begin with 100, American ones keep 555-01xx for stories."""
    if language == "ko":
        return f"010-0000-{number:04}", f"+82 10-0000-{number:04}"
    if language == "zh":
        return f"+86 100 0000 {number:04}", f"0086-100-0000-{number:04}"
    text = f"{202 + number // 100 % 100}-555-01{number % 100:02}"
    return f"+1 {text}", f"+1 ({text[:3]}) {text[4:]}"
