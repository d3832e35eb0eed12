"""The hosts of reference data: exchanges' lists, Shenwan's classes, dividends, suspensions."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from io import BytesIO

import pandas as pd
from fakes.hosts import Asked, FakeHosts, Handler, Reply, in_json

PAGE = "text/html; charset=gbk"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

SECURITIES = ("code", "name", "list_date", "delist_date")
MEMBERSHIP = ("code", "in_date", "sw_code", "updated")
NAME_CHANGES = ("code", "date", "before", "after")
SUSPENSIONS = ("code", "start", "end", "length", "reason")
ACTIONS = ("code", "ex_date", "cash", "bonus", "converted", "progress")


def table(columns, rows=()):
    """Rows as a frame, by the names a host's fake wants."""
    return pd.DataFrame(rows, columns=list(columns))


def serve_reference(
    hosts: FakeHosts,
    *,
    securities: pd.DataFrame | None = None,
    membership: pd.DataFrame | None = None,
    name_changes: pd.DataFrame | None = None,
    suspensions: pd.DataFrame | None = None,
    actions: pd.DataFrame | None = None,
    shenwan: Handler | None = None,
    changed: Collection[str] = (),
) -> None:
    """Let every host of reference data answer from tables.

    Parameters
    ----------
    securities
        `SECURITIES`: canonical codes, B-shares as 900901.SH; `delist_date` empty while listed.
    membership
        `MEMBERSHIP`, a row a classification.
    name_changes
        `NAME_CHANGES` of Shenzhen names.
    suspensions
        `SUSPENSIONS`: first and last day; `end` empty where none was announced.
    actions
        `ACTIONS`: amounts per 10 shares; `progress` as Eastmoney writes it.
    shenwan
        Answers for www.swsresearch.com what is not the file of classes.
    changed
        Hosts that answer in a new form: ``sse szse bse shenwan datacenter sina cninfo``.
    """
    listed = table(SECURITIES) if securities is None else securities.fillna("")
    acts = table(ACTIONS) if actions is None else actions
    renames = table(NAME_CHANGES) if name_changes is None else name_changes
    stops = table(SUSPENSIONS) if suspensions is None else suspensions.fillna("")
    classes = table(MEMBERSHIP) if membership is None else membership
    hosts.serve(r"query\.sse\.com\.cn", Shanghai(listed, "sse" in changed))
    hosts.serve(r"www\.szse\.cn", Shenzhen(listed, renames, "szse" in changed))
    hosts.serve(r"www\.bse\.cn", Beijing(listed, "bse" in changed))
    hosts.serve(r"www\.swsresearch\.com", ShenwanFile(classes, shenwan, "shenwan" in changed))
    hosts.serve(r"datacenter-web\.eastmoney\.com", DataCenter(acts, stops, "datacenter" in changed))
    hosts.serve(r"vip\.stock\.finance\.sina\.com\.cn", SinaDividends(acts, "sina" in changed))
    hosts.serve(r"webapi\.cninfo\.com\.cn", Cninfo(acts, "cninfo" in changed))


@dataclass
class Shanghai:
    """query.sse.com.cn: lists by kind of stock, 1 main board, 2 B-shares, 8 STAR."""

    securities: pd.DataFrame
    changed: bool = False

    def __call__(self, asked: Asked) -> Reply:
        kinds = asked.query["STOCK_TYPE"].split(",")
        gone = asked.query["COMPANY_STATUS"] == "3"
        rows = []
        for each in self.securities.itertuples():
            digits, exchange = each.code.split(".")
            kind = {"68": "8", "90": "2"}.get(digits[:2], "1")
            if exchange != "SH" or kind not in kinds or bool(each.delist_date) != gone:
                continue
            rows.append(
                {
                    "COMPANY_CODE": digits,
                    "A_STOCK_CODE": digits,
                    "B_STOCK_CODE": "-",
                    "SEC_NAME_CN": each.name,
                    "SEC_NAME_FULL": each.name,
                    "COMPANY_ABBR": each.name,
                    "FULL_NAME": f"{each.name}股份有限公司",
                    "LIST_DATE": each.list_date.replace("-", ""),
                    "DELIST_DATE": each.delist_date.replace("-", "") or "-",
                }
            )
        if self.changed:
            rows = [{"CODE": row["COMPANY_CODE"]} for row in rows]
        return in_json({"result": rows})


