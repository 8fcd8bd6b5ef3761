/** All words of the interface in English: one file per area. A new area is named here and in the other language. */
import advice from "./en/advice.json";
import backfills from "./en/backfills.json";
import bulk from "./en/bulk.json";
import common from "./en/common.json";
import compare from "./en/compare.json";
import dag from "./en/dag.json";
import errors from "./en/errors.json";
import flow from "./en/flow.json";
import flows from "./en/flows.json";
import home from "./en/home.json";
import inbox from "./en/inbox.json";
import logs from "./en/logs.json";
import notifications from "./en/notifications.json";
import queue from "./en/queue.json";
import rerun from "./en/rerun.json";
import run from "./en/run.json";
import runForm from "./en/run-form.json";
import runners from "./en/runners.json";
import runs from "./en/runs.json";
import schedules from "./en/schedules.json";
import shortcuts from "./en/shortcuts.json";

export const messages = {
  advice,
  backfills,
  bulk,
  common,
  compare,
  dag,
  errors,
  flow,
  flows,
  home,
  inbox,
  logs,
  notifications,
  queue,
  rerun,
  run,
  runForm,
  runners,
  runs,
  schedules,
  shortcuts,
};
