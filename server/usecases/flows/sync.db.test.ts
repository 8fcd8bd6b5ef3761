import { createHash } from "node:crypto";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import type { Pool, PoolClient } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { operator } from "#server/auth/actor.ts";
import { createPool } from "#server/db/connection.ts";
import {
  createTestFolder,
  type TestFolder,
  typescriptFlow,
  yamlFlow,
} from "#server/flow-sources/testing/folder-kit.ts";
import { sharedDatabase } from "../../../test/shared-database.ts";
import { definitionInput } from "./inputs.ts";
import { pushFlow } from "./push.ts";
import { listFlows } from "./read.ts";
import { type SyncReport, syncFlows, watchFlows } from "./sync.ts";

const database = sharedDatabase();
const { deps } = database;

let folder: TestFolder;

beforeEach(async () => {
  folder = createTestFolder();
  await database.pool.query("delete from flow_source");
});
afterEach(async () => {
  folder.close();
  await database.pool.query("update flow set archived_at = now() where archived_at is null");
});

const sync = (): Promise<SyncReport> => syncFlows(deps, folder.path);
const nothing: SyncReport = { stored: [], archived: [], broken: [] };

/** A flow as it stands: revision number and hash, where it is kept, whether it is archived. */
async function flow(id: string) {
  const { rows } = await database.pool.query<{
    number: number;
    hash: string;
    path: string | null;
    archived: boolean;
  }>(
    `select r.number, r.hash, f.source_path as path, f.archived_at is not null as archived
       from flow f join revision r on r.id = f.latest_revision_id where f.id = $1`,
    [id],
  );
  return rows[0] ?? null;
}

/** Problems by path, as the flows page shows them. */
async function problems(): Promise<Record<string, string[]>> {
  const { items, broken } = await listFlows(deps, operator, {});
  const shown: Record<string, string[]> = {};
  for (const problem of [...items, ...broken].flatMap((entry) => entry.problems)) {
    const { file, line, column } = problem.position;
    const known = shown[file] ?? [];
    shown[file] = [...known, `${problem.code} ${line}:${column}`];
  }
  return shown;
}

