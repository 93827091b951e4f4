// The sidecar's end of the channel to the function container.
//  1. An invocation settles once: an outcome, or a BottleError, or `Lost`.
//  2. `Lost` with `started: false` may be sent again by anybody; otherwise only by who knows that it does no harm.
//  3. An invocation that is cancelled is cancelled over there too.
//  4. Its place is told when it is sent, and then, once, that it is over or lost.
import { join } from 'node:path';
import {
  type Abilities,
  BottleError,
  Code,
  createYoungGarbage,
  fromWireError,
  type FunctionRuntimeClient,
  type FunctionTable__Output,
  Link,
  type Peer,
  type Pong__Output,
  type Request,
  type Response__Output,
  type Services,
  type Settled,
  type TargetCount,
  SILENCES_OF_A_STUCK_PROCESS,
  TAKEN,
} from '@bottle/protos';
import { type Admitted, type ByteStream, errorOfCancel, type Outcome } from '../layer.ts';
import { LoneCalls } from './lone-calls.ts';
import { attachStream, hasEntries, invokeStreaming, type StreamingPeer } from './streaming-call.ts';

const PING_TIMEOUT_MS = 1_000;
/** How long a scrape waits for the function process. */
const COUNT_TIMEOUT_MS = 500;
/** Whoever supervises the processes replaces the function container when it reads this line of the log. */
const RUNTIME_STUCK = 'the function container is stuck, it is to be replaced';

type RuntimePeer = Peer<FunctionRuntimeClient>;
type OnCounts = (targets: readonly TargetCount[] | undefined) => void;

/** The connection broke before the invocation settled. */
export interface Lost {
  lost: true;
  /** The function may have begun. */
  started: boolean;
  reason: string;
}

export interface RuntimeChannelOptions {
  services: Services;
  socketDir: string;
  abilities: Abilities;
  /** `false`: one unary call per invocation. */
  batching: boolean;
  maxPending: number;
  /** `false`: it may be silent for as long as it likes. */
  pings: boolean;
  /** The table of the current runtime; called at each connect and each push. */
  onTable(table: FunctionTable__Output): void;
  /** Connected, lost, leaving or refused. */
  onChange(): void;
  /** The connection to this process is gone. */
  onDown(instanceId: string): void;
  /** What the function container says of itself, about once a second. */
  onPong(pong: Pong__Output): void;
  log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
}

export class RuntimeChannel {
  readonly #options: RuntimeChannelOptions;
  readonly #onDropped = createYoungGarbage();
  readonly #link: Link<FunctionRuntimeClient>;
  readonly #lone = new LoneCalls();
  readonly #onCounts: OnCounts[] = [];
  #peer: RuntimePeer | undefined;
  /** They have said that they go: that their connections close is no news. */
  readonly #leaving = new WeakSet<RuntimePeer>();
  /** Whoever is connected, also those that are leaving. */
  readonly #peers = new Set<RuntimePeer>();
  #refusal: string | undefined;
  /** Its functions are loaded: until then its event loop may stand still for as long as that takes. */
  #isLoaded = false;

