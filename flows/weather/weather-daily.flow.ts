/**
 * One day of real weather per run: extract → validate → write the day → sum up its month.
 *
 * A run covers an interval of data; its start names the day. Every task may be executed again at any
 * time, and days may run side by side or in any order: the files come out the same.
 */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { flow, type TaskContext } from "idem";
import { type Day, faultsOf, findDay, summarise } from "./record.ts";

export default flow({
  id: "weather-daily",
  name: "Seattle weather, daily",
  description:
    "Takes one day out of the weather record of 2012 to 2015 and keeps its month up to date.",
  tags: ["weather", "example"],
  owner: "data",
  params: {
    station: { type: "string", enum: ["seattle"], default: "seattle", description: "Station" },
  },
  defaults: { timeout: "1m" },
  files: ["seattle-weather.csv"],

  tasks: {
    extract: {
      name: "Extract the day",
      run(ctx) {
        // What `files` names lies in the working folder of every attempt.
        const record = readFileSync(join(ctx.workdir, `${ctx.params.station}-weather.csv`), "utf8");
        const day = findDay(record, dayOf(ctx));
        ctx.log(`${day.date}: ${day.weather}, ${day.low} to ${day.high} °C`);
        return { ...day };
      },
    },

    validate: {
      name: "Validate it",
      needs: ["extract"],
      run(ctx) {
        const day = ctx.output<Day>("extract");
        const faults = faultsOf(day);
        if (faults.length > 0)
          throw new Error(`${day.date} is not believable: ${faults.join(", ")}.`);
      },
    },

    "write-day": {
      name: "Write the day",
      needs: ["validate"],
      writes: {
        mode: "replace_partition",
        dataset: "weather_daily",
        partition: "{{ interval.start | date: '%Y-%m-%d' }}",
      },
      run(ctx) {
        const path = join(yearFolder(ctx), `${dayOf(ctx)}.json`);
        replaceFile(join(ctx.dataDir, path), ctx.output<Day>("extract"));
        return { path };
      },
    },

    "sum-up-month": {
      name: "Sum up the month",
      needs: ["write-day"],
      writes: {
        mode: "replace_partition",
        dataset: "weather_monthly",
        partition: "{{ interval.start | date: '%Y-%m' }}",
      },
      run(ctx) {
        const month = dayOf(ctx).slice(0, 7);
        const folder = join(ctx.dataDir, yearFolder(ctx));
        const isDay = new RegExp(`^${month}-\\d\\d\\.json$`);
        const listDays = () =>
          readdirSync(folder)
            .filter((name) => isDay.test(name))
            .sort();
        // Other days of this month may be written meanwhile. Whoever sums up last must have seen them
        // all: so look again after writing, until nothing has come in between.
        for (;;) {
          const names = listDays();
          const before = stamp(folder, names);
          const days = names.map(
            (name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Day,
          );
          const summary = summarise(month, days);
          replaceFile(join(folder, `${month}.month.json`), summary);
          if (stamp(folder, listDays()) === before) return { ...summary };
        }
      },
    },

    report: {
      name: "Report",
      needs: ["sum-up-month"],
      type: "shell",
      run: [
        "{% assign month = tasks.sum-up-month.output %}",
        'echo "{{ month.month }}, {{ month.days }} days so far:"',
        'echo "  {{ month.low }} to {{ month.high }} °C, {{ month.precipitation }} mm of rain and snow"',
      ].join("\n"),
    },
  },
});

type Context = TaskContext<{ readonly station: string }>;

/** The day that a run covers, as YYYY-MM-DD. */
function dayOf({ interval }: Context): string {
  if (interval === null) {
    throw new Error("Say which day: run it with an interval that starts at 2012-01-01 or later.");
  }
  return interval.start.slice(0, 10);
}

/** Relative to the data folder, so that outputs are the same on every machine. */
function yearFolder(ctx: Context): string {
  return join("weather", ctx.params.station, dayOf(ctx).slice(0, 4));
}

/** Replaces a file in one step: readers see the old content or the new one, never a part. */
function replaceFile(path: string, content: object): void {
  mkdirSync(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}.tmp`;
  writeFileSync(aside, `${JSON.stringify(content, null, 2)}\n`);
  try {
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}

/** Differs whenever a file was added, removed or replaced. */
function stamp(folder: string, names: readonly string[]): string {
  const facts = names.map((name) => {
    const { ino, mtimeMs } = statSync(join(folder, name));
    return `${name} ${ino} ${mtimeMs}`;
  });
  return facts.join("\n");
}
