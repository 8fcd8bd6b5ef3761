/** The words of notifications, for receivers outside the product's own pages. */
import { unreachable } from "../errors.ts";
import type { Language } from "./channel.ts";
import type { NoticeView } from "./view.ts";

export interface Message {
  title: string;
  /** Facts, a line each. */
  lines: string[];
  link: string;
}

interface Words {
  test: string;
  testLine: string;
  failed: (flow: string) => string;
  timedOut: (flow: string) => string;
  recovered: (flow: string) => string;
  missed: (flow: string, count: number) => string;
  backfill: Record<string, (flow: string) => string>;
  runnerLost: (runner: string) => string;
  interval: string;
  params: string;
  error: string;
  task: string;
  run: string;
  failures: (n: number) => string;
  counts: (succeeded: number, failed: number) => string;
  ticks: (first: string, last: string) => string;
}

const words: Record<Language, Words> = {
  en: {
    test: "Test from Idem",
    testLine: "This channel works.",
    failed: (flow) => `${flow} failed`,
    timedOut: (flow) => `${flow} timed out`,
    recovered: (flow) => `${flow} recovered`,
    missed: (flow, count) => `${flow} missed ${count} ${count === 1 ? "tick" : "ticks"}`,
    backfill: {
      succeeded: (flow) => `Backfill of ${flow} succeeded`,
      failed: (flow) => `Backfill of ${flow} ended with failures`,
      cancelled: (flow) => `Backfill of ${flow} was cancelled`,
    },
    runnerLost: (runner) => `Runner ${runner} stopped answering`,
    interval: "Interval",
    params: "Parameters",
    error: "Error",
    task: "Task",
    run: "Run",
    failures: (n) => `It had failed ${n === 1 ? "once" : `${n} times`}.`,
    counts: (succeeded, failed) => `${succeeded} succeeded, ${failed} failed`,
    ticks: (first, last) => (first === last ? `Tick ${first}` : `Ticks ${first} to ${last}`),
  },
  ko: {
    test: "Idem 시험 알림",
    testLine: "이 채널은 잘 작동합니다.",
    failed: (flow) => `${flow}: 실패`,
    timedOut: (flow) => `${flow}: 시간 초과`,
    recovered: (flow) => `${flow}: 복구됨`,
    missed: (flow, count) => `${flow}: 예정 시각 ${count}회를 놓침`,
    backfill: {
      succeeded: (flow) => `${flow}: 백필 성공`,
      failed: (flow) => `${flow}: 백필이 실패를 남기고 끝남`,
      cancelled: (flow) => `${flow}: 백필 취소됨`,
    },
    runnerLost: (runner) => `러너 ${runner}: 유실`,
    interval: "구간",
    params: "매개변수",
    error: "오류",
    task: "작업",
    run: "실행",
    failures: (n) => `그동안 ${n}번 실패했습니다.`,
    counts: (succeeded, failed) => `성공 ${succeeded}, 실패 ${failed}`,
    ticks: (first, last) =>
      first === last ? `예정 시각 ${first}` : `예정 시각 ${first} ~ ${last}`,
  },
};

/** Longest text of parameters and of an error that is sent. */
const EXCERPT = 500;
const excerpt = (text: string) => (text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text);

/** @param base address of the product, without a slash at its end */
export function testMessage(language: Language, base: string): Message {
  const w = words[language];
  return { title: w.test, lines: [w.testLine], link: `${base}/settings/notifications` };
}

/** What a channel is told about a notice. @param base as for `testMessage` */
export function messageOf(notice: NoticeView, language: Language, base: string): Message {
  const w = words[language];
  const lines: string[] = [];
  const { run, detail } = notice;
  if (run !== null) {
    lines.push(`${w.run}: #${run.id}`);
    if (run.interval !== null) {
      lines.push(`${w.interval}: ${run.interval.start} – ${run.interval.end} (${run.timezone})`);
    }
    if (Object.keys(run.params).length > 0) {
      lines.push(`${w.params}: ${excerpt(JSON.stringify(run.params))}`);
    }
    if (run.firstError !== null && notice.event !== "recovered") {
      lines.push(`${w.task}: ${run.firstError.name ?? run.firstError.task}`);
      lines.push(`${w.error}: ${excerpt(run.firstError.message.split("\n", 1)[0] ?? "")}`);
    }
  }
  if (detail.failures !== undefined) lines.push(w.failures(detail.failures));
  if (detail.first !== undefined && detail.last !== undefined) {
    lines.push(w.ticks(detail.first, detail.last));
  }
  if (detail.succeeded !== undefined) lines.push(w.counts(detail.succeeded, detail.failed ?? 0));
  return { title: titleOf(notice, w), lines, link: `${base}${placeOf(notice)}` };
}

function titleOf({ event, flow, flowName, detail }: NoticeView, w: Words): string {
  const name = flowName ?? flow ?? "";
  switch (event) {
    case "failed":
      return w.failed(name);
    case "timed_out":
      return w.timedOut(name);
    case "recovered":
      return w.recovered(name);
    case "schedule_missed":
      return w.missed(name, detail.count ?? 0);
    case "backfill_finished":
      return (w.backfill[detail.state ?? ""] ?? w.failed)(name);
    case "runner_lost":
      return w.runnerLost(detail.runner ?? "?");
    default:
      return unreachable(event);
  }
}

/** Path of the page that a notice leads to. */
export function placeOf({ run, backfill, event, flow }: NoticeView): string {
  if (run !== null) return `/runs/${run.id}`;
  if (backfill !== null) return `/backfills/${backfill}`;
  if (event === "runner_lost") return "/runners";
  return flow === null ? "/inbox" : `/flows/${encodeURIComponent(flow)}`;
}
