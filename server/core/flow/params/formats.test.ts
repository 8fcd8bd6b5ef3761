import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { taskTypes } from "#server/plugins/task-types.ts";
import { formatProblem } from "../../errors.ts";
import { compileDocument } from "../compile.ts";
import type { LocatedDocument } from "../read/located.ts";
import type { CompiledFlow, Json } from "../spec.ts";
import { flowXml } from "../testing/flow-xml.ts";
import { parseXml } from "../xml/xml.ts";
import { parseYaml } from "../yaml/yaml.ts";

function compiled(document: LocatedDocument): CompiledFlow {
  const result = compileDocument(document, { types: taskTypes });
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join("\n"));
  return result.flow;
}

const yaml = `
id: weather-daily
name: Seattle weather, daily
description: |
  Takes the record of one day
    and keeps its partition.
tags: [weather, daily]
owner: data
params:
  station: { type: string, default: seattle, enum: [seattle, busan], description: "Name & place" }
  rows: { type: integer, minimum: 1, maximum: 100, default: 24 }
  ratio: { type: number, default: 0.5 }
  dry: { type: boolean, default: true }
  day: { type: string, format: date, required: false }
  keys: { type: array, items: { type: string, minLength: 2 }, uniqueItems: true, default: [ab, cd] }
  limits:
    type: object
    properties: { low: { type: number }, high: { type: number } }
    required: [low]
    additionalProperties: false
    default: { low: 1 }
schedule:
  - { cron: "0 2 * * *", timezone: Asia/Seoul, catchup: all, overlap: skip, params: { rows: 48 } }
  - { cron: "*/10 * * * *", start: 2026-01-01, end: "2026-02-01T00:00:00+09:00" }
concurrency: 4
defaults:
  timeout: 10m
  pool: net
  retry: { attempts: 3, delay: 10s, factor: 2.5, cap: 10m }
  env: { LANG: C, LEVEL: 2 }
notify:
  - { on: [failed, recovered], to: ops }
  - { on: failed, to: boss }
tasks:
  extract:
    type: shell
    name: Take the day
    run: |
      set -eu
      if [ "$A" -lt 2 ] && true; then
        echo {{ interval.start | date: "%Y-%m-%d" }} > "$IDEM_OUTPUT"
      fi
    env: { STATION: "{{ params.station }}", LEVEL: 3 }
    writes:
      mode: replace_partition
      dataset: weather_raw
      partition: "{{ interval.start | date: '%Y-%m-%d' }}"
  pause:
    type: wait
    duration: 1h30m
    needs: extract
    timeout: 2h
  count:
    type: script
    language: python
    code: "print(1)"
    needs: [extract]
    retry: { attempts: 4, retry_on: [exit:75, timed_out], give_up_on: exit:2, give_up_after: 1h }
    writes: none
  send:
    type: http
    method: POST
    url: https://example.org/{{ flow.id }}
    headers: { Accept: application/json, X-Day: "{{ run.identity }}" }
    body: { rows: [1, null, true, "{{ params.rows }}"], text: "<&>" }
    expect: [200-204, "409"]
    max_bytes: 1000
    needs: [count, pause]
    if: success() && tasks.count.output.rows > 0
  late:
    type: http
    url: https://example.org
    needs: [send]
    if: failure()
    writes: { mode: append, dataset: log, staged: true }
  join: { type: noop, needs: [late, send] }
`;