@dataclass
class Shenzhen:
    """www.szse.cn: workbooks by catalogue and tab; codes are text, long names padded."""

    securities: pd.DataFrame
    name_changes: pd.DataFrame
    changed: bool = False

    def __call__(self, asked: Asked) -> Reply:
        which = (asked.query["CATALOGID"], asked.query["TABKEY"])
        frame = {
            ("1110", "tab1"): self._listed,
            ("1793_ssgs", "tab2"): self._delisted,
            ("SSGSGMXX", "tab2"): self._renamed,
        }[which]()
        if self.changed:
            frame.columns = [f"新{name}" for name in frame.columns]
        return workbook(frame)

    def _mine(self, gone: bool) -> pd.DataFrame:
        mine = self.securities["code"].str.endswith(".SZ")
        return self.securities[mine & (self.securities["delist_date"].ne("") == gone)]

    def _listed(self) -> pd.DataFrame:
        rows = self._mine(gone=False)
        return pd.DataFrame(
            {
                "板块": "主板",
                "公司全称": rows["name"],
                "A股代码": rows["code"].str[:6],
                "A股简称": [f"{name[0]}  {name[1:]}" for name in rows["name"]],
                "A股上市日期": rows["list_date"],
                "A股总股本": "1,000,000",
                "A股流通股本": "900,000",
                "B股代码": "",
                "所属行业": "C 制造业",
            }
        )

    def _delisted(self) -> pd.DataFrame:
        rows = self._mine(gone=True)
        return pd.DataFrame(
            {
                "证券代码": rows["code"].str[:6],
                "证券简称": rows["name"],
                "上市日期": rows["list_date"],
                "终止上市日期": rows["delist_date"],
            }
        )

    def _renamed(self) -> pd.DataFrame:
        rows = self.name_changes
        return pd.DataFrame(
            {
                "变更日期": rows["date"],
                "证券代码": rows["code"].str[:6],
                "证券简称": rows["after"],
                "变更前简称": rows["before"],
                "变更后简称": rows["after"],
            }
        )


