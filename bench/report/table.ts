/** The figures as a table for a terminal. */
import type { Figure, Limit, Target, Unit } from "./figure.ts";

const headings = ["figure", "value", "range", "limit", "ratio", "target", ""] as const;

/** @returns lines without a line feed at the end */
export function formatTable(figures: readonly Figure[]): string[] {
  const rows = [headings, ...figures.map(toRow)];
  const widths = headings.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 || column === 6
          ? cell.padEnd(widths[column] ?? 0)
          : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

function toRow(figure: Figure): readonly string[] {
  const { unit, limit, ratio, range } = figure;
  return [
    figure.name,
    formatValue(figure.value, unit),
    `${formatNumber(range[0])}–${formatNumber(range[1])}`,
    limit === undefined ? "" : formatLimit(limit, unit),
    ratio === null ? "" : `${ratio.toFixed(2)}×`,
    figure.target === undefined ? "" : formatTarget(figure.target, unit),
    figure.pass === null ? "" : figure.pass ? "met" : "MISSED",
  ];
}

function formatTarget(target: Target, unit: Unit): string {
  if (target.kind === "value") return `≤ ${formatValue(target.atMost, unit)}`;
  return "atMost" in target ? `≤ ${target.atMost}×` : `≥ ${target.atLeast}×`;
}

function formatLimit({ value, drift }: Limit, unit: Unit): string {
  const moved = drift === null ? "" : ` ±${percent(drift / 2)}`;
  return `${formatValue(value, unit)}${moved}`;
}

const formatValue = (value: number, unit: Unit): string => `${formatNumber(value)} ${unit}`;

/** Three significant digits, whole numbers from a hundred on. */
function formatNumber(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return value.toPrecision(3);
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
