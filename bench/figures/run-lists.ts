/** How long a page of a long list of runs takes on the server: in the use case, and over HTTP. */
import { operator } from "#server/auth/actor.ts";
import type { RunFilter } from "#server/core/run/view.ts";
import { listRuns } from "#server/usecases/runs/read.ts";
import type { Bench, Measurement } from "../kit/bench.ts";
import { type History, openHistory } from "../kit/history.ts";
import { askInTurn, deepCursor, type Question } from "../kit/pages.ts";
import { startWeb } from "../kit/web.ts";
import type { Measured } from "../report/figure.ts";

const PAGE = 50;
const BOUND_MS = 50;

export const runLists: Measurement = { name: "run-lists", measure: measureUseCase };
export const runListsHttp: Measurement = { name: "run-lists-http", measure: measureHttp };

type Ask = (filter: RunFilter, cursor: string | null) => Promise<void>;

async function measureUseCase(bench: Bench): Promise<Measured[]> {
  const history = await openHistory(bench);
  const questions = await listQuestions(history, "run-lists", "", async (filter, cursor) => {
    const page = await listRuns(history.deps, operator, { filter, cursor, limit: PAGE });
    checkPage(page.items.length);
  });
  const how = `${history.runs.toLocaleString("en")} runs, the use case, page of ${PAGE}`;
  return askInTurn(questions, bench.quick ? 50 : 1_200, how);
}

async function measureHttp(bench: Bench): Promise<Measured[]> {
  const history = await openHistory(bench);
  const web = await startWeb(bench, history.url);
  const api = await listQuestions(history, "run-lists-api", ", API", async (filter, cursor) => {
    const input = encodeURIComponent(JSON.stringify({ filter, cursor, limit: PAGE }));
    const body: unknown = JSON.parse(await web.get(`/api/trpc/runs.list?input=${input}`));
    checkPage(itemsOf(body));
  });
  const html = await listQuestions(history, "run-lists-html", ", HTML", async (filter, cursor) => {
    const query = new URLSearchParams({
      ...(filter.flow === undefined ? {} : { flow: filter.flow }),
      ...(cursor === null ? {} : { before: cursor }),
    });
    checkPage(rowsOf(await web.get(`/runs?${query}`)));
  });
  const how = `${history.runs.toLocaleString("en")} runs, over HTTP from the built web process, page of ${PAGE}`;
  const figures = await askInTurn([...api, ...html], bench.quick ? 30 : 200, how);
  await web.stop();
  return figures;
}

/** First and deep pages of all runs and of one flow's runs. */
async function listQuestions(
  history: History,
  id: string,
  suffix: string,
  ask: Ask,
): Promise<Question[]> {
  const { rows } = await history.pool.query<{ id: string }>("select max(id) as id from run");
  const highest = Number(rows[0]?.id);
  const flow = (sample: number) => history.flows[sample % history.flows.length] ?? "";
  return [
    {
      id,
      name: `first page of all runs${suffix}`,
      ask: () => ask({}, null),
      boundMs: BOUND_MS,
    },
    {
      id: `${id}.deep`,
      name: `deep page of all runs${suffix}`,
      ask: (sample) => ask({}, deepCursor(highest, sample)),
      deepOf: id,
    },
    {
      id: `${id}.flow`,
      name: `first page of one flow's runs${suffix}`,
      ask: (sample) => ask({ flow: flow(sample) }, null),
      boundMs: BOUND_MS,
    },
    {
      id: `${id}.flow.deep`,
      name: `deep page of one flow's runs${suffix}`,
      ask: (sample) => ask({ flow: flow(sample) }, deepCursor(highest, sample)),
      deepOf: `${id}.flow`,
    },
  ];
}

/** A page that is not full was not the page that was meant. */
function checkPage(items: number): void {
  if (items !== PAGE) throw new Error(`A page of ${PAGE} runs holds ${items}`);
}

function itemsOf(body: unknown): number {
  if (typeof body !== "object" || body === null || !("result" in body)) return -1;
  const { result } = body;
  if (typeof result !== "object" || result === null || !("data" in result)) return -1;
  const { data } = result;
  if (typeof data !== "object" || data === null || !("items" in data)) return -1;
  return Array.isArray(data.items) ? data.items.length : -1;
}

/** Runs that a page of HTML links to. */
const rowsOf = (html: string): number =>
  new Set([...html.matchAll(/href="\/runs\/(\d+)"/g)].map((match) => match[1])).size;
