"use client";
import { CircleX } from "lucide-react";
import { useTranslations } from "next-intl";
import { useErrorText } from "#components/shell/error-text.ts";
import type { Problem } from "#server/core/errors.ts";

/** Problems of a definition: the place to jump to, the cause, and what to do. */
export function ProblemList({ problems }: { problems: readonly Problem[] }) {
  const t = useTranslations("flows");
  const codes = useTranslations("errors.codes");
  const textOf = useErrorText();
  return (
    <ul className="grid gap-2">
      {problems.map((problem) => {
        const { file, line, column } = problem.position;
        const { message, fix, detail } = textOf(problem);
        const place = `${file}:${line}:${column}`;
        return (
          <li key={`${place}:${problem.code}`} className="flex gap-2 text-sm">
            <CircleX aria-hidden className="mt-0.5 size-4 shrink-0 text-failed" />
            <div className="min-w-0">
              <p>
                <span className="sr-only">{t("problemAt")} </span>
                <code className="break-all text-failed text-xs">{place}</code>{" "}
                <span
                  className="whitespace-nowrap font-mono text-faint text-xs"
                  title={codes(`${problem.code}.message`)}
                >
                  {problem.code}
                </span>
              </p>
              <p>{message}</p>
              <p className="text-muted">{fix}</p>
              {detail === null ? null : (
                <p lang="en" className="text-faint text-xs">
                  {detail}
                </p>
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
