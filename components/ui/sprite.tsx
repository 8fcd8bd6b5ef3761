import {
  ArrowUp,
  Check,
  Clock,
  GitCompareArrows,
  Hourglass,
  LoaderCircle,
  type LucideIcon,
  Recycle,
  RotateCcw,
  RotateCw,
  Slash,
  Square,
  Unlink,
  X,
} from "lucide-react";
import type { ComponentProps } from "react";

/** Icons that stand in every row of a list. */
const drawn: ReadonlyMap<LucideIcon, string> = new Map(
  Object.entries({
    ArrowUp,
    Check,
    Clock,
    GitCompareArrows,
    Hourglass,
    LoaderCircle,
    Recycle,
    RotateCcw,
    RotateCw,
    Slash,
    Square,
    Unlink,
    X,
  }).map(([name, shape]) => [shape, `icon-${name}`]),
);

/** Draws those icons once for the whole page, out of sight. */
export function Sprite() {
  return (
    <svg aria-hidden className="hidden">
      {Array.from(drawn, ([Shape, id]) => (
        <symbol key={id} id={id} viewBox="0 0 24 24">
          <Shape strokeWidth="inherit" fill="inherit" />
        </symbol>
      ))}
    </svg>
  );
}

/**
 * An icon of a row: refers to the sprite, which for hundreds of them is a fraction of drawing each.
 * One that the sprite lacks is drawn in its place.
 */
export function RowIcon({ shape: Shape, ...props }: ComponentProps<"svg"> & { shape: LucideIcon }) {
  const id = drawn.get(Shape);
  if (id === undefined) {
    const { ref: _, ...rest } = props;
    return <Shape {...rest} />;
  }
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: hidden beside its word, or labelled by whoever places it
    <svg
      width={24}
      height={24}
      fill="none"
      stroke="currentColor"
      strokeWidth={2}
      strokeLinecap="round"
      strokeLinejoin="round"
      {...props}
    >
      <use href={`#${id}`} />
    </svg>
  );
}