describe("syncFlows", () => {
  it("stores what is new, gives what changed a revision, and leaves the rest alone", async () => {
    folder.put("a.yaml", yamlFlow("add-a"));
    folder.put("sub/b.xml", '<flow id="add-b"><task id="only" type="noop"/></flow>');
    folder.put("c.flow.ts", typescriptFlow("add-c", "1"));
    expect(await sync()).toEqual({ ...nothing, stored: ["add-a", "add-c", "add-b"] });
    expect(await flow("add-b")).toMatchObject({ number: 1, path: "sub/b.xml", archived: false });
    expect(await sync()).toEqual(nothing);

    folder.put("a.yaml", yamlFlow("add-a", "name: Changed\n"));
    expect(await sync()).toEqual({ ...nothing, stored: ["add-a"] });
    expect(await flow("add-a")).toMatchObject({ number: 2 });
    expect(await flow("add-b")).toMatchObject({ number: 1 });

    folder.put("a.yaml", `# a comment\n${yamlFlow("add-a", "name: Changed\n")}`);
    await sync();
    expect(await flow("add-a")).toMatchObject({ number: 2 });
  });

  it("leaves a flow that another session has locked as it is, writes the others, and comes back to it", async () => {
    folder.put("a.yaml", yamlFlow("held-a"));
    folder.put("b.yaml", yamlFlow("held-b"));
    folder.put("c.yaml", yamlFlow("held-c"));
    await sync();
    const pool = createPool(database.url, { name: "hasty", max: 2, lockMs: 50, onError: () => {} });
    const holder = await database.pool.connect();
    try {
      await holder.query("begin");
      await holder.query("select from flow where id in ('held-a', 'held-c') for update");
      folder.put("a.yaml", yamlFlow("held-a", "name: Changed\n"));
      folder.put("b.yaml", yamlFlow("held-b", "name: Changed\n"));
      folder.remove("c.yaml");
      await expect(syncFlows({ pool }, folder.path)).rejects.toMatchObject({ code: "55P03" });
      expect(await flow("held-a")).toMatchObject({ number: 1, archived: false });
      expect(await flow("held-b")).toMatchObject({ number: 2 });
      expect(await flow("held-c")).toMatchObject({ archived: false });
      expect(await problems()).toEqual({});
    } finally {
      await holder.query("rollback");
      holder.release();
      await pool.end();
    }
    expect(await sync()).toEqual({ ...nothing, stored: ["held-a"], archived: ["held-c"] });
  });

  it("gives a revision when only a script or a module changed", async () => {
    folder.put("a.yaml", yamlFlow("script-a", "files: [run.sh]\n"));
    folder.put("run.sh", "echo 1");
    folder.put("b.flow.ts", typescriptFlow("script-b", "v", `import { v } from "./v.ts";`));
    folder.put("v.ts", "export const v = 1;");
    await sync();
    folder.put("run.sh", "echo 2");
    expect(await sync()).toEqual({ ...nothing, stored: ["script-a"] });
    chmodSync(join(folder.path, "run.sh"), 0o755);
    expect(await sync()).toEqual({ ...nothing, stored: ["script-a"] });
    folder.put("v.ts", "export const v = 2;");
    expect(await sync()).toEqual({ ...nothing, stored: ["script-b"] });
    expect(await flow("script-a")).toMatchObject({ number: 3 });
    expect(await flow("script-b")).toMatchObject({ number: 2 });
  });

  it("archives a flow whose file is gone and takes it back when the file is", async () => {
    folder.put("a.yaml", yamlFlow("gone"));
    await sync();
    const before = await flow("gone");
    folder.remove("a.yaml");
    expect(await sync()).toEqual({ ...nothing, archived: ["gone"] });
    expect(await flow("gone")).toEqual({ ...before, archived: true });
    expect(await sync()).toEqual(nothing);
    folder.put("elsewhere/a.yaml", yamlFlow("gone"));
    expect(await sync()).toEqual({ ...nothing, stored: ["gone"] });
    expect(await flow("gone")).toEqual({ ...before, path: "elsewhere/a.yaml" });
  });

  it("follows a file that is moved, and one that takes another id", async () => {
    folder.put("a.yaml", yamlFlow("moving"));
    await sync();
    folder.remove("a.yaml");
    folder.put("b.yaml", yamlFlow("moving"));
    expect(await sync()).toEqual({ ...nothing, stored: ["moving"] });
    expect(await flow("moving")).toMatchObject({ number: 1, path: "b.yaml", archived: false });
    folder.put("b.yaml", yamlFlow("moved"));
    expect(await sync()).toEqual({ ...nothing, stored: ["moved"], archived: ["moving"] });
  });

  it("keeps the last good revision of a broken file and shows its problems", async () => {
    folder.put("a.yaml", yamlFlow("breaking"));
    await sync();
    const before = await flow("breaking");
    folder.put("a.yaml", "id: breaking\ntasks:\n  only: { type: nop }\n");
    folder.put("new.yaml", "id: never-good\n");
    expect(await sync()).toEqual({ ...nothing, broken: ["a.yaml", "new.yaml"] });
    expect(await flow("breaking")).toEqual(before);
    expect(await problems()).toEqual({
      "a.yaml": ["UNKNOWN_TASK_TYPE 3:17"],
      "new.yaml": ["NO_TASKS 1:1"],
    });
    expect(await sync()).toEqual(nothing);
    // A list that leaves the flow out says nothing else of its file.
    for (const filter of [{ q: "nothing-like-it" }, { q: "breaking" }, { tag: "none" }]) {
      const { broken } = await listFlows(deps, operator, filter);
      expect(broken.map(({ path }) => path)).toEqual(["new.yaml"]);
    }

    folder.put("a.yaml", yamlFlow("breaking"));
    folder.remove("new.yaml");
    expect(await sync()).toEqual({ ...nothing, stored: ["breaking"] });
    expect(await flow("breaking")).toEqual(before);
    expect(await problems()).toEqual({});
  });

  it("gives a flow that two files define to the first path, and to the other when that is gone", async () => {
    folder.put("b.yaml", yamlFlow("twice", "name: B\n"));
    await sync();
    folder.put("a.yaml", yamlFlow("twice", "name: A\n"));
    expect(await sync()).toEqual({ ...nothing, stored: ["twice"], broken: ["b.yaml"] });
    expect(await flow("twice")).toMatchObject({ number: 2, path: "a.yaml" });
    expect(await problems()).toEqual({ "b.yaml": ["DUPLICATE_FLOW 1:5"] });
    folder.remove("a.yaml");
    await sync();
    expect(await flow("twice")).toMatchObject({ number: 1, path: "b.yaml", archived: false });
    expect(await problems()).toEqual({});
  });

  it("archives nothing when the folder itself is gone, and says so until it is back", async () => {
    folder.put("a.yaml", yamlFlow("mounted"));
    await sync();
    folder.close();
    await expect(sync()).rejects.toThrow("ENOENT");
    expect(await flow("mounted")).toMatchObject({ archived: false });
    const name = `${folder.path.split("/").at(-1)}/`;
    expect(await problems()).toEqual({ [name]: ["FILE_NOT_FOUND 1:1"] });
    folder.put("a.yaml", yamlFlow("mounted"));
    expect(await sync()).toEqual(nothing);
    expect(await problems()).toEqual({});
  });

  it("keeps files and pushes apart", async () => {
    const push = (id: string) =>
      pushFlow(
        deps,
        operator,
        definitionInput.parse({ format: "yaml", path: "p.yaml", text: yamlFlow(id) }),
      );
    await push("pushed");
    folder.put("a.yaml", yamlFlow("kept"));
    await sync();
    expect(await flow("pushed")).toMatchObject({ path: null, archived: false });
    await expect(push("kept")).rejects.toMatchObject({ code: "CONFLICT" });
    folder.remove("a.yaml");
    await sync();
    expect(await push("kept")).toMatchObject({ revision: 1, created: false, origin: "push" });
  });

  it("keeps everything a revision needs in the database", async () => {
    folder.put("a.flow.ts", typescriptFlow("whole-ts", "'kept'"));
    folder.put("b.yaml", yamlFlow("whole-yaml", "files: [data/*.csv]\n"));
    folder.put("data/one.csv", "1,2\n");
    await sync();
    folder.remove("data");
    folder.remove("b.yaml");
    folder.remove("a.flow.ts");
    await sync();
    const { rows } = await database.pool.query<{
      kind: string;
      path: string;
      bytes: Buffer;
      sha: string;
    }>(
      `select f.kind, f.path, b.bytes, b.sha256 as sha from revision r
         join revision_file f on f.revision_id = r.id join blob b using (sha256)
        where r.flow_id like 'whole-%' order by f.kind`,
    );
    expect(rows.map(({ kind, path }) => ({ kind, path }))).toEqual([
      { kind: "bundle", path: "" },
      { kind: "file", path: "data/one.csv" },
    ]);
    expect(rows[0]?.bytes.toString()).toContain("'kept'".replaceAll("'", '"'));
    expect(rows[1]?.bytes.toString()).toBe("1,2\n");
    for (const { bytes, sha } of rows) {
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha);
    }
  });

  it("stores each flow once when several processes look at the same time", async () => {
    for (let i = 0; i < 10; i += 1) folder.put(`${i}.yaml`, yamlFlow(`race-${i}`));
    const reports = await Promise.all([sync(), sync(), sync()]);
    expect(reports.flatMap((report) => report.stored)).toHaveLength(10);
    for (let i = 0; i < 10; i += 1) expect(await flow(`race-${i}`)).toMatchObject({ number: 1 });
  });

  it("leaves nothing half-stored wherever it is cut off, and goes on from there", async () => {
    folder.put("a.flow.ts", typescriptFlow("cut-a", "1"));
    folder.put("b.yaml", yamlFlow("cut-b", "files: [b.csv]\n"));
    folder.put("b.csv", "1");
    let cuts = 0;
    for (let at = 1; ; at += 1) {
      const { pool, wasCut } = cutAfter(database.pool, at);
      const outcome = await syncFlows({ pool }, folder.path).catch((error: Error) => error);
      await expectWhole(["cut-a", "cut-b"]);
      if (!wasCut()) {
        expect(outcome).not.toBeInstanceOf(Error);
        break;
      }
      expect(outcome).toBeInstanceOf(Error);
      cuts += 1;
    }
    // One cut for each statement of two transactions.
    expect(cuts).toBeGreaterThan(20);
    expect(await flow("cut-a")).toMatchObject({ number: 1, archived: false });
    expect(await flow("cut-b")).toMatchObject({ number: 1, archived: false });
  });
});

