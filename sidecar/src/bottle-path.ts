// The way of a bottle call: function code → stream → broker → grants → policy → driver → answer.
import type { CallerProcess, CallFacts, StreamMethod, UnaryMethod } from '@bottle/capabilities';
import {
  addHealthService,
  type Abilities,
  type AnyMethod,
  type BottleHandlers,
  type BoundSocket,
  BottleError,
  bindSocketFile,
  CAPABILITY_NAMES,
  type CapabilityName,
  Code,
  createSocketServer,
  definitionOf,
  failStream,
  type Request__Output,
  type Response,
  type Services,
  serveBatches,
  toWireError,
} from '@bottle/protos';
import { BrokerCall } from './capabilities/broker-call.ts';
import type { CallerProcesses } from './capabilities/caller-processes.ts';
import { withOutcome } from './capabilities/call-outcome.ts';
import {
  addCapabilityServices,
  type Cancellable,
  decoded,
  type DirectCall,
  pump,
  type RawStream,
} from './capabilities/capability-services.ts';
import type { Grants } from './capabilities/grants.ts';
import { ParkedAnswers } from './capabilities/parked-answers.ts';
import type { StreamProgress } from './capabilities/policy.ts';
import type { Resource } from './capabilities/resource.ts';
import type { Resources } from './capabilities/resources.ts';

/** An answer's body is a message of the capability's contract. */
const PROTOBUF = { contentType: 'application/x-protobuf' };

/** `<capability>.<method>/<resource>` */
const TARGET = /^([a-z]+)\.([a-zA-Z]+)\/(.+)$/;

/** Plans that are kept. Targets beyond, made up by a caller, are planned at each call. */
const MAX_PLANS = 4_096;

export interface BottlePathOptions {
  services: Services;
  socketPath: string;
  abilities: Abilities;
  resources: Resources;
  grants: Grants;
  callers: CallerProcesses;
  /** One finished call; `error` is what it failed with. */
  observe(resourceId: string, operation: string, seconds: number, error: BottleError | undefined): void;
  log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
}

export interface BottlePath {
  close(): Promise<void>;
}

/** What a target means: found once, used by every call with the same one. */
interface Plan {
  /** "stock/reserve" of `rpc.invoke/stock/reserve`. */
  resourceName: string;
  /** What grants call it: "rpc.stock". */
  grantId: string;
  resource: Resource;
  method: UnaryMethod<unknown, object> | StreamMethod<unknown, object>;
  codec: AnyMethod;
}

