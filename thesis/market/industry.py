"""The 31 Shenwan level 1 industries of 2021, and how classification codes name them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Industry:
    """A Shenwan level 1 industry.

    Attributes
    ----------
    code
        Its index, such as ``801760.SI``.
    prefix
        First two of the six digits of every classification code in it.
    """

    code: str
    prefix: str
    name: str
    name_zh: str


INDUSTRIES = tuple(
    Industry(f"{digits}.SI", prefix, name, name_zh)
    for digits, prefix, name, name_zh in (
        ("801010", "11", "agriculture", "农林牧渔"),
        ("801030", "22", "chemicals", "基础化工"),
        ("801040", "23", "steel", "钢铁"),
        ("801050", "24", "non-ferrous metals", "有色金属"),
        ("801080", "27", "electronics", "电子"),
        ("801110", "33", "household appliances", "家用电器"),
        ("801120", "34", "food and beverage", "食品饮料"),
        ("801130", "35", "textiles and apparel", "纺织服饰"),
        ("801140", "36", "light manufacturing", "轻工制造"),
        ("801150", "37", "pharmaceuticals", "医药生物"),
        ("801160", "41", "utilities", "公用事业"),
        ("801170", "42", "transport", "交通运输"),
        ("801180", "43", "real estate", "房地产"),
        ("801200", "45", "retail", "商贸零售"),
        ("801210", "46", "social services", "社会服务"),
        ("801230", "51", "conglomerates", "综合"),
        ("801710", "61", "building materials", "建筑材料"),
        ("801720", "62", "construction", "建筑装饰"),
        ("801730", "63", "power equipment", "电力设备"),
        ("801740", "65", "defence", "国防军工"),
        ("801750", "71", "computer", "计算机"),
        ("801760", "72", "media", "传媒"),
        ("801770", "73", "communications", "通信"),
        ("801780", "48", "banks", "银行"),
        ("801790", "49", "non-bank finance", "非银金融"),
        ("801880", "28", "autos", "汽车"),
        ("801890", "64", "machinery", "机械设备"),
        ("801950", "74", "coal", "煤炭"),
        ("801960", "75", "petrochemicals", "石油石化"),
        ("801970", "76", "environment", "环保"),
        ("801980", "77", "beauty care", "美容护理"),
    )
)
_BY_PREFIX = {industry.prefix: industry for industry in INDUSTRIES}


def industry_of(classification: str) -> Industry | None:
    """The industry of a Shenwan classification code.

    Parameters
    ----------
    classification
        Six digits, as ``720502``.

    Returns
    -------
    Industry or None
        None for codes of older schemes whose industry has no index today, such as ``210202``
        (mining). Prefixes the schemes share name the same index, though its scope has changed:
        before 2021-07-30 ``22`` held petrochemicals too.

    Examples
    --------
    >>> industry_of("720502").name, industry_of("210202")
    ('media', None)
    """
    return _BY_PREFIX.get(classification[:2])
