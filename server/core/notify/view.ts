/** What people see of notices, channels and deliveries. Ids are decimal strings, times ISO 8601. */
import type { Json } from "../flow/spec.ts";
import type { RunState } from "../run/states.ts";
import type { FirstError, IntervalView } from "../run/view.ts";

/** What people are told about. */
export const noticeEvents = [
  "failed",
  "timed_out",
  "recovered",
  "schedule_missed",
  "backfill_finished",
  "runner_lost",
] as const;
export type NoticeEvent = (typeof noticeEvents)[number];

/** What a notice says besides the run that it is about. */
export interface NoticeDetail {
  /** runner_lost: name of the runner. */
  runner?: string;
  /** schedule_missed: key of the schedule, first and last tick, how many, and how many run late. */
  schedule?: string;
  first?: string;
  last?: string;
  count?: number;
  started?: number;
  /** backfill_finished. */
  state?: string;
  succeeded?: number;
  failed?: number;
  total?: number;
  /** recovered: failures of the incident. */
  failures?: number;
}

/** The run that a notice is about, as it is now. */
export interface NoticeRun {
  id: string;
  state: RunState;
  interval: IntervalView | null;
  timezone: string;
  params: Record<string, Json>;
  firstError: FirstError | null;
}

export interface NoticeView {
  id: string;
  event: NoticeEvent;
  at: string;
  read: boolean;
  flow: string | null;
  flowName: string | null;
  run: NoticeRun | null;
  backfill: string | null;
  detail: NoticeDetail;
  /** How often its incident has failed, and whether it is over; null without one. */
  incident: { failures: number; open: boolean } | null;
  /** Channels that the flow asks for and that do not exist. */
  unknownChannels: string[];
}

export interface Inbox {
  items: NoticeView[];
  next: string | null;
  unread: number;
}
