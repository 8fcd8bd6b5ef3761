/** Gives every catalogue key a type: a misspelt key does not compile. */
import type advice from "#messages/en/advice.json";
import type backfills from "#messages/en/backfills.json";
import type bulk from "#messages/en/bulk.json";
import type common from "#messages/en/common.json";
import type compare from "#messages/en/compare.json";
import type dag from "#messages/en/dag.json";
import type errors from "#messages/en/errors.json";
import type flow from "#messages/en/flow.json";
import type flows from "#messages/en/flows.json";
import type home from "#messages/en/home.json";
import type inbox from "#messages/en/inbox.json";
import type logs from "#messages/en/logs.json";
import type notifications from "#messages/en/notifications.json";
import type queue from "#messages/en/queue.json";
import type rerun from "#messages/en/rerun.json";
import type run from "#messages/en/run.json";
import type runForm from "#messages/en/run-form.json";
import type runners from "#messages/en/runners.json";
import type runs from "#messages/en/runs.json";
import type schedules from "#messages/en/schedules.json";
import type shortcuts from "#messages/en/shortcuts.json";
import type { Locale } from "./locale.ts";

declare module "next-intl" {
  interface AppConfig {
    Locale: Locale;
    Messages: {
      advice: typeof advice;
      backfills: typeof backfills;
      bulk: typeof bulk;
      common: typeof common;
      compare: typeof compare;
      dag: typeof dag;
      errors: typeof errors;
      flow: typeof flow;
      flows: typeof flows;
      home: typeof home;
      inbox: typeof inbox;
      logs: typeof logs;
      notifications: typeof notifications;
      queue: typeof queue;
      rerun: typeof rerun;
      run: typeof run;
      runForm: typeof runForm;
      runners: typeof runners;
      runs: typeof runs;
      schedules: typeof schedules;
      shortcuts: typeof shortcuts;
    };
  }
}
