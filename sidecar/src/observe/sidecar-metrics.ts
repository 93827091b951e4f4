import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { FunctionLoad } from '../layer.ts';
import { type Counter, type Histogram, MetricsRegistry } from './metrics-registry.ts';
import { addMqMetrics, type MqGauge, type MqMetrics } from './mq-metrics.ts';

/** Seconds. Few, for there is a series of each for every function and every method. */
const DURATION_BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10];
/** Seconds, of all schedules together. */
const DRIFT_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export interface SidecarGauges {
  /** The longest turns of both event loops since their start, by cause. */
  longestTurns(): { process: string; cause: string; seconds: number }[];
  /** Lines of either log that found no room, since its process started. */
  droppedLogLines(): { process: string; lines: number }[];
  /** Stored values and messages that functions could not read, since their process started. */
  leftOutValues(): { resource: string; count: number }[];
  waitingForRuntime(): number;
  channelConnected(): boolean;
  channelPending(): number;
  resources(): ResourceGauge[];
  mqConsumers(): Iterable<MqGauge>;
}

/** How a resource stands. */
interface ResourceGauge {
  id: string;
  available: boolean;
  inFlight: number;
  /** What of it nobody waits for any more. */
  abandoned: number;
  waiting: number;
  openStreams: number;
  breakerState: string;
}

/** One finished gRPC call. */
interface ObservedRpc {
  functionName: string;
  /** "shop.v1.Stock/Reserve" */
  method: string;
  /** "OK", "NOT_FOUND" */
  code: string;
  durationSeconds: number;
  /** Set when it failed. */
  reason: string | undefined;
}

export interface SidecarMetrics {
  /** One finished request. `reason` is set when the sidecar answered with an error. */
  observeRequest(functionName: string, status: number, durationSeconds: number, reason: string | undefined): void;
  /** One finished bottle call. `code` is set when it failed. */
  observeCall(resource: string, operation: string, durationSeconds: number, code: string | undefined): void;
  /** One finished request with an idempotency rule. */
  observeIdempotency(functionName: string, result: string): void;
  /** One delivery of a CloudEvent to a function. */
  observeCloudEvent(functionName: string, outcome: 'ok' | 'failed' | 'skipped'): void;
  /** One answer of the signed gateway; `api` and `version` are empty for those that no function saw. */
  observeGateway(api: string, version: string, code: string): void;
  /** One run of a schedule. */
  observeTimerRun(schedule: string, result: string): void;
  /** How late a tick was sent. */
  observeTimerDrift(seconds: number): void;
  /** Ticks that do not run in their time, and why: `missed` or `skipped`. */
  observeTimerPassed(schedule: string, why: string, ticks: number): void;
  observeRpc(call: ObservedRpc): void;
  readonly mq: MqMetrics;
  /** The page in parts, to be read in their order. `loads` is what each function has to do at the moment. */
  render(loads: readonly FunctionLoad[]): AsyncIterable<string>;
  close(): void;
}

