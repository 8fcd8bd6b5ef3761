"use client";
import { ShieldAlert, ShieldCheck } from "lucide-react";
import { useTranslations } from "next-intl";
import type { Json } from "#server/core/flow/spec.ts";
import type { Certificate } from "#server/core/run/rerun-view.ts";

/** The proof that a rerun is the same run again, or what differs. */
export function CertificateView({
  certificate,
  parent,
}: {
  certificate: Certificate;
  /** Id of the run that was run again. */
  parent: string;
}) {
  const t = useTranslations("rerun.certificate");
  const identical = certificate.verdict === "identical";
  const Icon = identical ? ShieldCheck : ShieldAlert;
  return (
    <div
      data-verdict={certificate.verdict}
      className={`grid gap-2 rounded-md px-3 py-2.5 text-sm ${identical ? "bg-success-soft" : "bg-orange-soft"}`}
    >
      <p
        className={`flex items-start gap-2 font-medium ${identical ? "text-success" : "text-orange"}`}
      >
        <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
        {identical ? t("identical", { id: parent }) : t("different", { id: parent })}
      </p>
      {identical ? (
        <p className="break-all font-mono text-muted text-xs leading-5">{certificate.identity}</p>
      ) : (
        <ul className="grid gap-2">
          {certificate.differences.map((difference) => (
            <li key={difference.field} className="grid gap-0.5 font-mono text-xs leading-5">
              <span className="break-all">{difference.field}</span>
              <span className="break-all text-muted">
                {text(difference.parent)} → {text(difference.run)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

const text = (value: Json) => (typeof value === "string" ? value : JSON.stringify(value));