  constructor(options: RuntimeChannelOptions) {
    this.#options = options;
    const { log, onChange, onPong } = options;
    const onTable = (table: FunctionTable__Output): void => {
      this.#isLoaded = table.functions.every(({ state }) => state !== 'FUNCTION_STATE_INITIALISING');
      options.onTable(table);
    };
    this.#link = new Link<FunctionRuntimeClient>({
      socketPath: join(options.socketDir, 'runtime.sock'),
      Client: options.services.FunctionRuntimeClient,
      abilities: options.abilities,
      limits: { maxPending: options.maxPending },
      onUp: (peer) => {
        this.#peer = peer;
        this.#peers.add(peer);
        this.#refusal = undefined;
        const { software, protocol, features, bodyThresholdBytes } = peer.welcome;
        log.info({ software, protocol, features, bodyThresholdBytes }, 'function container connected');
        if (peer.welcome.table) onTable(peer.welcome.table);
        onChange();
      },
      onTable: (peer, table) => {
        if (peer !== this.#peer) return;
        onTable(table);
        onChange();
      },
      onProgress: (_peer, frame) => {
        if (frame.counts) this.#onCounts.shift()?.(frame.counts.targets);
        else this.#lone.onProgress(frame);
      },
      onLeaving: (peer) => {
        if (peer === this.#peer) this.#peer = undefined;
        this.#leaving.add(peer);
        log.info({ pending: peer.caller.pendingCount }, 'function container is leaving');
        onChange();
      },
      onDown: (peer, reason) => {
        if (peer === this.#peer) this.#peer = undefined;
        this.#lone.onDown(peer);
        for (const onCounts of this.#onCounts.splice(0)) onCounts(undefined);
        if (this.#leaving.has(peer)) log.info({ reason }, 'function container has left');
        else log.warn({ reason }, 'function container connection closed');
        this.#peers.delete(peer);
        options.onDown(peer.welcome.instanceId);
        onChange();
      },
      expectsAnswers: () => options.pings && this.#isLoaded,
      onPong,
      onSilence: (inARow) => {
        log.error({ inARow }, 'the function container does not answer, its connection is replaced');
        if (inARow >= SILENCES_OF_A_STUCK_PROCESS) log.error({ inARow }, RUNTIME_STUCK);
      },
      onRefused: (reason) => {
        if (reason !== this.#refusal) log.warn({ reason }, 'function container cannot work with this sidecar');
        this.#refusal = reason;
        onChange();
      },
    });
  }

  /** A runtime takes invocations. */
  get connected(): boolean {
    return this.#peer !== undefined;
  }

  /** Whether the connection to this process stands. */
  isConnectedTo(instanceId: string): boolean {
    return [...this.#peers].some(({ welcome }) => welcome.instanceId === instanceId);
  }

  /** Why there is no runtime, for people. */
  get missing(): string {
    if (this.#refusal) return `the function container was refused: ${this.#refusal}`;
    return 'the function container is not connected';
  }

  get pendingCount(): number {
    return this.#peer?.caller.pendingCount ?? 0;
  }

  /** The agreed size above which a body streams, in bytes. */
  get bodyThresholdBytes(): number {
    return this.#peer?.welcome.bodyThresholdBytes ?? this.#options.abilities.bodyThresholdBytes;
  }

  async start(): Promise<void> {
    await this.#link.start();
  }

  /**
   * Asks the function process how many places of each function it has. `onCounts` is called in the moment of the answer: by
   * then everything that was sent before this call is counted or over, and nothing that was sent after it. Undefined: there is
   * no answer.
   */
  count<Result>(onCounts: (held: ReadonlyMap<string, number> | undefined) => Result): Promise<Result> {
    return new Promise((resolve) => {
      const caller = this.#peer?.caller;
      if (!caller?.saysOver) return resolve(onCounts(undefined));
      let isDone = false;
      const settle: OnCounts = (targets) => {
        if (isDone) return;
        isDone = true;
        clearTimeout(timer);
        resolve(onCounts(targets && new Map(targets.map(({ target = '', held = 0 }) => [target, held]))));
      };
      const timer = setTimeout(settle, COUNT_TIMEOUT_MS, undefined);
      this.#onCounts.push(settle);
      caller.sendSession({ count: {} });
    });
  }

  close(): void {
    this.#link.close();
  }

  /** Whether the function container's event loop answers a health check within a second. */
  async ping(): Promise<boolean> {
    const client = this.#peer?.client;
    const { service } = await import('grpc-health-check');
    const check = service['Check'];
    if (!client || !check) return false;
    const { path, requestSerialize, responseDeserialize } = check;
    return new Promise((resolve) => {
      const deadline = Date.now() + PING_TIMEOUT_MS;
      const answer = (error: unknown, reply?: { status?: unknown }): void =>
        resolve(!error && reply?.status === 'SERVING');
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service: '' }, { deadline }, answer);
    });
  }

  /** Carries one invocation to the function and back. Throws BottleError for what is an answer by itself. */
  async invoke(admitted: Admitted): Promise<Outcome | Lost> {
    const { invocation, loadedBody } = admitted;
    invocation.throwIfCancelled();
    const peer = this.#peer;
    if (!peer) return { lost: true, started: false, reason: this.missing };
    if (loadedBody.kind === 'stream') {
      return this.#invokeStreaming(peer, requestOf(admitted, undefined), loadedBody.stream, admitted);
    }
    const request = requestOf(admitted, loadedBody.bytes);
    const settled = this.#options.batching
      ? await this.#invokeBatched(peer, request, admitted)
      : await this.#invokeUnary(peer, request, admitted);
    if (settled.kind === 'response') return this.#outcomeOf(peer, settled.response, admitted);
    if (settled.kind === 'lost') return { lost: true, started: settled.written, reason: settled.reason };
    if (settled.kind === 'refused') throw settled.error;
    throw errorOfCancel(invocation.cancelled ?? 'client-closed');
  }

  async #invokeStreaming(
    peer: RuntimePeer,
    request: Request,
    body: ByteStream,
    { invocation, place }: Admitted,
  ): Promise<Outcome | Lost> {
    const ended = this.#lone.begin(peer, invocation.id, place);
    let isAnswered = false;
    try {
      const outcome = await invokeStreaming(this.#streaming(peer), request, body, invocation);
      isAnswered = !('lost' in outcome);
      if ('stream' in outcome) place.answered();
      return outcome;
    } finally {
      ended(isAnswered);
    }
  }

  async #invokeUnary(peer: RuntimePeer, request: Request, admitted: Admitted): Promise<Settled> {
    const ended = this.#lone.begin(peer, admitted.invocation.id, admitted.place);
    const settled = await invokeUnary(peer.client, request, admitted);
    ended(settled.kind === 'response' && settled.response.error?.reason !== 'overloaded');
    return settled;
  }

  #streaming({ client, caller, welcome }: RuntimePeer): StreamingPeer {
    const tellTaken = (invocationId: string, bytes: number): void =>
      caller.sendSession({ taken: { invocationId, bytes } });
    return {
      client,
      errors: this.#options.services.error,
      tellTaken: welcome.features.includes(TAKEN) ? tellTaken : undefined,
      onDropped: this.#onDropped,
    };
  }

  async #invokeBatched(peer: RuntimePeer, request: Request, { invocation, place }: Admitted): Promise<Settled> {
    place.sent(); // invariant 4
    const call = peer.caller.call(request, place);
    invocation.onCancel = (reason) => call.cancel(reason); // invariant 3
    const settled = await call.settled;
    invocation.onCancel = undefined;
    if (settled.kind !== 'cancelled' || settled.reason !== 'deadline' || !peer.caller.isBehindOthers(call))
      return settled;
    return { kind: 'refused', error: neverBegan(request.target ?? '') };
  }

  #outcomeOf(peer: RuntimePeer, response: Response__Output, { invocation, place }: Admitted): Outcome {
    if (response.unfinished) place.answered();
    if (response.error && !hasEntries(response)) throw fromWireError(response.error);
    if (response.streamed) return attachStream(this.#streaming(peer), response, invocation);
    return { response };
  }
}

/** Its turn did not come before its deadline. */
function neverBegan(target: string): BottleError {
  const message = `${target} did not get to it before its deadline: the function container is busy with what came before`;
  return new BottleError(Code.UNAVAILABLE, 'overloaded', message, { details: { retryAfterSec: 1 } });
}

function requestOf({ invocation, function: info, params, route }: Admitted, body: Buffer | undefined): Request {
  const { target } = invocation;
  const request: Request = {
    target: info.name,
    invocationId: invocation.id,
    timeoutMs: invocation.remainingMs,
    traceparent: invocation.traceparent,
    baggage: invocation.baggage,
    caller: invocation.caller,
    trigger: target.kind === 'http' ? 'TRIGGER_KIND_HTTP' : (target.trigger ?? 'TRIGGER_KIND_EVENT'),
  };
  if (invocation.places > 1) request.places = invocation.places;
  if (body) request.body = body;
  if (target.kind === 'event') {
    request.contentType = target.contentType;
    if (target.attributes) request.attributes = [...target.attributes];
  } else {
    request.contentType = target.http.contentType;
    const { method, url, headers, remoteAddress } = target.http;
    request.http = { method, url, headers, remoteAddress, route, params: params as string[] };
  }
  return request;
}

function invokeUnary(client: FunctionRuntimeClient, request: Request, { invocation }: Admitted): Promise<Settled> {
  return new Promise((resolve) => {
    const call = client.invoke(request, (error, response) => {
      invocation.onCancel = undefined;
      if (response) resolve({ kind: 'response', response });
      else if (invocation.cancelled) resolve({ kind: 'cancelled', reason: invocation.cancelled });
      else resolve({ kind: 'lost', written: true, reason: error?.message ?? 'no answer' });
    });
    invocation.onCancel = () => call.cancel();
  });
}
