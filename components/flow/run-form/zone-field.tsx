"use client";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { describedBy, Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";

/** The time zone in which dates are read: any IANA name, the known ones offered. */
export function ZoneField({
  zone,
  isWrong,
  help,
  isFixed = false,
  className,
  onChange,
}: {
  zone: string;
  /** True when the zone is none that is known. */
  isWrong: boolean;
  help: ReactNode;
  /** True when something else says which zone it is. */
  isFixed?: boolean;
  className?: string;
  onChange: (zone: string) => void;
}) {
  const t = useTranslations("runForm");
  return (
    <Field
      id="timezone"
      label={t("zone")}
      help={help}
      error={isWrong ? t("zoneFault") : null}
      {...(className === undefined ? {} : { className })}
    >
      <Input
        id="timezone"
        list="timezones"
        value={zone}
        spellCheck={false}
        autoComplete="off"
        disabled={isFixed}
        aria-invalid={isWrong}
        aria-describedby={describedBy("timezone", true, isWrong)}
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id="timezones">
        {["UTC", ...Intl.supportedValuesOf("timeZone")].map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </Field>
  );
}
