import { isAbsolute, normalize } from 'node:path';
import { z } from 'zod';

/** Marks what neither Midway nor the Serverless Framework knows. */
export const OURS = { 'x-bottle-addition': true };

/** Whether a path, read from the project's directory, stays in it. Symbolic links are the author's business. */
export function isInProject(path: string): boolean {
  return !isAbsolute(path) && !/^\.\.([/\\]|$)/.test(normalize(path)) && !path.includes('\0');
}

export const OUT_OF_PROJECT = 'expected a path inside the project';

const MAX_TIMEOUT_SEC = 24 * 3600;

export const duration = z
  .union([
    z.number().positive('expected more than 0 seconds').max(MAX_TIMEOUT_SEC),
    z
      .string()
      .regex(/^\d+(\.\d+)?(ms|s|m|h)$/, 'expected seconds (30), or a number with ms, s, m or h ("1500ms")')
      .refine((text) => toMs(text) >= 1, 'expected at least 1 ms')
      .refine((text) => toMs(text) <= MAX_TIMEOUT_SEC * 1_000, 'expected at most 24 hours'),
  ])
  .describe('Seconds, or text with a unit: 30, "1500ms", "2m".');

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a `duration`. */
export function toMs(value: string | number): number;
export function toMs(value: string | number | undefined): number | undefined;
export function toMs(value: string | number | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number') return Math.round(value * 1_000);
  const match = /^([\d.]+)(\w+)$/.exec(value);
  return Math.round(Number(match?.[1]) * (UNIT_MS[match?.[2] ?? ''] ?? 1));
}

/** "10mb": bytes, kB and so on by thousands, KiB and so on by 1024. */
export const byteSize = z
  .union([
    z.int().positive('expected more than 0 bytes'),
    z.string().regex(/^\d+(\.\d+)?\s*(b|kb|mb|gb|kib|mib|gib)$/i, 'expected a number with kb, mb or gb ("5mb")'),
  ])
  .describe('Bytes, or text with a unit: 500000, "500kb", "5mb", "5MiB".');

/** A resource of one capability, with or without the capability's name before it: "mq.orders" or "orders". */
export function resourceOf(capability: string): z.ZodType<string> {
  return z
    .string()
    .regex(new RegExp(`^(${capability}\\.)?[A-Za-z][\\w-]*$`), `expected a resource, such as "${capability}.orders"`)
    .transform((id) => id.slice(id.indexOf('.') + 1));
}

/** What Kafka allows: topics, and groups, whose names become part of one. */
export const topicName = z
  .string()
  .regex(/^(?!\.{1,2}$)[\w.-]{1,249}$/, 'expected 1 to 249 letters, digits, ".", "_" or "-"');

export const oneOrMany = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
  .transform((value) => (typeof value === 'string' ? [value] : value));
