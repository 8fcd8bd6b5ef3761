"use client";
import { Select, type SelectOption } from "./select.tsx";

/** Stands for "any" among the options; no name of a flow or channel can hold the character. */
const ANY = "\u0000any";

/** Narrows a list to one value, or to none. */
export function FilterSelect<Value extends string>({
  label,
  any,
  value,
  options,
  onChange,
  className,
}: {
  /** Accessible name. */
  label: string;
  /** Words for no narrowing. */
  any: string;
  value: Value | null;
  options: readonly SelectOption<Value>[];
  /** Told null for no narrowing. */
  onChange: (value: Value | null) => void;
  className?: string;
}) {
  return (
    <Select<Value | typeof ANY>
      label={label}
      size="sm"
      {...(className === undefined ? {} : { className })}
      value={value ?? ANY}
      onChange={(next) => onChange(next === ANY ? null : next)}
      options={[{ value: ANY, label: any }, ...options]}
    />
  );
}