/** Everything /metrics says. Names follow the Prometheus conventions: base units, _total for counters. */
export function createSidecarMetrics(gauges: SidecarGauges): SidecarMetrics {
  const registry = new MetricsRegistry();
  const requests = registry.counters('bottle_requests_total', 'Requests answered, by function and HTTP status.');
  const durations = registry.histograms(
    'bottle_request_duration_seconds',
    'Time from the request head to the last byte of the response.',
    DURATION_BUCKETS,
  );
  const rejections = registry.counters(
    'bottle_rejections_total',
    'Requests the sidecar answered with an error, by reason.',
  );
  const calls = registry.counters('bottle_calls_total', 'Bottle calls, by resource, operation and outcome.');
  const callDurations = registry.histograms(
    'bottle_call_duration_seconds',
    'Time from a bottle call’s arrival to its answer.',
    DURATION_BUCKETS,
  );
  const idempotent = registry.counters(
    'bottle_idempotent_requests_total',
    'Requests with an idempotency rule, by function and what became of them: run, replayed or refused.',
  );
  const cloudEvents = registry.counters(
    'bottle_cloudevents_total',
    'CloudEvents for functions, by outcome: ok, failed, or skipped by the filters of a queue’s reader.',
  );
  const gatewayAnswers = registry.counters(
    'bottle_gateway_requests_total',
    'Answers of the signed gateway, by API, version and code: ok, function-error or why the gateway refused.',
  );
  const timerRuns = registry.counters('bottle_timer_runs_total', 'Runs of schedules, by result: ok, error or lost.');
  const timerDrifts = registry.histograms(
    'bottle_timer_drift_seconds',
    'How late ticks of all schedules were sent to their functions, jitter not counted.',
    DRIFT_BUCKETS,
  );
  const timerDrift = timerDrifts({});
  const timerPassed = registry.counters(
    'bottle_timer_ticks_passed_total',
    'Ticks that did not run in their time: missed, because no pod was there, or skipped, because another run was under way.',
  );
  const rpcs = registry.counters('bottle_rpc_requests_total', 'gRPC calls answered, by function, method and code.');
  const rpcDurations = registry.histograms(
    'bottle_rpc_request_duration_seconds',
    'Time from the call to its status, by function and method.',
    DURATION_BUCKETS,
  );
  const rpcChildren = new Map<string, { ok: Counter; duration: Histogram }>();
  const callChildren = new Map<string, Map<string, { ok: Counter; duration: Histogram }>>();
  registry.gauge('bottle_resource_available', '1 while a resource can be used.', () =>
    gauges.resources().map(({ id, available }) => ({ labels: { resource: id }, value: available ? 1 : 0 })),
  );
  registry.gauge('bottle_resource_in_flight', 'Bottle calls under way, by resource.', () =>
    gauges.resources().map(({ id, inFlight }) => ({ labels: { resource: id }, value: inFlight })),
  );
  registry.gauge('bottle_resource_abandoned', 'Those that nobody waits for any more, by resource.', () =>
    gauges.resources().map(({ id, abandoned }) => ({ labels: { resource: id }, value: abandoned })),
  );
  registry.gauge('bottle_resource_waiting', 'Bottle calls that wait for a place, by resource.', () =>
    gauges.resources().map(({ id, waiting }) => ({ labels: { resource: id }, value: waiting })),
  );
  registry.gauge('bottle_resource_streams', 'Subscriptions, watches and gRPC streams that are open, by resource.', () =>
    gauges.resources().map(({ id, openStreams }) => ({ labels: { resource: id }, value: openStreams })),
  );
  registry.gauge('bottle_resource_breaker_open', '1 while a resource’s circuit breaker refuses calls.', () =>
    gauges.resources().map(({ id, breakerState }) => ({
      labels: { resource: id },
      value: breakerState === 'open' ? 1 : 0,
    })),
  );
  const children = new Map<string, { byStatus: Map<number, Counter>; duration: Histogram }>();

  let loads: readonly FunctionLoad[] = [];
  const loadGauge = (name: string, help: string, read: (load: FunctionLoad) => number | undefined): void =>
    registry.gauge(name, help, () =>
      loads.flatMap((load) => {
        const value = read(load);
        return value === undefined ? [] : [{ labels: { function: load.name }, value }];
      }),
    );
  loadGauge('bottle_in_flight', 'Places of invocations that the function process has.', ({ inFlight }) => inFlight);
  loadGauge('bottle_process_in_flight', 'The same, as the function process counts.', ({ inProcess }) => inProcess);
  loadGauge('bottle_abandoned', 'Those whose caller was answered or has left.', ({ abandoned }) => abandoned);
  loadGauge('bottle_waiting', 'Requests that wait for a place.', ({ waiting }) => waiting);
  registry.gauge('bottle_waiting_for_runtime', 'Requests that wait for the function container.', () => [
    { value: gauges.waitingForRuntime() },
  ]);
  registry.gauge('bottle_channel_connected', '1 while a function container takes invocations.', () => [
    { value: gauges.channelConnected() ? 1 : 0 },
  ]);
  registry.gauge('bottle_channel_pending', 'Invocations under way on the channel.', () => [
    { value: gauges.channelPending() },
  ]);
  const mq = addMqMetrics(registry, gauges.mqConsumers);
  registry.gauge('bottle_longest_turn_seconds', 'Longest turn of the event loop since the start, by cause.', () =>
    gauges.longestTurns().map(({ process, cause, seconds }) => ({ labels: { process, cause }, value: seconds })),
  );
  registry.counter(
    'bottle_log_lines_dropped_total',
    'Lines that were dropped because more is logged than is read.',
    () => gauges.droppedLogLines().map(({ process, lines }) => ({ labels: { process }, value: lines })),
  );
  registry.counter(
    'bottle_left_out_values_total',
    'Stored values and messages that could not be read, by resource.',
    () => gauges.leftOutValues().map(({ resource, count }) => ({ labels: { resource }, value: count })),
  );
  const stopProcessGauges = addProcessGauges(registry);

  return {
    observeRequest(functionName, status, durationSeconds, reason) {
      let child = children.get(functionName);
      if (!child) {
        child = { byStatus: new Map(), duration: durations({ function: functionName }) };
        children.set(functionName, child);
      }
      let counter = child.byStatus.get(status);
      if (!counter) {
        counter = requests({ function: functionName, status: String(status) });
        child.byStatus.set(status, counter);
      }
      counter.add();
      child.duration.observe(durationSeconds);
      if (reason !== undefined) rejections({ reason }).add();
    },
    observeCall(resource, operation, durationSeconds, code) {
      let byOperation = callChildren.get(resource);
      if (!byOperation) callChildren.set(resource, (byOperation = new Map()));
      let child = byOperation.get(operation);
      if (!child) {
        const labels = { resource, operation };
        child = { ok: calls({ ...labels, code: 'OK' }), duration: callDurations(labels) };
        byOperation.set(operation, child);
      }
      if (code === undefined) child.ok.add();
      else calls({ resource, operation, code }).add();
      child.duration.observe(durationSeconds);
    },
    observeIdempotency: (functionName, result) => idempotent({ function: functionName, result }).add(),
    observeCloudEvent: (functionName, outcome) => cloudEvents({ function: functionName, outcome }).add(),
    observeGateway: (api, version, code) => gatewayAnswers({ api, version, code }).add(),
    observeTimerRun: (schedule, result) => timerRuns({ schedule, result }).add(),
    observeTimerDrift: (seconds) => timerDrift.observe(seconds),
    observeTimerPassed: (schedule, why, ticks) => timerPassed({ schedule, why }).add(ticks),
    observeRpc({ functionName, method, code, durationSeconds, reason }) {
      const labels = { function: functionName, method };
      const key = `${functionName} ${method}`;
      let child = rpcChildren.get(key);
      if (!child) {
        child = { ok: rpcs({ ...labels, code: 'OK' }), duration: rpcDurations(labels) };
        rpcChildren.set(key, child);
      }
      if (code === 'OK') child.ok.add();
      else rpcs({ ...labels, code }).add();
      child.duration.observe(durationSeconds);
      if (reason !== undefined) rejections({ reason }).add();
    },
    mq,
    render(current) {
      loads = current;
      return registry.render();
    },
    close: stopProcessGauges,
  };
}

function addProcessGauges(registry: MetricsRegistry): () => void {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  let utilization = performance.eventLoopUtilization();
  registry.summary('bottle_event_loop_lag_seconds', 'Event loop delay since the last scrape.', () => {
    const values = [0.5, 0.99].map((quantile) => ({
      labels: { quantile: String(quantile) },
      value: delay.percentile(quantile * 100) / 1e9,
    }));
    delay.reset();
    return values;
  });
  registry.gauge('bottle_event_loop_utilization', 'Busy share of the event loop since the last scrape.', () => {
    const now = performance.eventLoopUtilization();
    const value = performance.eventLoopUtilization(now, utilization).utilization;
    utilization = now;
    return [{ value }];
  });
  registry.gauge('process_resident_memory_bytes', 'Resident memory.', () => [{ value: process.memoryUsage.rss() }]);
  registry.counter('process_cpu_seconds_total', 'User and system CPU time.', () => {
    const { user, system } = process.cpuUsage();
    return [{ value: (user + system) / 1e6 }];
  });
  return () => delay.disable();
}
