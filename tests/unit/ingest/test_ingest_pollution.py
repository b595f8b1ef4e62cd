"""One clean table, spoiled in all the ways that files are spoiled in, is read as it was meant, and every record is accounted for."""

from __future__ import annotations

import csv
import io
import random

import pytest

from recengine.columns import Reject
from recengine.ingest.parse import parse, parse_to, write_table
from recengine.ingest.sniff import find_marks

HEADER = ["order day", "hour", "qty", "sku", "price", "kind", "description", "address", "remark"]
KINDS = ["Lamp", "Garden Chair", "Children's Bed", "Tea Cup Set", "Rug"]


def clean_rows(n: int = 40, seed: int = 3) -> list[list[str]]:
    rng = random.Random(seed)
    rows = []
    for k in range(n):
        text = rng.choice(["Soft, warm and light", 'Round 48" top, solid', "Made by hand, it won't fade", 'The 5" one, in "sea" blue'])
        day = f"{rng.randint(1, 28):02}/{rng.randint(1, 12):02}/2023"
        price = f"${rng.randint(1, 99)}.{rng.randint(0, 99):02}"
        sku = f"{rng.choice('ABCD')}{rng.choice('XYZ')}-{rng.randint(0, 9999):04}"
        row = [day, f"{k % 24:02}:15", str(rng.randint(0, 9)), sku, price, rng.choice(KINDS), text, f"https://shop.example/{k}.html", ""]
        rows.append(row)
    return rows


def written(rows: list[list[str]], sep=",", quote='"', escape='"', end="\r\n", header: list[list[str]] | None = None) -> str:
    """Description and address are quoted in every row, as many exports do; what needs quotes is quoted too."""
    lines = []
    for row in (header if header is not None else [HEADER]) + rows:
        cells = []
        for k, cell in enumerate(row):
            wanted = k in (6, 7) or (sep.strip() and sep in cell) or quote in cell
            body = cell.replace(quote, escape + quote)
            cells.append(quote + body + quote if wanted else cell)
        lines.append(sep.join(cells))
    return "".join(line + end for line in lines)


ROWS = clean_rows()


def read_back(tmp_path, text: str | bytes):
    path, out = tmp_path / "spoiled.csv", tmp_path / "out.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    report = parse_to(path, out)
    assert report.physical == report.rows + report.rejected + report.skipped
    table = list(csv.reader(io.StringIO(out.read_text(encoding="utf-8"), newline="")))
    return report, table


@pytest.mark.parametrize("sep", [";", "\t", "|", ", ", "^", "~", "::", "||", "|~|", "，", "\x01", "; "])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_delimiter_with_any_line_end(tmp_path, sep, end):
    report, table = read_back(tmp_path, written(ROWS, sep=sep, end=end))
    assert report.delimiter == sep
    assert table == [HEADER, *ROWS]


def test_spaces_between_cells_and_inside_one_unquoted_column(tmp_path):
    report, table = read_back(tmp_path, written(ROWS, sep=" ", header=[[name.replace(" ", "_") for name in HEADER]]))
    assert report.delimiter == " "
    assert table[1:] == ROWS


@pytest.mark.parametrize(("quote", "escape"), [('"', '"'), ('"', "\\"), ("'", "'"), ("'", "\\")])
def test_quotes_and_escapes(tmp_path, quote, escape):
    report, table = read_back(tmp_path, written(ROWS, quote=quote, escape=escape))
    assert (report.quote, report.escape) == (quote, "\\" if escape == "\\" else "")
    assert table == [HEADER, *ROWS]


@pytest.mark.parametrize("quote", ['"', "'"])
def test_quotes_that_nobody_escaped(tmp_path, quote):
    report, table = read_back(tmp_path, written(ROWS, quote=quote, escape=""))
    assert table == [HEADER, *ROWS]
    assert any("stray quote" in note for note in report.notes)


@pytest.mark.parametrize("column", range(9))
@pytest.mark.parametrize("row", [0, 1, 17, 40])
def test_one_stray_quote_anywhere(tmp_path, row, column):
    lines = written(ROWS).split("\r\n")
    at = -1
    for _ in range(column):  # where the cell begins, quotes respected
        at = next(
            k for k in range(at + 1, len(lines[row])) if lines[row][k] == "," and lines[row][:k].replace('""', "").count('"') % 2 == 0
        )
    lines[row] = lines[row][: at + 1] + '"' + lines[row][at + 1 :]
    want = [list(cells) for cells in [HEADER, *ROWS]]
    want[row][column] = '"' + want[row][column]
    report, table = read_back(tmp_path, "\r\n".join(lines))
    assert table == want
    assert report.rejected == 0


@pytest.mark.parametrize("change", ["short", "long"])
def test_ragged_rows_are_told_and_written_as_they_are(tmp_path, change):
    spoiled = [list(row) for row in ROWS]
    spoiled[11] = spoiled[11][:-2] if change == "short" else [*spoiled[11], "more"]
    report, table = read_back(tmp_path, written(spoiled))
    assert table == [HEADER, *spoiled]
    assert (report.rows, report.rejected, report.odd_rows) == (39, 1, 1)
    assert report.left_out[0][Reject.LINE] == 13
    assert report.left_out[0][Reject.REASON].endswith("cells instead of 9")
    assert report.left_out[0][Reject.OFFSET] == written(spoiled[:11]).encode().__len__()


