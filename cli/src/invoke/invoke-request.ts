import type { CommandContext } from '../command.ts';
import { UsageError } from '../command.ts';
import { readContent } from '../read-data.ts';
import { readForm } from '../read-form.ts';

/** What --data may be for; "kind:name" says which of several triggers of a kind. */
const KINDS = Object.freeze(['http', 'rpc', 'mq', 'timer', 'cloudevent', 'gateway', 'event']);
const WHOLE_EVENT = 'application/vnd.bottle.event+json';
const JSON_TYPE = 'application/json';
/** What the admin port takes. It would answer before all is sent, and whoever is still sending may not hear it. */
const MAX_DATA_BYTES = 10 * 1024 * 1024;

/** The flags of `bottle invoke` that make the event. */
export interface EventFlags {
  as?: string | undefined;
  path?: string | undefined;
  method?: string | undefined;
  query?: readonly string[] | undefined;
  header?: readonly string[] | undefined;
  data?: string | undefined;
  form?: readonly string[] | undefined;
  'timeout-ms'?: string | undefined;
}

/** What the pod is asked. */
export interface InvokeRequest {
  /** With its query, below the function's. */
  url: string;
  headers: Readonly<Record<string, string>>;
  /** Undefined: nothing. */
  body: Buffer | undefined;
}

/** A call by flags. Which of them make sense is for the pod to say, which knows the function's triggers. Throws UsageError. */
export async function invokeRequestOf(flags: EventFlags, context: CommandContext): Promise<InvokeRequest> {
  const { as, path, method, query = [], header = [], 'timeout-ms': timeoutMs } = flags;
  assertKind(as);
  if (timeoutMs !== undefined && !/^[1-9]\d{0,9}$/.test(timeoutMs))
    throw new UsageError(`--timeout-ms takes a number of milliseconds, not "${timeoutMs}"`);
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries({ as, path, method })) if (value !== undefined) asked.set(name, value);
  for (const pair of query) asked.append('query', pair);
  for (const pair of header) asked.append('header', pair);
  if (flags.form && flags.data !== undefined) throw new UsageError('--data or --form, not both');
  const form = flags.form && (await readForm(flags.form, context));
  const body = form?.bytes ?? (await readContent(flags.data, context));
  if (body && body.length > MAX_DATA_BYTES)
    throw new UsageError('the data is larger than the 10 MiB that the admin port takes');
  return {
    url: `invoke?${asked.toString()}`,
    headers: {
      'content-type': form?.contentType ?? (body === undefined ? JSON_TYPE : typeOf(body, contentTypeOf(header))),
      ...(timeoutMs === undefined ? {} : { 'x-bottle-timeout-ms': timeoutMs }),
    },
    body,
  };
}

/** For an event to begin with. Throws UsageError for flags that say nothing to it. */
export function exampleRequestOf({ as, ...others }: EventFlags): InvokeRequest {
  assertKind(as);
  const useless = Object.entries(others).find(([, value]) => value !== undefined);
  if (useless) throw new UsageError(`--example takes --as alone: --${useless[0]} says nothing to it`);
  return { url: `example${as === undefined ? '' : `?as=${encodeURIComponent(as)}`}`, headers: {}, body: undefined };
}

function assertKind(as: string | undefined): void {
  const [kind = ''] = as?.split(':') ?? [];
  if (as !== undefined && !KINDS.includes(kind))
    throw new UsageError(`--as is one of ${KINDS.join(', ')}, not ${JSON.stringify(kind)}`);
}

/** Only data that says itself to be something else need not be JSON. Throws UsageError. */
function typeOf(body: Buffer, contentType: string | undefined): string {
  if (contentType !== undefined && !/[/+]json\b/i.test(contentType)) return contentType;
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch (error) {
    throw new UsageError(
      `--data is not JSON: ${(error as Error).message}; --header content-type=text/plain says that it is something else`,
    );
  }
  const isWhole = typeof value === 'object' && value !== null && '$event' in value;
  return isWhole ? WHOLE_EVENT : (contentType ?? JSON_TYPE);
}

function contentTypeOf(headers: readonly string[]): string | undefined {
  const found = headers.find((header) => /^\s*content-type\s*[:=]/i.test(header));
  return found?.slice(found.search(/[:=]/) + 1).trim();
}
