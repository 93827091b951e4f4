import { decodeDocument } from '@bottle/protos';
import { isUtf8 } from 'node:buffer';
import type { Idempotency__Output } from '@bottle/protos';
import type { IdempotentEvent } from './layer.ts';

/** What a key expression may look at. A trigger gives what it has. */
export interface KeySources {
  /** The payload alone, without what differs between two sendings (attempt, offset): a repeat must bring the same. */
  payload: Uint8Array;
  /** For `body.<field>`, where the payload is not JSON. @default the payload, parsed as JSON */
  json?(): unknown;
  /**
   * For `header.<name>` and `cookie.<name>`: a header or metadata entry; the name is in lower case. The one called
   * `authorization` belongs to what a repeat must bring again.
   */
  header?(name: string): string | Uint8Array | undefined;
  /** For `attribute.<name>`: alternating name and value, as the invocation carries them. */
  attributes?: readonly string[] | undefined;
  /** For `key`: that of a message. */
  key?: string | Uint8Array | null | undefined;
  /** For `id`: that of a CloudEvent. */
  id?: string | undefined;
}

/**
 * The rule of a trigger together with the key that an event has for it, as `carryEvent` takes them; undefined without
 * a rule. `scope` keeps equal keys of one function apart: "<topic>/<group>", "<service>/<method>", "<api>/<version>".
 * Never throws: an event without the key is refused on its way.
 */
export function idempotencyOf(
  rule: Idempotency__Output | null | undefined,
  { scope, ...sources }: KeySources & { scope: string },
): IdempotentEvent | undefined {
  if (!rule) return undefined;
  const { payload, header } = sources;
  const credentials = textOf(header?.('authorization')) ?? '';
  return { rule, scope, key: idempotencyKeyOf(rule.key, sources), payload, credentials };
}

/**
 * What a key expression such as "header.idempotency-key" or "cookie.cart + header.idempotency-key" finds; undefined
 * when a part of it is not there or is empty.
 */
export function idempotencyKeyOf(expression: string, sources: KeySources): string | undefined {
  const parts = expression.split('+').map((part) => valueOf(part.trim(), sources));
  if (parts.some((part) => part === undefined)) return undefined;
  return parts.length === 1 ? parts[0] : JSON.stringify(parts);
}

function valueOf(expression: string, sources: KeySources): string | undefined {
  const [source, name] = split(expression);
  if (source === 'key') return textOf(sources.key);
  if (source === 'id') return textOf(sources.id);
  if (source === 'header') return textOf(sources.header?.(name.toLowerCase()));
  if (source === 'cookie') return cookieOf(textOf(sources.header?.('cookie')) ?? '', name);
  if (source === 'attribute') return textOf(attributeOf(sources.attributes ?? [], name));
  return textOf(fieldOf(jsonOf(sources), name.split('.')));
}

/** As it was sent: undecoded. */
function cookieOf(header: string, wanted: string): string | undefined {
  const pairs = header.split(';').map((pair) => pair.trim());
  return textOf(pairs.find((pair) => pair.startsWith(`${wanted}=`))?.slice(wanted.length + 1));
}

function split(expression: string): [source: string, name: string] {
  const dot = expression.indexOf('.');
  return dot === -1 ? [expression, ''] : [expression.slice(0, dot), expression.slice(dot + 1)];
}

function attributeOf(attributes: readonly string[], wanted: string): string | undefined {
  for (let index = 0; index < attributes.length; index += 2) {
    if (attributes[index] === wanted) return attributes[index + 1];
  }
  return undefined;
}

function jsonOf({ payload, json }: KeySources): unknown {
  try {
    if (json) return json();
    return JSON.parse(decodeDocument(payload, 'it'));
  } catch {
    return undefined; // it has no such field
  }
}

function fieldOf(value: unknown, path: readonly string[]): unknown {
  let field = value;
  for (const name of path) {
    if (typeof field !== 'object' || field === null || !Object.hasOwn(field, name)) return undefined;
    field = (field as Record<string, unknown>)[name];
  }
  return field;
}

/** Only what is one value: text, a number, true or false. Bytes that are no text count as they are. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (!(value instanceof Uint8Array) || value.length === 0) return undefined;
  return Buffer.from(value).toString(isUtf8(value) ? 'utf8' : 'hex');
}
