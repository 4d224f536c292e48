import { readFileSync } from "node:fs";

/** Daily S&P 500 prices from 2000-01-03 to 2020-04-17 (npm package vega-datasets), relative to the working folder. */
const PRICES_FILE = "node_modules/vega-datasets/data/sp500-2000.csv";

/** The daily log returns of the `adjclose` column, oldest first. */
export function readDailyReturns(file = PRICES_FILE): Float64Array {
  const [header, ...rows] = readFileSync(file, "utf8").trim().split("\n");
  const column = header!.split(",").indexOf("adjclose");
  if (column < 0) throw new Error(`${file}: expected a column adjclose, found ${header}`);
  const closes = rows.map((row, i) => {
    const close = Number(row.split(",")[column]);
    if (!(close > 0)) throw new Error(`${file}, line ${i + 2}: expected a price, found ${row}`);
    return close;
  });
  return Float64Array.from(closes.slice(1), (close, i) => Math.log(close / closes[i]!));
}