/** A pool whose connection is terminated by the server before a certain statement. */
function cutAfter(pool: Pool, statements: number): { pool: Pool; wasCut: () => boolean } {
  let seen = 0;
  const wrap = (client: PoolClient, pid: number): PoolClient =>
    new Proxy(client, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== "function") return value;
        if (key !== "query") return value.bind(target);
        return async (...args: unknown[]) => {
          seen += 1;
          if (seen === statements) await pool.query("select pg_terminate_backend($1)", [pid]);
          return value.apply(target, args);
        };
      },
    });
  const cut = new Proxy(pool, {
    get(target, key) {
      if (key !== "connect") {
        const value: unknown = Reflect.get(target, key);
        return typeof value === "function" ? value.bind(target) : value;
      }
      return async () => {
        const client = await target.connect();
        // The pool's own listener is off while a client is out.
        client.on("error", () => {});
        const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
        return wrap(client, rows[0]?.pid ?? 0);
      };
    },
  });
  return { pool: cut, wasCut: () => seen >= statements };
}

/** Every flow has a revision with all of its tasks, edges and files, and a source row, or is not there. */
async function expectWhole(ids: readonly string[]): Promise<void> {
  const { rows } = await database.pool.query(
    `select f.id from flow f left join revision r on r.id = f.latest_revision_id
       left join flow_source s on s.flow_id = f.id and s.path = f.source_path
      where f.id = any($1) and (r.id is null or s.path is null
         or r.task_count <> (select count(*) from revision_task t where t.revision_id = r.id)
         or (select count(*) from revision_file x where x.revision_id = r.id)
            <> jsonb_array_length(r.spec->'files') + (r.spec ? 'bundle')::int)
      union all
     select flow_id from flow_source where flow_id = any($1)
        and flow_id not in (select id from flow)`,
    [ids],
  );
  expect(rows).toEqual([]);
}

