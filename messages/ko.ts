/** All words of the interface in Korean: one file per area. A new area is named here and in the other language. */
import advice from "./ko/advice.json";
import backfills from "./ko/backfills.json";
import bulk from "./ko/bulk.json";
import common from "./ko/common.json";
import compare from "./ko/compare.json";
import dag from "./ko/dag.json";
import errors from "./ko/errors.json";
import flow from "./ko/flow.json";
import flows from "./ko/flows.json";
import home from "./ko/home.json";
import inbox from "./ko/inbox.json";
import logs from "./ko/logs.json";
import notifications from "./ko/notifications.json";
import queue from "./ko/queue.json";
import rerun from "./ko/rerun.json";
import run from "./ko/run.json";
import runForm from "./ko/run-form.json";
import runners from "./ko/runners.json";
import runs from "./ko/runs.json";
import schedules from "./ko/schedules.json";
import shortcuts from "./ko/shortcuts.json";

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
