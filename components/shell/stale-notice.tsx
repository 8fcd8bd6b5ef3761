"use client";
import { TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "#components/ui/button.tsx";
import { apiErrorOf } from "./api-error.ts";
import { useThrownText } from "./error-text.ts";

interface QueryLike {
  isError: boolean;
  error: unknown;
  refetch: () => unknown;
}

/**
 * Above data that could not be refreshed: the old data stays, and this says why it is old, with the
 * id of the request and a way to try again. Shows nothing while all is well.
 */
export function StaleNotice({ query }: { query: QueryLike }) {
  const t = useTranslations("errors");
  const textOf = useThrownText();
  if (!query.isError) return null;
  const error = apiErrorOf(query.error);
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md bg-orange-soft px-3 py-2 text-orange text-sm"
    >
      <TriangleAlert aria-hidden className="size-4 shrink-0" />
      <span className="min-w-0 flex-1">
        {t("stale")} {textOf(query.error).message}
        {error === null ? null : (
          <span className="ml-2 font-mono text-xs">{t("request", { id: error.requestId })}</span>
        )}
      </span>
      <Button size="sm" onClick={() => void query.refetch()}>
        {t("retry")}
      </Button>
    </div>
  );
}