describe("watchFlows", () => {
  it("follows the folder, survives failures and ends when asked to", async () => {
    const abort = new AbortController();
    const reports: SyncReport[] = [];
    const errors: unknown[] = [];
    folder.put("a.yaml", yamlFlow("watched"));
    const watching = watchFlows(deps, folder.path, {
      intervalMs: 20,
      signal: abort.signal,
      onChange: (report) => reports.push(report),
      onError: (error) => errors.push(error),
    });
    const reported = (count: number) =>
      expect.poll(() => reports, { timeout: 20_000 }).toHaveLength(count);

    await reported(1);
    folder.put("a.yaml", yamlFlow("watched", "name: New\n"));
    await reported(2);
    expect(await flow("watched")).toMatchObject({ number: 2 });

    folder.close();
    await expect.poll(() => errors, { timeout: 20_000 }).toHaveLength(1);
    folder.put("a.yaml", yamlFlow("watched", "name: New\n"));
    await reported(3);
    folder.put("b.yaml", yamlFlow("watched-too"));
    await reported(4);

    abort.abort();
    await watching;
    expect(reports.map((report) => report.stored)).toEqual([
      ["watched"],
      ["watched"],
      [],
      ["watched-too"],
    ]);
    expect(errors).toHaveLength(1);
  });
});