@dataclass
class Beijing:
    """www.bse.cn: 48 fields a name, known by their place, a page at a time."""

    securities: pd.DataFrame
    changed: bool = False
    per_page: int = 2

    def __call__(self, asked: Asked) -> Reply:
        page = int(re.search(rb"page=(\d+)", asked.body)[1])
        rows = self.securities[self.securities["code"].str.endswith(".BJ")]
        some = rows.iloc[page * self.per_page : (page + 1) * self.per_page]
        content = []
        for each in some.itertuples():
            fields = {f"f{place:02d}": "" for place in range(40 if self.changed else 48)}
            fields |= {"f00": each.list_date.replace("-", ""), "f22": "2024-06-30"}
            fields |= {"f38": each.code[:6], "f40": each.name}
            content.append(dict(sorted(fields.items())))
        body = [{"totalPages": -(-len(rows) // self.per_page), "content": content}]
        return Reply(f"null({json.dumps(body, ensure_ascii=False)})")


@dataclass
class ShenwanFile:
    """www.swsresearch.com: the file of every classification; other paths go to `fallback`."""

    membership: pd.DataFrame
    fallback: Handler | None = None
    changed: bool = False

    def __call__(self, asked: Asked) -> Reply:
        if not asked.path.endswith("StockClassifyUse_stock.xls"):
            return self.fallback(asked) if self.fallback else Reply("no such page", 404)
        rows = self.membership
        frame = pd.DataFrame(
            {
                "股票代码": rows["code"].str[:6],
                "计入日期": pd.to_datetime(rows["in_date"]),
                "行业代码": rows["sw_code"].astype(str),
                "更新日期": pd.to_datetime(rows["updated"]),
            }
        )
        if self.changed:
            frame = frame.rename(columns={"行业代码": "类别"})
        return workbook(frame)


@dataclass
class DataCenter:
    """datacenter-web.eastmoney.com: dividends by code, suspensions by day; columns by place."""

    actions: pd.DataFrame
    suspensions: pd.DataFrame
    changed: bool = False
    per_page: int = 2

    def __call__(self, asked: Asked) -> Reply:
        wanted = asked.query["filter"]
        if asked.query["reportName"] == "RPT_SHAREBONUS_DET":
            code = re.search(r'SECURITY_CODE="(\d{6})"', wanted)[1]
            rows = [self._action(r) for r in self.actions.itertuples() if r.code[:6] == code]
        else:
            day = re.search(r"DATETIME='([\d-]+)'", wanted)[1]
            rows = [self._stop(r) for r in self.suspensions.itertuples() if _near(r, day)]
        if not rows:
            nothing = {"result": None, "success": False, "message": "返回数据为空", "code": 9201}
            return in_json(nothing)
        if self.changed:
            rows = [{"NEW": "", **row} for row in rows]
        at = (int(asked.query["pageNumber"]) - 1) * self.per_page
        result = {
            "pages": -(-len(rows) // self.per_page),
            "data": rows[at : at + self.per_page],
            "count": len(rows),
        }
        body = {"result": result, "success": True, "message": "ok", "code": 0}
        return in_json(body)

    def _action(self, row) -> dict[str, object]:
        fields: dict[str, object] = {f"f{place:02d}": None for place in range(30)}
        ex_date = None if pd.isna(row.ex_date) or not row.ex_date else f"{row.ex_date} 00:00:00"
        whole = (row.bonus or 0) + (row.converted or 0)
        fields |= {"f00": row.code[:6], "f01": "名称", "f05": whole or None}
        fields |= {"f06": row.bonus or None, "f07": row.converted or None, "f08": row.cash or None}
        fields |= {"f11": ex_date, "f12": "2023-12-31 00:00:00", "f13": row.progress}
        return fields

    def _stop(self, row) -> dict[str, object]:
        return {
            "SECURITY_CODE": row.code[:6],
            "SECURITY_NAME_ABBR": "名称",
            "SUSPEND_START_TIME": f"{row.start} 09:30:00",
            "SUSPEND_END_TIME": f"{row.end} 15:00:00" if row.end else None,
            "SUSPEND_EXPIRE": row.length,
            "SUSPEND_REASON": row.reason,
            "TRADE_MARKET": "深交所主板",
            "SUSPEND_START_DATE": f"{row.start} 00:00:00",
            "PREDICT_RESUME_DATE": None,
            "TRADE_MARKET_CODE": "069001002001",
            "SECUCODE": row.code,
            "SECURITY_TYPE_CODE": "058001001",
        }


def _near(row, day: str) -> bool:
    """Whether a day's list holds a suspension: in force, over for a day, or starting soon."""
    asked = pd.Timestamp(day)
    soon = pd.Timestamp(row.start) <= asked + pd.Timedelta(days=3)
    over = bool(row.end) and pd.Timestamp(row.end) < asked - pd.Timedelta(days=1)
    return soon and not over


@dataclass
class SinaDividends:
    """vip.stock.finance.sina.com.cn: a page whose thirteenth table holds the dividends."""

    actions: pd.DataFrame
    changed: bool = False

    def __call__(self, asked: Asked) -> Reply:
        code = re.search(r"/stockid/(\d{6})\.phtml", asked.path)[1]
        lines = [
            f"<tr><td>2024-05-30</td><td>{row.bonus or 0}</td><td>{row.converted or 0}</td>"
            f"<td>{row.cash or 0}</td><td>{'实施' if row.progress == '实施分配' else '预案'}</td>"
            f"<td>{row.ex_date or '--'}</td><td>--</td><td>--</td><td>查看</td></tr>"
            for row in self.actions.itertuples()
            if row.code[:6] == code
        ]
        body = "".join(lines) or '<tr><td colspan="9">暂时没有数据！</td></tr>'
        before = "<table><tr><td>菜单</td><td>1</td></tr></table>" * (3 if self.changed else 12)
        head = (
            '<thead><tr><th colspan="9">分红</th></tr><tr><th rowspan="2">公告日期</th>'
            '<th colspan="3">分红方案(每10股)</th><th rowspan="2">进度</th>'
            '<th rowspan="2">除权除息日</th><th rowspan="2">股权登记日</th>'
            '<th rowspan="2">红股上市日</th><th rowspan="2">查看详细</th></tr>'
            "<tr><th>送股(股)</th><th>转增(股)</th><th>派息(税前)(元)</th></tr></thead>"
        )
        page = f'{before}<table id="sharebonus_1">{head}<tbody>{body}</tbody></table>'
        text = f"<!DOCTYPE html><html><body>{page}</body></html>"
        return Reply(text.encode("gbk"), content_type=PAGE)


@dataclass
class Cninfo:
    """webapi.cninfo.com.cn: plans carried out, by numbered fields."""

    actions: pd.DataFrame
    changed: bool = False

    def __call__(self, asked: Asked) -> Reply:
        day = "F020D" if not self.changed else "G020D"
        records = [
            {
                "F006D": "2024-05-30", "F044V": "年度分红", "F011N": row.converted or None,
                "F010N": row.bonus or None, "F012N": row.cash or None, "F018D": None,
                day: row.ex_date, "F023D": None, "F025D": None, "F007V": "", "F001V": "2023年报",
            }
            for row in self.actions.itertuples()
            if row.code[:6] == asked.query["scode"] and row.progress == "实施分配"
        ]  # fmt: skip
        return in_json({"records": records})


def workbook(frame: pd.DataFrame) -> Reply:
    """A frame as an Excel workbook, whatever the file is called."""
    body = BytesIO()
    frame.to_excel(body, index=False, engine="openpyxl")
    return Reply(body.getvalue(), content_type=XLSX)