/** Serves `bottle.v1.Bottle`, the capabilities and `grpc.health.v1.Health` on the sidecar's socket. */
export async function startBottlePath(options: BottlePathOptions): Promise<BottlePath> {
  const { services, abilities, resources, grants, callers, observe, log } = options;
  const server = createSocketServer();
  const plans = new Map<string, Plan>();
  const parked = new ParkedAnswers();

  /** One message, one answer, encoded. Every failure is an answer. */
  async function broker(request: Request__Output, incoming: Cancellable, process?: CallerProcess): Promise<Response> {
    const startedAt = performance.now();
    const call = new BrokerCall({
      caller: request.caller,
      invocationId: request.invocationId,
      traceparent: request.traceparent,
      baggage: request.baggage,
      timeoutMs: request.timeoutMs,
      process,
    });
    incoming.onCancel = (reason) => call.cancel(errorOfCancel(reason));
    let plan: Plan | undefined;
    let facts: CallFacts | undefined;
    try {
      plan = plans.get(request.target) ?? planOf(request.target);
      if (plan.method.kind !== 'unary')
        throw new BottleError(Code.INVALID_ARGUMENT, 'bad-target', `${request.target} streams: call it as gRPC`);
      const message = plan.codec.requestDeserialize(request.body);
      facts = plan.method.facts(message);
      const answer = await serve(plan, plan.method, facts, message, call);
      observe(plan.resource.id, facts.operation, (performance.now() - startedAt) / 1_000, undefined);
      return { value: PROTOBUF, body: plan.codec.responseSerialize(answer) };
    } catch (thrown) {
      const error = explain(thrown, request.target, plan, facts, call);
      observe(plan?.resource.id ?? '', facts?.operation ?? '', (performance.now() - startedAt) / 1_000, error);
      if (error.cause !== undefined) log.error({ err: error.cause, target: request.target }, 'bottle call failed');
      if (!call.worksOn) return { error: toWireError(error) };
      call.onOver = () => incoming.over?.();
      return { error: toWireError(error), unfinished: true };
    }
  }

  /** Grants → policy → driver. */
  function serve(
    plan: Plan,
    method: UnaryMethod<unknown, object>,
    facts: CallFacts,
    message: object,
    call: BrokerCall,
  ): Promise<object> {
    const { resource } = plan;
    call.resource = plan.resourceName;
    call.readOnly = grants.assert(call.caller, plan.grantId, facts.access, resource.capability.accesses).readOnly;
    const ask = (driver: unknown): Promise<object> => {
      call.hasBegun = true;
      return method.serve(driver, message, call);
    };
    return resource.policy.run(facts, call, () => {
      const { driver } = resource;
      return driver ? ask(driver) : resource.ready().then(ask);
    });
  }

  /** Messages either way, on a gRPC call of their own. Grants and policy as above; a stream is never repeated. */
  async function serveStream({ call, target }: DirectCall, stream: RawStream): Promise<void> {
    const startedAt = performance.now();
    stream.on('cancelled', () => call.cancel(errorOfCancel('cancelled')));
    let plan: Plan | undefined;
    let error: BottleError | undefined;
    try {
      plan = planOf(target);
      const { resource, method, codec } = plan;
      if (method.kind !== 'stream') throw new BottleError(Code.INTERNAL, 'internal', 'not a streaming method');
      call.resource = plan.resourceName;
      const { access } = method.facts;
      call.readOnly = grants.assert(call.caller, plan.grantId, access, resource.capability.accesses).readOnly;
      const { isLasting } = method;
      const run = async ({ onRequest, onAnswer }: StreamProgress): Promise<void> => {
        const driver = resource.driver ?? (await resource.ready());
        call.hasBegun = true;
        const requests = decoded(stream, (bytes) => {
          onRequest();
          return codec.requestDeserialize(bytes);
        });
        await pump(method.serve(driver, requests, call), stream, (answer) => {
          onAnswer();
          return codec.responseSerialize(answer);
        });
      };
      await resource.policy.stream(call, run, { isLasting });
      stream.end();
    } catch (thrown) {
      error = explain(thrown, target, plan, plan?.method.kind === 'stream' ? plan.method.facts : undefined, call);
      if (error.cause !== undefined) log.error({ err: error.cause, target }, 'bottle stream failed');
      failStream(stream, error, services.error);
    } finally {
      call.cancel(errorOfCancel('the stream is over'));
      const operation = plan?.method.kind === 'stream' ? plan.method.facts.operation : '';
      observe(plan?.resource.id ?? '', operation, (performance.now() - startedAt) / 1_000, error);
    }
  }

  /** What serves a target. */
  function planOf(target: string): Plan {
    const match = TARGET.exec(target);
    const [, capabilityName = '', methodName = '', resourceName = ''] = match ?? [];
    if (!match)
      throw new BottleError(Code.INVALID_ARGUMENT, 'bad-target', `"${target}" is not <capability>.<method>/<resource>`);
    if (!isCapability(capabilityName))
      throw new BottleError(Code.UNIMPLEMENTED, 'no-capability', `there is no capability "${capabilityName}"`);
    const resource = resources.find(capabilityName, resourceName);
    const method = resource.capability.methods[methodName];
    const protoName = methodName.charAt(0).toUpperCase() + methodName.slice(1);
    const codec = (definitionOf(capabilityName) as unknown as Record<string, AnyMethod>)[protoName];
    if (!method || !codec)
      throw new BottleError(Code.UNIMPLEMENTED, 'no-operation', `${capabilityName} has no method "${methodName}"`);
    const [own = ''] = resourceName.split('/');
    const plan: Plan = { resourceName, grantId: `${capabilityName}.${own}`, resource, method, codec };
    if (plans.size < MAX_PLANS) plans.set(target, plan);
    return plan;
  }

  const handlers: BottleHandlers = {
    Connect: (stream) =>
      serveBatches(stream, {
        abilities,
        onOpen({ software, instanceId, table }) {
          callers.opened(instanceId);
          if (table) grants.applyProcess(table);
          log.info({ software }, 'function container opened its bottle stream');
        },
        onClose({ instanceId }, reason) {
          log.info({ reason }, 'bottle stream closed');
          callers.closed(instanceId);
        },
        onRefused: (reason) => log.warn({ reason }, 'bottle stream refused'),
        onCall: (call, session) =>
          void broker(call.request, call, callers.of(session.instanceId)).then((response) =>
            call.respond(parked.fit(response, session.bodyThresholdBytes)),
          ),
      }),
    Ping: (_ping, callback) => callback(null, {}),
    Collect: ({ request }, callback) => callback(null, parked.collect(request.ticket)),
    Call: (unary, callback) => {
      const incoming: Cancellable = { onCancel: undefined };
      unary.on('cancelled', () => incoming.onCancel?.('cancelled'));
      void broker(unary.request, incoming).then((response) => callback(null, response));
    },
  };
  server.addService(services.bottle, handlers);
  const socket: BoundSocket = await bindSocketFile(server, options.socketPath);
  // After the start: most pods answer their first request before they make a bottle call.
  setImmediate(() => {
    addCapabilityServices(server, services, {
      unary: broker,
      stream: (call, stream) => void serveStream(call, stream),
    });
    void addHealthService(server, 'bottle.v1.Bottle');
  });
  return {
    async close() {
      await socket.close();
      server.forceShutdown();
    },
  };
}

/** A failure as its caller shall see it. */
function explain(
  thrown: unknown,
  target: string,
  plan: Plan | undefined,
  facts: CallFacts | undefined,
  call: BrokerCall,
): BottleError {
  const error = BottleError.from(thrown);
  const [, capability, method = '', resource] = TARGET.exec(target) ?? [];
  if (!plan && resource === undefined) return error;
  const named = plan
    ? { resource: plan.grantId, operation: facts?.operation ?? '' }
    : { resource: `${capability}.${resource}`, operation: method };
  return withOutcome(error, named, facts, call);
}

function errorOfCancel(reason: string): BottleError {
  if (reason === 'deadline') return new BottleError(Code.DEADLINE_EXCEEDED, 'deadline', 'the deadline has passed');
  return new BottleError(Code.CANCELLED, 'cancelled', `the answer is no longer wanted: ${reason}`);
}

function isCapability(name: string): name is CapabilityName {
  return (CAPABILITY_NAMES as readonly string[]).includes(name);
}
