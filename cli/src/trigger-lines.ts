/** What starts a function, as /functions and `--check` describe it. */
export interface CheckedTriggers {
  http: CheckedRoute[];
  mq: { resource: string; topic: string; group: string; batch?: number }[];
  timers: CheckedTimer[];
  rpc: { service: string; method: string; requestStream?: boolean; responseStream?: boolean }[];
  cloudEvents: CheckedCloudEvents[];
  gateway: { api: string; version: string }[];
}

interface CheckedRoute {
  methods: string[];
  path: string;
  host?: string;
  stream?: boolean;
}

interface CheckedTimer {
  name: string;
  cron?: string;
  timeZone?: string;
  everyMs?: number;
  intervalMs?: number;
  broadcast?: boolean;
  disabled?: boolean;
}

interface CheckedCloudEvents {
  path?: string;
  resource?: string;
  topic?: string;
  types?: string[];
  sources?: string[];
  subjects?: string[];
}

/** One line for each trigger: "GET /items", "mq orders/orders (group shop.bill)", "timer nightly 0 30 3 * * * UTC". */
export function triggerLines({ http, mq, timers, rpc, cloudEvents, gateway }: CheckedTriggers): string[] {
  return [
    ...http.map(routeLine),
    ...mq.map(
      ({ resource, topic, group, batch }) =>
        `mq ${resource}/${topic} (group ${group}${batch === undefined ? '' : `, batches of ${batch}`})`,
    ),
    ...timers.map(timerLine),
    ...rpc.map(
      ({ service, method, requestStream, responseStream }) =>
        `rpc ${service}/${method}${requestStream || responseStream ? ' (stream)' : ''}`,
    ),
    ...cloudEvents.map(cloudEventsLine),
    ...gateway.map(({ api, version }) => `gateway ${api} ${version}`),
  ];
}

function routeLine({ methods, host = '', path, stream }: CheckedRoute): string {
  return `${methods.join(',')} ${host}${path}${stream ? ' (stream)' : ''}`;
}

function timerLine({ name, cron, timeZone, everyMs, intervalMs, broadcast, disabled }: CheckedTimer): string {
  const times =
    cron !== undefined
      ? `${cron} ${timeZone}`
      : everyMs !== undefined
        ? `every ${seconds(everyMs)}`
        : `${seconds(intervalMs ?? 0)} after the run before`;
  return `timer ${name} ${times}${broadcast ? ' (every pod)' : ''}${disabled ? ' (disabled)' : ''}`;
}

function cloudEventsLine({ path, resource, topic, types, sources, subjects }: CheckedCloudEvents): string {
  const place = [path ?? [], resource === undefined ? [] : `mq ${resource}/${topic}`].flat().join(', ');
  const filters = [...(types ?? []), ...(sources ?? []), ...(subjects ?? [])];
  return `cloudevents ${place}${filters.length === 0 ? '' : ` (${filters.join(', ')})`}`;
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
