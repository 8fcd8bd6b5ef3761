"use client";
import { scaleLinear } from "d3-scale";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { useNumberText } from "#components/time/time.tsx";
import type { QueuePoint } from "#server/core/queue/view.ts";

const WIDTH = 600;
const HEIGHT = 72;

/** One number over the last hour as a filled line, with its highest value; said in words as well. */
export function HistoryChart({
  title,
  points,
  value,
  aside,
}: {
  title: string;
  points: readonly QueuePoint[];
  /** Null: not known at this point. */
  value: (point: QueuePoint) => number | null;
  aside?: ReactNode;
}) {
  const t = useTranslations("queue.history");
  const number = useNumberText();
  const known = points.flatMap((point) => {
    const y = value(point);
    return y === null ? [] : [{ x: Date.parse(point.at), y }];
  });
  const [first, last] = [known[0], known.at(-1)];
  const most = Math.max(0, ...known.map(({ y }) => y));
  const line =
    first === undefined || last === undefined || first === last
      ? null
      : pathOf(known, first.x, last.x, most);
  return (
    <figure className="grid min-w-0 gap-1 px-3 py-2.5">
      <figcaption className="flex items-baseline gap-2 text-xs">
        <span className="font-medium text-muted">{title}</span>
        <span className="ml-auto text-faint">
          {aside ?? t("most", { value: number(Math.round(most)) })}
        </span>
      </figcaption>
      {line === null ? (
        <p className="grid h-18 place-items-center text-faint text-xs">{t("soon")}</p>
      ) : (
        <svg
          role="img"
          aria-label={t("label", {
            title,
            most: number(Math.round(most)),
            last: number(Math.round(last?.y ?? 0)),
          })}
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          className="h-18 w-full overflow-visible"
        >
          <path d={`${line}V${HEIGHT}H0Z`} className="fill-running-soft" />
          <path
            d={line}
            vectorEffect="non-scaling-stroke"
            className="fill-none stroke-running-solid"
            strokeWidth={1.5}
          />
          <line
            x1={0}
            x2={WIDTH}
            y1={HEIGHT}
            y2={HEIGHT}
            vectorEffect="non-scaling-stroke"
            className="stroke-line"
          />
        </svg>
      )}
    </figure>
  );
}

function pathOf(
  points: readonly { x: number; y: number }[],
  from: number,
  to: number,
  most: number,
): string {
  const x = scaleLinear([from, to], [0, WIDTH]);
  const y = scaleLinear([0, Math.max(1, most)], [HEIGHT, 4]);
  return points
    .map(
      (point, index) =>
        `${index === 0 ? "M" : "L"}${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`,
    )
    .join("");
}
