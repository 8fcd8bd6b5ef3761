/** One day of the weather record, and what makes it believable. */
export interface Day {
  date: string;
  /** Millimetres. */
  precipitation: number;
  /** Degrees Celsius. */
  high: number;
  low: number;
  /** Metres per second. */
  wind: number;
  weather: string;
}

const HEADER = "date,precipitation,temp_max,temp_min,wind,weather";
const WEATHERS = ["drizzle", "fog", "rain", "snow", "sun"];

/** @throws Error that says what the record covers when the day is not in it */
export function findDay(csv: string, date: string): Day {
  const [header, ...rows] = csv.trim().split(/\r?\n/);
  if (header !== HEADER) throw new Error(`The record should begin with ${HEADER}.`);
  const row = rows.find((line) => line.startsWith(`${date},`));
  if (row === undefined) {
    const covered = [rows.at(0), rows.at(-1)].map((line) => line?.slice(0, 10)).join(" to ");
    throw new Error(`There is no observation for ${date}: the record covers ${covered}.`);
  }
  const [, precipitation, high, low, wind, weather = ""] = row.split(",");
  return {
    date,
    precipitation: Number(precipitation),
    high: Number(high),
    low: Number(low),
    wind: Number(wind),
    weather,
  };
}

/** Everything that is wrong with a day; nothing for a sound one. */
export function faultsOf(day: Day): string[] {
  const faults: string[] = [];
  const expect = (holds: boolean, fault: string) => holds || faults.push(fault);
  expect(
    day.precipitation >= 0 && day.precipitation < 500,
    `precipitation ${day.precipitation} mm`,
  );
  expect(day.low > -50 && day.high < 60, `temperatures from ${day.low} to ${day.high} °C`);
  expect(day.low <= day.high, `a low of ${day.low} °C above the high of ${day.high} °C`);
  expect(day.wind >= 0 && day.wind < 120, `wind of ${day.wind} m/s`);
  expect(WEATHERS.includes(day.weather), `weather "${day.weather}"`);
  return faults;
}

export interface Month {
  month: string;
  /** How many of its days are there already. */
  days: number;
  precipitation: number;
  high: number;
  low: number;
  /** How many days of each kind, by kind. */
  weather: Record<string, number>;
}

/** Sums up the days of a month, in whatever order they come. There is at least one. */
export function summarise(month: string, days: readonly Day[]): Month {
  const weather: Record<string, number> = {};
  for (const kind of WEATHERS) {
    const count = days.filter((day) => day.weather === kind).length;
    if (count > 0) weather[kind] = count;
  }
  const millimetres = days.reduce((sum, day) => sum + day.precipitation, 0);
  return {
    month,
    days: days.length,
    precipitation: Math.round(millimetres * 10) / 10,
    high: Math.max(...days.map((day) => day.high)),
    low: Math.min(...days.map((day) => day.low)),
    weather,
  };
}
