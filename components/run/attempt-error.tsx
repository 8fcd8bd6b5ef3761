"use client";
import { useTranslations } from "next-intl";
import type { AttemptView } from "#server/core/run/attempt-view.ts";

/** What a shell answers for a program that was ended by SIGKILL. */
const KILLED_CODE = 137;

type Error = NonNullable<AttemptView["error"]>;

/** Why an attempt did not succeed, in one sentence; the message itself is the task's own word. */
export function AttemptErrorText({ error }: { error: Error }) {
  const t = useTranslations("run.why");
  const why = () => {
    switch (error.kind) {
      case "exit":
        if (error.exitCode === KILLED_CODE) return t("killed");
        return error.exitCode === undefined ? t("exit") : t("exitCode", { code: error.exitCode });
      case "signal":
        if (error.signal === "SIGKILL") return t("killed");
        return t("signal", { signal: error.signal ?? "?" });
      case "http":
        return error.status === undefined ? t("http") : t("httpStatus", { status: error.status });
      default:
        return t(error.kind);
    }
  };
  return (
    <span>
      {why()}
      {error.gaveUp === undefined ? null : (
        <span className="block">{t(`gaveUp.${error.gaveUp}`)}</span>
      )}
    </span>
  );
}
