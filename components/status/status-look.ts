/**
 * How each state looks: tone, icon and whether the badge is filled or outlined. The word comes from
 * the catalogue (`common.state.*`), so that a state is never told by colour alone.
 */
import {
  ArrowUp,
  Check,
  Clock,
  Hourglass,
  LoaderCircle,
  type LucideIcon,
  Recycle,
  RotateCw,
  Slash,
  Square,
  Unlink,
  X,
} from "lucide-react";
import type { AttemptState, RunState, TaskState } from "#server/core/run/states.ts";

export type AnyState = RunState | TaskState | AttemptState;

export type Tone = "neutral" | "running" | "success" | "failed" | "orange" | "yellow" | "dark";

export interface StatusLook {
  tone: Tone;
  icon: LucideIcon;
  /** Outlined states did not do the work themselves: reused, skipped, upstream failed. */
  outline?: true;
  spins?: true;
}

export const statusLook: Readonly<Record<AnyState, StatusLook>> = {
  queued: { tone: "neutral", icon: Clock },
  waiting: { tone: "neutral", icon: Clock },
  ready: { tone: "neutral", icon: Clock },
  running: { tone: "running", icon: LoaderCircle, spins: true },
  succeeded: { tone: "success", icon: Check },
  reused: { tone: "success", icon: Recycle, outline: true },
  failed: { tone: "failed", icon: X },
  lost: { tone: "orange", icon: Unlink },
  timed_out: { tone: "orange", icon: Hourglass },
  retry_wait: { tone: "yellow", icon: RotateCw },
  upstream_failed: { tone: "orange", icon: ArrowUp, outline: true },
  skipped: { tone: "neutral", icon: Slash, outline: true },
  cancelled: { tone: "dark", icon: Square },
};

/** Tailwind classes of a tone: text, soft background, and solid fill for bars, cells and dots. */
export const toneClass: Readonly<
  Record<Tone, { text: string; soft: string; solid: string; line: string }>
> = {
  neutral: {
    text: "text-neutral",
    soft: "bg-neutral-soft",
    solid: "bg-neutral-solid",
    line: "border-neutral-solid",
  },
  running: {
    text: "text-running",
    soft: "bg-running-soft",
    solid: "bg-running-solid",
    line: "border-running-solid",
  },
  success: {
    text: "text-success",
    soft: "bg-success-soft",
    solid: "bg-success-solid",
    line: "border-success-solid",
  },
  failed: {
    text: "text-failed",
    soft: "bg-failed-soft",
    solid: "bg-failed-solid",
    line: "border-failed-solid",
  },
  orange: {
    text: "text-orange",
    soft: "bg-orange-soft",
    solid: "bg-orange-solid",
    line: "border-orange-solid",
  },
  yellow: {
    text: "text-yellow",
    soft: "bg-yellow-soft",
    solid: "bg-yellow-solid",
    line: "border-yellow-solid",
  },
  dark: {
    text: "text-dark",
    soft: "bg-dark-soft",
    solid: "bg-dark-solid",
    line: "border-dark-solid",
  },
};

/** CSS colour of a state's solid fill, for SVG and canvas drawing. */
export function statusColor(state: AnyState): string {
  return `var(--${statusLook[state].tone}-solid)`;
}
