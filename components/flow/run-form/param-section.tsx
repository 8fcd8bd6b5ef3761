"use client";
import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Panel } from "#components/ui/panel.tsx";
import { Segments } from "#components/ui/segments.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { hideWriteOnly, keepHidden } from "#server/core/flow/params/write-only.ts";
import type { RunDraft } from "#server/core/run/view.ts";
import { ParamForm } from "./param-form.tsx";
import { parseParams, writeParams } from "./params-text.ts";
import type { RunForm } from "./use-run-form.ts";

const JsonEditor = dynamic(() => import("./json-editor.tsx").then((module) => module.JsonEditor), {
  ssr: false,
  loading: () => <Skeleton className="h-40" />,
});

const modes = ["form", "json"] as const;

/** The parameters as fields or as JSON; both edit the same values. */
export function ParamSection({ form, draft }: { form: RunForm; draft: RunDraft }) {
  const t = useTranslations("runForm");
  const [mode, setMode] = useState<(typeof modes)[number]>("form");
  const [text, setText] = useState("");
  /** The values that the text was written from, and how it shows them. */
  const [written, setWritten] = useState({ seen: form.params, real: form.params });
  const [problem, setProblem] = useState<string | null>(null);
  const none = Object.keys(draft.schemas).length === 0;

  const switchTo = (next: (typeof modes)[number]) => {
    if (next === "json") {
      const seen = hideWriteOnly(draft.schemas, form.params);
      setWritten({ seen, real: form.params });
      setText(writeParams(seen));
    }
    setMode(next);
  };
  const onText = (next: string, line: number | null) => {
    const parsed = parseParams(next);
    form.setUnreadable(!parsed.ok);
    if (parsed.ok) {
      setProblem(null);
      form.setParams(keepHidden(parsed.values, written.seen, written.real));
    } else if (parsed.reason === "shape") {
      setProblem(t("jsonShape"));
    } else {
      setProblem(line === null ? t("jsonSyntax") : t("jsonLine", { line }));
    }
  };

  return (
    <Panel
      title={t("parameters")}
      aside={
        none ? undefined : (
          <Segments
            label={t("mode")}
            value={mode}
            options={modes.map((one) => ({
              value: one,
              label: t(`modes.${one}`),
              // Text that is no JSON has no fields to show.
              disabled: one === "form" && form.unreadable,
            }))}
            onChange={switchTo}
          />
        )
      }
    >
      <div className="p-3">
        {none ? (
          <p className="text-muted text-sm">{t("noParameters")}</p>
        ) : mode === "form" ? (
          <ParamForm
            schemas={draft.schemas}
            required={draft.required}
            values={form.params}
            errors={form.errors}
            zone={form.interval.zone}
            onChange={form.setParams}
          />
        ) : (
          <div className="grid gap-1.5">
            <JsonEditor
              text={text}
              onChange={onText}
              label={t("parameters")}
              describedBy="json-problem"
            />
            <div id="json-problem" role="status" className="text-failed text-xs">
              {problem ?? <JsonErrors form={form} />}
            </div>
          </div>
        )}
      </div>
    </Panel>
  );
}

interface Node {
  __errors?: string[] | undefined;
}

/** In JSON there are no fields to put errors at: they are listed with the place they are about. */
function JsonErrors({ form }: { form: RunForm }) {
  const lines: string[] = [];
  const visit = (node: Node, path: string) => {
    for (const message of node.__errors ?? []) lines.push(`${path}: ${message}`);
    for (const [key, child] of Object.entries(node)) {
      if (key === "__errors" || typeof child !== "object" || child === null) continue;
      visit(child as Node, path === "" ? key : `${path}.${key}`);
    }
  };
  visit(form.errors as Node, "");
  return (
    <ul>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
