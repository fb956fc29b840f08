"""Small made-up files in the forms of vendors and of people, and what the server says of them: for `feed`, and for the Python client's frames.

No imports but Python's own: clients/python/tests loads this file by its path."""
import json

# Half past nine in New York, on the second of January 2024.
OPEN = 1_704_205_800
SECOND = 1_000_000_000
OHLCV = ["1,3,1,2,100", "2,4,1,3,200", "3,5,2,4,300"]


def bars(header, starts, before="", after=""):
    return header + "\n" + "".join(f"{before}{start},{row}{after}\n" for start, row in zip(starts, OHLCV))


POLYGON_TRADES = (
    "ticker,conditions,correction,exchange,id,participant_timestamp,price,sequence_number,sip_timestamp,size,tape,trf_id,trf_timestamp\n"
    + "".join(
        f"AAPL,{codes},{correction},11,{n},0,{187 + n / 100},{n},{(OPEN + n) * SECOND},10,3,0,0\n"
        for n, (codes, correction) in enumerate([("", 0), ('"12,37"', 0), ("16", 0), ("15", 0), ("", 8)])
    )
)
DATABENTO = "ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,depth,price,size,flags,ts_in_delta,sequence,symbol\n"
DATABENTO_BARS = "ts_event,rtype,publisher_id,instrument_id,open,high,low,close,volume,symbol\n"
AGGREGATES = "ticker,volume,open,close,high,low,window_start,transactions\n"

