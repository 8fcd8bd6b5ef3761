/** Texts of definitions with many tasks, as programs write them: the same flow in three formats. */

interface Task {
  id: string;
  needs: string[];
  run: string;
  part: string;
  timeout: string;
  partition: string;
}

const DAY = `interval.start | date: "%Y-%m-%d"`;
/** Each task needs the one so far before it, every third one a second. */
const STRIDES = [10, 7];

function taskAt(number: number): Task {
  const needs = STRIDES.filter((stride, n) => number >= stride && (n === 0 || number % 3 === 0));
  return {
    id: `load-${number}`,
    needs: needs.map((stride) => `load-${number - stride}`),
    run: [
      "set -eu",
      `python3 scripts/load.py --day {{ ${DAY} }} --part ${number} --station "$STATION"`,
    ].join("\n"),
    part: String(number),
    timeout: `${1 + (number % 50)}m`,
    partition: `{{ ${DAY.replaceAll('"', "'")} }}-${number}`,
  };
}

const tasksOf = (count: number): Task[] => Array.from({ length: count }, (_, n) => taskAt(n));

/** `noop` tasks in a chain. */
export function plainYaml(count: number): string {
  const tasks = Array.from(
    { length: count },
    (_, n) => `  t${n}: { type: noop, needs: [${n === 0 ? "" : `t${n - 1}`}] }\n`,
  );
  return `id: plain\ntasks:\n${tasks.join("")}`;
}

/** Shell tasks with templates, variables, a retry policy, a timeout and what they write. */
export function richYaml(count: number): string {
  const tasks = tasksOf(count).map(
    ({ id, needs, run, part, timeout, partition }) => `  ${id}:
    type: shell
    needs: [${needs.join(", ")}]
    run: |
      ${run.replaceAll("\n", "\n      ")}
    env: { STATION: "{{ params.station }}", PART: "${part}" }
    timeout: ${timeout}
    retry: { attempts: 3, delay: 10s, factor: 2, cap: 10m }
    writes: { mode: replace_partition, dataset: weather, partition: "${partition}" }
`,
  );
  return `id: rich
params:
  station: { type: string, default: seattle }
tasks:
${tasks.join("")}`;
}

/** The same flow as `richYaml`. */
export function richXml(count: number): string {
  const tasks = tasksOf(count).map(
    ({ id, needs, run, part, timeout, partition }) =>
      `<task id="${id}" type="shell" needs="${needs.join(" ")}" timeout="${timeout}">
<run><![CDATA[
${run}
]]></run>
<env name="STATION">{{ params.station }}</env>
<env name="PART">${part}</env>
<retry attempts="3" delay="10s" factor="2" cap="10m"/>
<writes mode="replace_partition" dataset="weather" partition="${partition}"/>
</task>
`,
  );
  return `<flow id="rich">
  <param name="station" type="string" default="seattle"/>
${tasks.join("")}</flow>
`;
}

/** The same flow as `richYaml`, every task written out. */
export function richTypescript(count: number): string {
  const tasks = tasksOf(count).map(
    ({ id, needs, run, part, timeout, partition }) => `    ${JSON.stringify(id)}: {
      type: "shell",
      needs: ${JSON.stringify(needs)},
      run: ${JSON.stringify(run)},
      env: { STATION: "{{ params.station }}", PART: "${part}" },
      timeout: "${timeout}",
      retry: { attempts: 3, delay: "10s", factor: 2, cap: "10m" },
      writes: { mode: "replace_partition", dataset: "weather", partition: ${JSON.stringify(partition)} },
    },
`,
  );
  return `import { flow } from "idem";

export default flow({
  id: "rich",
  params: { station: { type: "string", default: "seattle" } },
  tasks: {
${tasks.join("")}  },
});
`;
}
