"use client";
import { GitCompareArrows, X } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useCallback, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { compareHref } from "./compare-href.ts";

export interface Comparison {
  /** The run that waits for a second one. */
  first: string | null;
  /** Chooses a run: the first one waits, the second opens both, older first; the same again lets go. */
  choose: (run: { id: string }) => void;
  cancel: () => void;
}

export function useComparison(): Comparison {
  const router = useRouter();
  const [first, setFirst] = useState<string | null>(null);
  const choose = useCallback(
    ({ id }: { id: string }) => {
      setFirst(first === null ? id : null);
      if (first === null || first === id) return;
      const [a, b] = BigInt(first) < BigInt(id) ? [first, id] : [id, first];
      router.push(compareHref(a, b));
    },
    [first, router],
  );
  return { first, choose, cancel: useCallback(() => setFirst(null), []) };
}

/** What to do next, while one run has been chosen. */
export function CompareNotice({ comparison }: { comparison: Comparison }) {
  const t = useTranslations("compare");
  return (
    <div role="status">
      {comparison.first === null ? null : (
        <p className="flex items-center gap-2 rounded-md bg-accent-soft px-3 py-1.5 text-accent text-sm">
          <GitCompareArrows aria-hidden className="size-4 shrink-0" />
          {t("selected", { id: comparison.first })}
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label={t("cancel")}
            title={t("cancel")}
            className="ml-auto"
            onClick={comparison.cancel}
          >
            <X aria-hidden />
          </Button>
        </p>
      )}
    </div>
  );
}