const xml = `<?xml version="1.0" encoding="UTF-8"?>
<!-- The same flow as above. -->
<flow id="weather-daily" name="Seattle weather, daily" owner="data" concurrency="4">
  <description>
    Takes the record of one day
      and keeps its partition.
  </description>
  <tag>weather</tag>
  <tag>daily</tag>
  <param name="station" type="string" default="seattle" description="Name &amp; place">
    <enum>seattle</enum>
    <enum>busan</enum>
  </param>
  <param name="rows" type="integer" minimum="1" maximum="100" default="24"/>
  <param name="ratio" type="number" default="0.5"/>
  <param name="dry" type="boolean" default="true"/>
  <param name="day" type="string" format="date" required="false"/>
  <param name="keys" type="array" uniqueItems="true" default='["ab", "cd"]'>
    <items type="string" minLength="2"/>
  </param>
  <param name="limits" type="object" required="low" additionalProperties="false">
    <property name="low" type="number"/>
    <property name="high" type="number"/>
    <default>{ "low": 1 }</default>
  </param>
  <schedule cron="0 2 * * *" timezone="Asia/Seoul" catchup="all" overlap="skip">
    <param name="rows">48</param>
  </schedule>
  <schedule cron="*/10  * * * *" start="2026-01-01" end="2026-02-01T00:00:00+09:00"/>
  <defaults timeout="10m" pool="net">
    <retry attempts="3" delay="10s" factor="2.5" cap="10m"/>
    <env name="LANG">C</env>
    <env name="LEVEL" value="2"/>
  </defaults>
  <notify on="failed recovered" to="ops"/>
  <notify on="failed" to="boss"/>
  <task id="extract" type="shell" name="Take the day">
    <run><![CDATA[
      set -eu
      if [ "$A" -lt 2 ] && true; then
        echo {{ interval.start | date: "%Y-%m-%d" }} > "$IDEM_OUTPUT"
      fi
    ]]></run>
    <env name="STATION">{{ params.station }}</env>
    <env name="LEVEL">3</env>
    <writes mode="replace_partition" dataset="weather_raw"
            partition="{{ interval.start | date: '%Y-%m-%d' }}"/>
  </task>
  <task id="pause" type="wait" duration="1h30m" needs="extract" timeout="2h"/>
  <task id="count" type="script" language="python" needs="extract" writes="none">
    <code>print(1)</code>
    <retry attempts="4" retry_on="timed_out exit:75" give_up_on="exit:2" give_up_after="1h"/>
  </task>
  <task id="send" type="http" method="POST" needs="pause count" max_bytes="1000">
    <if>success() &amp;&amp; tasks.count.output.rows &gt; 0</if>
    <url>https://example.org/{{ flow.id }}</url>
    <header name="Accept">application/json</header>
    <header name="X-Day">{{ run.identity }}</header>
    <body as="json">{ "text": "&lt;&amp;>", "rows": [1, null, true, "{{ params.rows }}"] }</body>
    <expect>
      <item>200-204</item>
      <item>409</item>
    </expect>
  </task>
  <task id="late" type="http" url="https://example.org" if="failure()">
    <need>send</need>
    <writes mode="append" dataset="log" staged="true"/>
  </task>
  <task id="join" type="noop" needs="send late"/>
</flow>
`;

describe("YAML and XML", () => {
  it("give one hash for one flow", () => {
    const fromYaml = compiled(parseYaml(yaml, "flow.yaml"));
    const fromXml = compiled(parseXml(xml, "flow.xml"));
    expect(fromXml.spec).toEqual(fromYaml.spec);
    expect(fromXml.canonical).toBe(fromYaml.canonical);
    expect(fromXml.hash).toBe(fromYaml.hash);
    expect(fromYaml.source.format).toBe("yaml");
    expect(fromXml.source).toEqual({ format: "xml", path: "flow.xml", text: xml });
  });

  it("does not depend on the order of keys, quotes, comments or line ends", () => {
    const { hash } = compiled(parseYaml(yaml, "flow.yaml"));
    const crlf = compiled(parseYaml(yaml.replaceAll("\n", "\r\n"), "flow.yaml"));
    expect(crlf.hash).toBe(hash);
    expect(compiled(parseXml(xml.replaceAll("\n", "\r\n"), "flow.xml")).hash).toBe(hash);
    const moved = yaml.replace("owner: data\n", "").replace("id:", "# who\nowner: 'data'\nid:");
    expect(compiled(parseYaml(moved, "flow.yaml")).hash).toBe(hash);
  });

  it("notices every change", () => {
    const { hash } = compiled(parseYaml(yaml, "flow.yaml"));
    for (const [from, to] of [
      ["default: seattle", "default: busan"],
      ["attempts: 3", "attempts: 4"],
      ["set -eu", "set -e"],
      ["needs: [extract]", "needs: [pause]"],
      ["LEVEL: 2", "LEVEL: 2.0"],
      ["[200-204", "[200-205"],
    ] as const) {
      const changed = yaml.replace(from, to);
      expect(changed).not.toBe(yaml);
      expect(compiled(parseYaml(changed, "flow.yaml")).hash, from).not.toBe(hash);
    }
  });

  it("give one hash for any flow", { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(anyFlow, (flow) => {
        const fromYaml = compiled(parseYaml(JSON.stringify(flow), "a.yaml"));
        const fromXml = compiled(parseXml(flowXml(flow), "a.xml"));
        expect(fromXml.canonical).toBe(fromYaml.canonical);
      }),
      { numRuns: 200 },
    );
  });
});

