"use client";
import { TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "#components/ui/button.tsx";
import { apiErrorOf } from "./api-error.ts";
import { useThrownText } from "./error-text.ts";

interface QueryLike {
  data: unknown;
  isError: boolean;
  error: unknown;
  refetch: () => unknown;
}

/** Whether a query has failed and there is nothing to show in its place. */
export const isNotLoaded = ({ isError, data }: Pick<QueryLike, "isError" | "data">): boolean =>
  isError && data === undefined;

/**
 * Above data that could not be refreshed: the old data stays, and this says why it is old, with the
 * id of the request and a way to try again. Where there is no data at all it says that instead: the
 * place of the data stays empty then, for nobody knows whether there is any. Nothing while all is well.
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
        {t(query.data === undefined ? "notLoaded" : "stale")} {textOf(query.error).message}
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
