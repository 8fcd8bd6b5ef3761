import type { Pool } from "pg";
import { system } from "#server/auth/actor.ts";
import { canonicalJson, sha256Hex } from "#server/core/flow/canonical.ts";
import {
  type CompiledFlow,
  type FlowSpec,
  NO_RETRY,
  SPEC_VERSION,
  type TaskSpec,
} from "#server/core/flow/spec.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { storeFlow } from "#server/usecases/flows/store.ts";

/** Tasks of every made-up flow, in a chain. */
const chain = ["extract", "publish"];

export interface HistoryOptions {
  runs: number;
  flows: number;
  /** Told after each slice of runs. */
  onProgress?: (loaded: number) => void;
}

/**
 * Loads a made-up history of ended runs, for looking at long lists and for measuring them. Runs are
 * a minute apart, one in fifty failed; each covers the time since the flow's run before it. Meant for
 * an empty database.
 * @returns ids of the flows
 */
export async function loadHistory(pool: Pool, options: HistoryOptions): Promise<string[]> {
  const flows: { id: string; revisionId: string; hash: string }[] = [];
  for (let index = 0; index < options.flows; index++) {
    const flow = madeUpFlow(`history-${String(index).padStart(3, "0")}`);
    await inTransaction(pool, (client) => storeFlow(client, flow, "push", system.name));
    const row = await pool.query<{ id: string }>(
      "select latest_revision_id as id from flow where id = $1",
      [flow.spec.id],
    );
    flows.push({ id: flow.spec.id, revisionId: row.rows[0]?.id ?? "", hash: flow.hash });
  }
  const slice = 50_000;
  for (let from = 0; from < options.runs; from += slice) {
    const count = Math.min(slice, options.runs - from);
    await loadSlice(pool, flows, from, count, options.runs);
    options.onProgress?.(from + count);
  }
  await pool.query("vacuum (analyze) run, task_run, attempt");
  return flows.map((flow) => flow.id);
}

/** Inserts runs `from` … `from + count`, with manifests, task runs and attempts, in one transaction. */
async function loadSlice(
  pool: Pool,
  flows: readonly { id: string; revisionId: string; hash: string }[],
  from: number,
  count: number,
  total: number,
): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query(
      `create temporary table made_up on commit drop as
       select g, f.flow_id, f.revision_id, f.hash,
              date_trunc('second', now()) - make_interval(mins => $5 - g) as at,
              make_interval(mins => cardinality($3::text[])) as step, (g % 50) = 7 as failed
         from generate_series($1::int, $1::int + $2::int - 1) g
         join unnest($3::text[], $4::bigint[], $6::text[]) with ordinality
              f(flow_id, revision_id, hash, n) on f.n - 1 = g % cardinality($3::text[])`,
      [
        from,
        count,
        flows.map((flow) => flow.id),
        flows.map((flow) => flow.revisionId),
        total,
        flows.map((flow) => flow.hash),
      ],
    );
    await client.query(
      `with sealed as (
         select m.*, jsonb_build_object('day', to_char(at, 'YYYY-MM-DD'), 'shard', g % 16) as params
           from made_up m),
       texts as (
         select s.*, '{"flow":"' || flow_id || '","params":' || params::text || ',"revision":"' || hash || '"}' as text
           from sealed s),
       manifests as (
         insert into manifest (identity, text)
         select distinct encode(sha256(convert_to(text, 'UTF8')), 'hex'), text from texts
         on conflict (identity) do nothing),
       runs as (
         insert into run (flow_id, revision_id, identity, state, trigger, params, created_by, open_leaves,
                first_error, troubled, interval_start, interval_end, created_at, started_at, finished_at)
         select flow_id, revision_id, encode(sha256(convert_to(text, 'UTF8')), 'hex'),
                (case when failed then 'failed' else 'succeeded' end)::run_state, 'manual', params, 'system', 0,
                case when failed then '{"task":"publish","attempt":1,"message":"Error: the target refused the connection"}'::jsonb end,
                failed, at - step, at, at, at + interval '1 second', at + interval '30 seconds'
           from texts order by g
         returning id, revision_id, troubled, started_at, finished_at),
       tasks as (
         insert into task_run (run_id, ordinal, revision_id, state, pending, gated, leaf, attempt, failures,
                ready_at, started_at, finished_at)
         select r.id, o, r.revision_id,
                (case when o = 1 and r.troubled then 'failed' else 'succeeded' end)::task_state, 0, false, o = 1, 1,
                (o = 1 and r.troubled)::int, r.started_at, r.started_at, r.finished_at
           from runs r cross join generate_series(0, 1) o)
       insert into attempt (run_id, ordinal, attempt, state, started_at, finished_at)
       select r.id, o, 1, (case when o = 1 and r.troubled then 'failed' else 'succeeded' end)::attempt_state,
              r.started_at, r.finished_at
         from runs r cross join generate_series(0, 1) o`,
    );
  });
}

function madeUpFlow(id: string): CompiledFlow {
  const task = (needs: string[]): TaskSpec => ({
    type: "noop",
    needs,
    env: {},
    retry: NO_RETRY,
    pool: "default",
    writes: { mode: "none" },
    with: {},
  });
  const spec: FlowSpec = {
    specVersion: SPEC_VERSION,
    id,
    name: `History ${id.slice(-3)}`,
    tags: ["made-up"],
    params: { day: { type: "string", format: "date" }, shard: { type: "integer" } },
    schedules: [],
    notify: [],
    files: [],
    tasks: Object.fromEntries(
      chain.map((name, index) => [name, task(chain.slice(Math.max(0, index - 1), index))]),
    ),
  };
  const canonical = canonicalJson(spec);
  return {
    spec,
    canonical,
    hash: sha256Hex(canonical),
    source: { format: "yaml", path: `${id}.yaml`, text: canonical },
    blobs: [],
    graph: { taskIds: chain, parents: [[], [0]], children: [[1], []] },
    calls: [],
  };
}