# Name, text, options, items, and what a dry run says.
FILES = [
    ("databento-trades-raw.csv", DATABENTO + "".join(f"{OPEN + n}000165224,{OPEN + n}000000000,0,1,5482,T,A,0,{4720 + n}250000000,3,0,16000,{n},ESH4\n" for n in range(3)),
     [], 3, ["read as Databento CSV", "2024-01-02T14:30:00Z ESH4 price 4720.25 size 3.0", "3 ticks, 1 symbol"]),
    ("databento-trades-pretty.csv", DATABENTO + "".join(f"2024-01-02T14:30:0{n}.000165224Z,2024-01-02T14:30:0{n}.000000000Z,0,1,5482,T,A,0,{4720 + n}.250000000,3,0,16000,{n},ESH4\n" for n in range(3)),
     [], 3, ["read as Databento CSV", "2024-01-02T14:30:02Z ESH4 price 4722.25 size 3.0"]),
    ("databento-ohlcv-raw.csv", DATABENTO_BARS + "".join(f"{OPEN + 60 * n}000000000,33,1,5482,4720250000000,4721000000000,4720000000000,4720500000000,12,ESH4\n" for n in range(3)),
     [], 3, ["3 bars", "open 4720.25 high 4721.0 low 4720.0 close 4720.5 volume 12.0"]),
    ("databento-ohlcv-pretty.csv", DATABENTO_BARS + "2024-01-02T14:30:00.000000000Z,35,1,5482,4720.250000000,4721.000000000,4720.000000000,4720.500000000,12,ESH4\n",
     [], 1, ["1 bars", "open 4720.25 high 4721.0 low 4720.0 close 4720.5 volume 12.0"]),
    ("polygon-trades.csv", POLYGON_TRADES, [], 5,
     ["read as Polygon trades", "4 not for prices", "3 not for volume", "1 official closes"]),
    ("polygon-minute.csv", AGGREGATES + "".join(f"AAPL,100,1,2,3,1,{OPEN + 60 * n}000000000,7\n" for n in range(3)), [], 3, ["read as Polygon minute aggregates", "1m in all rows"]),
    ("polygon-day.csv", AGGREGATES + "".join(f"{s},100,1,2,3,1,1704171600000000000,7\n" for s in "ABC"), [], 3, ["read as Polygon day aggregates", "1d in all rows", "3 symbols"]),
    ("massive-day.csv", AGGREGATES + "A,100,1,2,3,1,1704171600000000000,7\n", ["--format", "massive-day"], 1, ["read as Polygon day aggregates"]),
    ("BTCUSDT-aggTrades-2024-01-02.csv", "".join(f"{n},0.5,3.5,{n},{n},{OPEN + n}000,True,True\n" for n in range(3)), [], 3,
     ["read as Binance aggTrades", "times are milliseconds", "2024-01-02T14:30:01Z BTCUSDT price 0.5 size 3.5"]),
    ("BTCUSDT-aggTrades-2025-01-02.csv", "".join(f"{n},0.5,3.5,{n},{n},{OPEN + n}000000,true,true\n" for n in range(3)), [], 3,
     ["times are microseconds", "2024-01-02T14:30:01Z BTCUSDT"]),
    ("futures-aggTrades.csv", "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n" + f"1,0.5,3.5,1,1,{OPEN}000,true\n", ["--symbol", "BTCUSDT"], 1, ["read as Binance aggTrades"]),
    ("ETHUSDT-trades-2024-01-02.csv", f"1,0.5,3.5,1.75,{OPEN}000,False,True\n", [], 1, ["read as Binance trades", "ETHUSDT price 0.5 size 3.5"]),
    ("ETHUSDT-1m-2024-01-02.csv", "".join(f"{OPEN + 60 * n}000,1,3,1,2,10,{OPEN + 60 * n + 59}999,15,7,5,8,0\n" for n in range(3)), [], 3, ["read as Binance klines"]),
    ("ETHUSDT-1m-2025-01-02.csv", "".join(f"{OPEN + 60 * n}000000,1,3,1,2,10,{OPEN + 60 * n + 59}999999,15,7,5,8,0\n" for n in range(3)), [], 3, ["times are microseconds"]),
    ("stooq.csv", bars("Date,Open,High,Low,Close,Volume", ["2024-01-02", "2024-01-03", "2024-01-04"]), ["--symbol", "SPY"], 3, ["read as Stooq", "1d in all rows"]),
    ("stooq-bulk.txt", "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n" + "".join(f"SPY.US,5,20240102,14{m}00,{r},0\n" for m, r in zip((30, 35, 40), OHLCV)), [], 3, ["read as Stooq", "2024-01-02T14:40:00Z SPY.US"]),
    ("yahoo.csv", "Date,Open,High,Low,Close,Adj Close,Volume\n2024-01-02,1,3,1,2,1.9,100\n2024-01-03,1,3,1,2,1.9,100\n", ["--symbol", "SPY"], 2, ["read as Yahoo daily", "1d in all rows"]),
    ("kaggle.csv", bars("Date,Time,Open,High,Low,Close,Volume", [f"01/02/2024,09:3{n}" for n in range(3)]), ["--symbol", "SPY", "--date-order", "mdy", "--time-zone", "America/New_York"], 3, ["2024-01-02T14:30:00Z SPY", "1m in all rows"]),
    ("alpaca.json", json.dumps({"bars": {"AAPL": [dict(t=f"2024-01-02T14:3{n}:00Z", o=1, h=3, l=1, c=2, v=100, n=7, vw=1.5) for n in range(3)]}, "next_page_token": None}), [], 3, ["Alpaca", "1m in all rows"]),
    ("alpaca-one.json", json.dumps({"symbol": "AAPL", "bars": [dict(t=f"2024-01-02T14:3{n}:00Z", o=1, h=3, l=1, c=2, v=100, n=7, vw=1.5) for n in range(3)]}, indent=2), [], 3, ["2024-01-02T14:32:00Z AAPL"]),
    ("lines.jsonl", "".join(json.dumps(dict(symbol="A", timestamp=(OPEN + n) * SECOND, price=1.5, size=2)) + "\n" for n in range(3)), [], 3, ["3 ticks, 1 symbol"]),
    ("semicolons.csv", f"Symbol;Time;Last Price;Volume\nA;{OPEN};1.5;3\n", [], 1, ["times are seconds", "A price 1.5 size 3.0"]),
    ("tabs.tsv", "TICKER\tDateTime\tPX\tQTY\nA\t2024-01-02 14:30:00\t1.5\t3\n", [], 1, ["times are taken as UTC", "A price 1.5 size 3.0"]),
    ("spaces.csv", f" symbol , timestamp , price , size \n A , {OPEN}000 , 1.5 , 3 \n", [], 1, ["2024-01-02T14:30:00Z A price 1.5 size 3.0"]),
    ("quoted.csv", f'"symbol","timestamp","price","size"\n"A","{OPEN}000","1.5","3"\n', [], 1, ["A price 1.5 size 3.0"]),
    ("mapped.csv", f"who,when,what,much\nA,{OPEN}000000,1.5,3\n", ["--map", "symbol=who,timestamp=when", "--map", "price=what,size=much"], 1, ["A price 1.5 size 3.0"]),
    ("bare.csv", f"{OPEN},1.5,3\n{OPEN + 1},1.5,3\n", ["--no-header", "--columns", "timestamp,price,size", "--symbol", "SPY"], 2, ["SPY price 1.5 size 3.0", "2 ticks"]),
    ("unit.csv", f"symbol,timestamp,price,size\nA,{OPEN},1.5,3\n", ["--time-unit", "s"], 1, ["2024-01-02T14:30:00Z"]),
    ("iso.csv", "symbol,timestamp,price,size\nA,2024-01-02T09:30:00-05:00,1.5,3\n", [], 1, ["2024-01-02T14:30:00Z A price"]),
    ("fair.csv", f"ticker,time,fair_value,market_price\nA,{OPEN}000,10,9\n", [], 1, ["1 fair values", "fmv 10.0"]),
    ("backwards.csv", "Date,Open,High,Low,Close,Volume\n2024-01-03,1,3,1,2,100\n2024-01-02,1,3,1,2,100\n", ["--symbol", "SPY", "--sort"], 2, ["line 3: 2024-01-02T00:00:00Z"]),
]
