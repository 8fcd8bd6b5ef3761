"use client";
import { useLocale, useTranslations } from "next-intl";
import { useCallback } from "react";
import { toast } from "sonner";
import type { ErrorCode } from "#server/core/errors.ts";
import { apiErrorOf } from "./api-error.ts";
import { quotedValues } from "./quoted-values.ts";

/** What an error says to the reader, each one sentence. */
export interface ErrorText {
  message: string;
  fix: string | null;
  /** The server's own words, which know more; null where they are `message` and `fix` already. */
  detail: string | null;
}

interface Told {
  code: ErrorCode;
  message: string;
  fix: string | null;
}

/**
 * Words for errors of the API and problems of definitions. The server writes English; readers of
 * another language get the sentence of the code, with the values that the server named.
 */
export function useErrorText(): (error: Told) => ErrorText {
  const locale = useLocale();
  const t = useTranslations("errors");
  return useCallback(
    ({ code, message, fix }) => {
      if (locale === "en") return { message, fix, detail: null };
      const sentence = t(`codes.${code}.message`);
      const values = quotedValues(message);
      return {
        message:
          values.length === 0 ? sentence : t("withValues", { sentence, values: values.join(", ") }),
        fix: fix === null ? null : t(`codes.${code}.fix`),
        detail: [message, fix].filter(Boolean).join(" "),
      };
    },
    [locale, t],
  );
}

/** As useErrorText, for anything that a call threw: also for a server that does not answer. */
export function useThrownText(): (thrown: unknown) => ErrorText {
  const t = useTranslations("errors");
  const textOf = useErrorText();
  return useCallback(
    (thrown) => {
      const error = apiErrorOf(thrown);
      return error === null ? { message: t("noAnswer"), fix: null, detail: null } : textOf(error);
    },
    [t, textOf],
  );
}

/** Shows why a call failed. */
export function useErrorToast(): (thrown: unknown) => void {
  const textOf = useThrownText();
  return useCallback(
    (thrown) => {
      const { message, fix, detail } = textOf(thrown);
      toast.error(message, { description: [fix, detail].filter(Boolean).join(" ") || undefined });
    },
    [textOf],
  );
}