/** Any text that XML can hold, without templates. */
const text = fc
  .string({ unit: "binary", maxLength: 12 })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML cannot hold these
  .map((value) => value.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff{]/g, "-"));
const filled = text.map((value) => `x${value}`);
const id = fc.stringMatching(/^[a-z][a-z0-9_-]{0,6}$/);
const duration = fc.nat({ max: 86_400_000 }).map((ms) => `${ms + 1}ms`);
const names = fc.stringMatching(/^[A-Z][A-Z0-9]{0,5}$/).filter((name) => !name.startsWith("IDEM"));
/** Any JSON without templates, refused keys and integers that a double cannot hold. */
const json = fc.jsonValue({ maxDepth: 2, stringUnit: "grapheme-ascii" }).map((value): Json => {
  const text = JSON.stringify(value)
    .replace(/\{+(?=[{%])/g, "")
    .replace(/__proto__|constructor|prototype/g, "p");
  return JSON.parse(text, (_, item: Json) =>
    typeof item === "number" && Math.abs(item) > 1e9 ? 1e9 : item,
  );
});

const settings: fc.Arbitrary<Record<string, Json>> = fc.oneof(
  fc.constant({ type: "noop" }),
  duration.map((value) => ({ type: "wait", duration: value })),
  filled.map((run) => ({ type: "shell", run })),
  filled.map((code) => ({ type: "script", language: "node", code })),
  fc
    .record({
      headers: fc.dictionary(
        fc.stringMatching(/^X-[a-z]{1,5}$/),
        fc.stringMatching(/^[ -z]{0,9}$/),
      ),
      body: json,
    })
    .map(({ headers, body }) => ({
      type: "http",
      url: "https://example.org",
      method: "PUT",
      headers,
      body,
    })),
);

const task = fc
  .tuple(
    settings,
    fc.record(
      {
        name: filled,
        description: text,
        env: fc.dictionary(names, text, { minKeys: 1, maxKeys: 3 }),
        timeout: duration,
        retry: fc.record({ attempts: fc.integer({ min: 1, max: 100 }), delay: duration }),
        pool: id,
        runs_on: id,
        priority: fc.oneof(fc.integer({ min: -100, max: 100 }), fc.constantFrom("low", "high")),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([own, common]) => ({ ...own, ...common }) as Record<string, Json>);

const anyFlow: fc.Arbitrary<Record<string, Json>> = fc
  .tuple(
    fc.record(
      {
        id,
        name: filled,
        tags: fc.array(filled, { minLength: 1, maxLength: 3 }),
        concurrency: fc.integer({ min: 1, max: 10_000 }),
        priority: fc.integer({ min: -100, max: 100 }),
        params: fc.dictionary(
          id,
          fc.oneof(
            text.map((value) => ({ type: "string", default: value })),
            fc.integer().map((value) => ({ type: "integer", default: value })),
            fc.boolean().map((value) => ({ type: "boolean", default: value })),
          ),
          { minKeys: 1, maxKeys: 3 },
        ),
      },
      { requiredKeys: ["id"] },
    ),
    fc.array(fc.tuple(task, fc.array(fc.nat({ max: 99 }), { maxLength: 3 })), {
      minLength: 1,
      maxLength: 6,
    }),
  )
  .map(([flow, tasks]) => ({
    ...flow,
    tasks: Object.fromEntries(
      tasks.map(([own, needs], index) => [
        `task.${index}`,
        {
          ...own,
          needs: [...new Set(needs.flatMap((n) => (index > 0 ? [`task.${n % index}`] : [])))],
        },
      ]),
    ),
  })) as fc.Arbitrary<Record<string, Json>>;
