import { CallError, Code } from '@bottle/protos';

/** Seconds, or text with a unit: 30, "1500ms", "2m", "1h", "7d". As in serverless.yml. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Whole milliseconds. Throws INVALID_ARGUMENT on what is not a duration, or a negative one. */
export function toMs(duration: Duration): number {
  const match = typeof duration === 'number' ? undefined : /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration);
  const ms = typeof duration === 'number' ? duration * 1_000 : Number(match?.[1]) * (UNIT_MS[match?.[2] ?? ''] ?? 1);
  if (Number.isFinite(ms) && ms >= 0) return Math.round(ms);
  const message = `${String(duration)} is not a duration: expected seconds (30), or a number with ms, s, m, h or d ("1500ms")`;
  throw new CallError(Code.INVALID_ARGUMENT, 'bad-duration', message);
}
