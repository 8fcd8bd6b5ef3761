"use client";
import { useTranslations } from "next-intl";
import { useMemo, useRef, useState } from "react";
import type { ApiError } from "#components/shell/api-error.ts";
import { useErrorText } from "#components/shell/error-text.ts";
import { isZone } from "#components/time/format.ts";
import type { Json } from "#server/core/flow/spec.ts";
import type { RunDraft } from "#server/core/run/view.ts";
import { errorTree, type FieldError, splitRefusal } from "./form-errors.ts";
import { type IntervalDraft, type IntervalFault, readInterval } from "./interval-fields.tsx";
import { paramIssues } from "./param-issues.ts";
import { type RunRequest, requestKeys } from "./run-request.ts";
import { wallOf } from "./wall-time.ts";

function firstInterval(draft: RunDraft): IntervalDraft {
  const { interval, needsInterval, timezone } = draft;
  return {
    on: interval !== null || needsInterval,
    start: interval === null ? "" : wallOf(interval.start, timezone),
    end: interval === null ? "" : wallOf(interval.end, timezone),
    zone: timezone,
  };
}

/**
 * The state of the form. Errors appear with the first try to send and are kept up from then on; what
 * the server refused stays marked until the parameter is changed.
 */
export function useRunForm(draft: RunDraft) {
  const t = useTranslations("runForm");
  const [params, setParamsState] = useState(draft.params);
  const [interval, setInterval] = useState(() => firstInterval(draft));
  const [tried, setTried] = useState(false);
  const [unreadable, setUnreadable] = useState(false);
  const [refused, setRefused] = useState<FieldError[]>([]);
  const textOf = useErrorText();
  const keys = useRef(requestKeys());

  const issues = useMemo(
    () => paramIssues(draft.schemas, draft.required, params),
    [draft.schemas, draft.required, params],
  );
  const span = readInterval(interval);
  const zoneFault = !isZone(interval.zone);
  const request = useMemo<RunRequest | null>(() => {
    if (issues.length > 0 || !span.ok || zoneFault || unreadable) return null;
    return {
      flow: draft.flow,
      revision: draft.revision,
      params,
      timezone: interval.zone,
      ...(span.interval === null ? {} : { interval: span.interval }),
      ...(draft.from === null ? {} : { from: draft.from }),
    };
  }, [draft, issues, params, interval.zone, span, zoneFault, unreadable]);

  const errors = useMemo(() => {
    const own = tried
      ? issues.map(({ path, key, values }) => ({ path, message: t(`issue.${key}`, values) }))
      : [];
    return errorTree([...own, ...refused]);
  }, [tried, issues, refused, t]);

  return {
    params,
    setParams(next: Record<string, Json>) {
      setRefused((old) =>
        old.filter(({ path }) => {
          const name = String(path[0]);
          return JSON.stringify(next[name]) === JSON.stringify(params[name]);
        }),
      );
      setParamsState(next);
    },
    /** True while the JSON text is not JSON: there is nothing to send then. */
    unreadable,
    setUnreadable,
    interval,
    setInterval,
    intervalFault: (tried && !zoneFault && !span.ok
      ? span.fault
      : null) satisfies IntervalFault | null,
    /** Shown at once: without a zone no time of the form means anything. */
    zoneFault,
    errors,
    /** What would be sent now; null while it would be refused. */
    request,
    /** Shows what is wrong; gives the request when nothing is. */
    attempt(): RunRequest | null {
      setTried(true);
      return request;
    },
    keyOf: (toSend: RunRequest) => keys.current(toSend),
    /** Places the server's errors; gives back what belongs to no field. */
    refuse(error: ApiError): string | null {
      const { fields, general } = splitRefusal(error);
      setRefused(fields);
      if (general === null) return null;
      const { message, fix, detail } = textOf({ ...error, message: general });
      return [message, fix, detail].filter(Boolean).join(" ");
    },
  };
}

export type RunForm = ReturnType<typeof useRunForm>;
