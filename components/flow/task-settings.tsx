"use client";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Duration } from "#components/time/time.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { failureNames } from "#server/core/flow/failure-names.ts";
import type { FailureMatch, Json, RetryPolicy, TaskSpec } from "#server/core/flow/spec.ts";

function Row({ label, children }: { label: ReactNode; children: ReactNode }) {
  return (
    <div className="grid gap-0.5 border-t px-3 py-2 first:border-0">
      <dt className="text-faint text-xs">{label}</dt>
      <dd className="min-w-0 text-sm">{children}</dd>
    </div>
  );
}

function Code({ value }: { value: Json }) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return (
    <pre className="max-h-72 overflow-auto whitespace-pre-wrap break-words rounded-sm bg-fill px-2 py-1.5 text-xs">
      {text}
    </pre>
  );
}

/** How often, when and after which failures a task is tried again. */
function RetryRule({ retry }: { retry: RetryPolicy }) {
  const t = useTranslations("flow.task");
  if (retry.attempts <= 1) return t("noRetry");
  const failures = (match: FailureMatch) => (
    <code className="text-xs">{failureNames(match).join(", ")}</code>
  );
  return (
    <div className="grid gap-1">
      <p>
        {t.rich("retryPolicy", {
          attempts: retry.attempts,
          factor: retry.factor,
          delay: () => <Duration ms={retry.delayMs} />,
          cap: () => <Duration ms={retry.capMs} />,
        })}
      </p>
      {retry.retryOn === undefined ? null : (
        <p>{t.rich("retryOn", { failures: () => failures(retry.retryOn ?? {}) })}</p>
      )}
      {retry.giveUpOn === undefined ? null : (
        <p>{t.rich("giveUpOn", { failures: () => failures(retry.giveUpOn ?? {}) })}</p>
      )}
      {retry.giveUpAfterMs === undefined ? null : (
        <p>{t.rich("giveUpAfter", { time: () => <Duration ms={retry.giveUpAfterMs ?? 0} /> })}</p>
      )}
    </div>
  );
}

/** What a revision says about one task. Templates are shown as written. */
export function TaskSettings({
  task,
  nameOf,
}: {
  task: TaskSpec;
  /** What people call a task. */
  nameOf: (task: string) => string;
}) {
  const t = useTranslations("flow.task");
  const env = Object.entries(task.env);
  return (
    <dl>
      {task.description === undefined ? null : (
        <Row label={t("description")}>{task.description}</Row>
      )}
      <Row label={t("type")}>
        <span className="font-mono">{task.type}</span>
      </Row>
      {Object.entries(task.with).map(([key, value]) => (
        <Row key={key} label={<span className="font-mono">{key}</span>}>
          <Code value={value} />
        </Row>
      ))}
      {task.needs.length === 0 ? null : (
        <Row label={t("needs")}>
          <span className="flex flex-wrap gap-1">
            {task.needs.map((need) => (
              <Badge key={need}>{nameOf(need)}</Badge>
            ))}
          </span>
        </Row>
      )}
      {task.if === undefined ? null : (
        <Row label={t("if")}>
          <code className="text-xs">{task.if}</code>
        </Row>
      )}
      {env.length === 0 ? null : (
        <Row label={t("env")}>
          <Code value={env.map(([name, value]) => `${name}=${value}`).join("\n")} />
        </Row>
      )}
      {task.timeoutMs === undefined ? null : (
        <Row label={t("timeout")}>
          <Duration ms={task.timeoutMs} />
        </Row>
      )}
      <Row label={t("retry")}>
        <RetryRule retry={task.retry} />
      </Row>
      <Row label={t("writes")}>
        <span className="font-mono">{task.writes.mode}</span>
        {task.writes.dataset === undefined ? null : (
          <code className="block break-all text-muted text-xs">
            {task.writes.dataset}
            {task.writes.partition === undefined ? "" : ` / ${task.writes.partition}`}
          </code>
        )}
      </Row>
    </dl>
  );
}