def test_no_header_and_header_only_and_one_row_and_nothing(tmp_path):
    assert read_back(tmp_path, written(ROWS, header=[]))[1] == ROWS
    assert read_back(tmp_path, written([]))[1] == [HEADER]
    assert read_back(tmp_path, written(ROWS[:1]))[1] == [HEADER, ROWS[0]]
    assert read_back(tmp_path, "")[1] == []
    assert read_back(tmp_path, written(ROWS).rstrip("\r\n"))[1] == [HEADER, *ROWS]
    assert read_back(tmp_path, written(ROWS) + "\r\n\r\n")[1] == [HEADER, *ROWS]


@pytest.mark.parametrize("times", [2, 3])
def test_a_header_in_several_rows(tmp_path, times):
    report, table = read_back(tmp_path, written(ROWS, header=[HEADER] * times))
    assert table == [[" ".join([name] * times) for name in HEADER], *ROWS]
    assert list(report.names) == HEADER  # a mapping calls a column by its name once
    units = ["d/m/y", "h:m", "pieces", "code", "dollar", "word", "text", "link", "free"]
    report, table = read_back(tmp_path, written(ROWS, header=[HEADER, units]))
    assert list(report.names)[:2] == ["order day d/m/y", "hour h:m"]
    assert table[1:] == ROWS


@pytest.mark.parametrize("above", ["Sales report,,,,,,,,\r\n,,,,,,,,\r\n", "Sales report\r\nof March, 2023\r\n\r\n"])
def test_lines_above_the_header(tmp_path, above):
    report, table = read_back(tmp_path, above + written(ROWS))
    assert table == [HEADER, *ROWS]
    assert report.skipped == above.count("\r\n")
    assert {row[Reject.REASON] for row in report.left_out} == {"line above the header"}


def test_totals_and_a_footer(tmp_path):
    report, table = read_back(tmp_path, written(ROWS) + "Total,,182,,$912.50,,,,\r\n\r\nExported by the shop system\r\n")
    assert table == [HEADER, *ROWS]
    assert [row[Reject.REASON] for row in report.left_out] == ["totals row", "blank line", "line below the last record"]


def test_a_shopper_called_total_is_no_total(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("user,item,time\n1,2,2020-01-01\nTotal,3,2020-01-02\n")
    assert parse(path).table.num_rows == 2


@pytest.mark.parametrize("width", [7, 10])
def test_another_table_below(tmp_path, width):
    other = [[*row, "x"][:width] for row in [HEADER, *ROWS]]
    report, table = read_back(tmp_path, written(ROWS) + "\r\n" + written(other, header=[]))
    assert table == [HEADER, *ROWS]
    assert sum("another table" in row[Reject.REASON] for row in report.left_out) == 41


def test_daily_logs_glued_together_repeat_the_header(tmp_path):
    report, table = read_back(tmp_path, written(ROWS[:20]) + written(ROWS[20:]))
    assert table == [HEADER, *ROWS]
    assert [(row[Reject.LINE], row[Reject.REASON]) for row in report.left_out] == [(22, "header again")]


def test_mixed_line_ends(tmp_path):
    ends = ["\r\n", "\n", "\r"]
    lines = written(ROWS, end="\n").split("\n")[:-1]
    assert read_back(tmp_path, "".join(line + ends[k % 3] for k, line in enumerate(lines)))[1] == [HEADER, *ROWS]


@pytest.mark.parametrize("told", ["sep=;", '"sep=;"', "sep=|"])
def test_excel_tells_the_delimiter(tmp_path, told):
    sep = "|" if "|" in told else ";"
    assert read_back(tmp_path, f"{told}\r\n" + written(ROWS, sep=sep))[1] == [HEADER, *ROWS]


@pytest.mark.parametrize("change", ["more", "less"])
def test_a_header_with_another_number_of_names(tmp_path, change):
    header = [*HEADER[:4], "", *HEADER[4:]] if change == "more" else HEADER[:-1]
    report, table = read_back(tmp_path, written(ROWS, header=[header]))
    assert table == [header, *ROWS]
    assert list(report.names) == (HEADER if change == "more" else [*header, "column 9"])
    assert any("Check which name" in note for note in report.notes)


def test_the_table_may_not_be_written_over_its_file(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n")
    raw = parse(path)
    write_table(raw, tmp_path / "b.csv")
    assert (tmp_path / "b.csv").read_text() == '"a","b"\n"1","2"\n'


@pytest.mark.parametrize("between", ["\udcff", "\udcff\udcfe"])
def test_a_byte_that_is_no_character_is_no_delimiter(between):
    """Bytes that are no UTF-8 reach the search for marks as lone surrogates."""
    assert find_marks([f"a{between}b{between}c\n"] * 20).marks.delimiter == ","
