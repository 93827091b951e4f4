// The way of a bottle call: function code → stream → broker → capability → answer.
import { Server } from '@grpc/grpc-js';
import {
  addHealthService,
  type Abilities,
  type BottleHandlers,
  type BoundSocket,
  BottleError,
  bindSocketFile,
  CHANNEL_OPTIONS,
  Code,
  type IncomingCall,
  type Request__Output,
  type Response,
  type Services,
  serveBatches,
  toWireError,
} from '@bottle/protos';

/** One capability: answers the operations whose target begins with its name. */
export interface Capability {
  /** "rpc" for targets like `rpc.invoke/<resource>`. */
  name: string;
  /** Answers, or throws BottleError. `onCancel` is called when the answer is no longer wanted. */
  call(operation: string, resource: string, call: CapabilityCall): Promise<Response>;
}

interface CapabilityCall {
  readonly request: Request__Output;
  onCancel: ((reason: string) => void) | undefined;
}

export interface BottlePathOptions {
  services: Services;
  socketPath: string;
  abilities: Abilities;
  capabilities: readonly Capability[];
  log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
}

export interface BottlePath {
  close(): Promise<void>;
}

/** Serves `bottle.v1.Bottle` and `grpc.health.v1.Health` on the sidecar's socket. */
export async function startBottlePath(options: BottlePathOptions): Promise<BottlePath> {
  const { services, abilities, log } = options;
  const capabilities = new Map(options.capabilities.map((capability) => [capability.name, capability]));
  const server = new Server(CHANNEL_OPTIONS);

  /** Target → capability. Every failure is an answer. */
  async function broker(call: CapabilityCall): Promise<Response> {
    try {
      const { capability, operation, resource } = parseTarget(call.request.target);
      const known = capabilities.get(capability);
      if (!known)
        throw new BottleError(Code.UNIMPLEMENTED, 'no-capability', `this sidecar has no capability "${capability}"`);
      return await known.call(operation, resource, call);
    } catch (thrown) {
      const error = BottleError.from(thrown);
      if (error.cause !== undefined) log.error({ err: error.cause, target: call.request.target }, 'bottle call failed');
      return { error: toWireError(error) };
    }
  }

  const handlers: BottleHandlers = {
    Connect: (stream) =>
      serveBatches(stream, {
        abilities,
        onOpen: ({ software }) => log.info({ software }, 'function container opened its bottle stream'),
        onClose: (_session, reason) => log.info({ reason }, 'bottle stream closed'),
        onRefused: (reason) => log.warn({ reason }, 'bottle stream refused'),
        onCall: (call: IncomingCall) => void broker(call).then((response) => call.respond(response)),
      }),
    Call: (unary, callback) => {
      const call: CapabilityCall = { request: unary.request, onCancel: undefined };
      unary.on('cancelled', () => call.onCancel?.('cancelled'));
      void broker(call).then((response) => callback(null, response));
    },
  };
  server.addService(services.bottle, handlers);
  const socket: BoundSocket = await bindSocketFile(server, options.socketPath);
  setImmediate(() => void addHealthService(server, 'bottle.v1.Bottle'));
  return {
    async close() {
      await socket.close();
      server.forceShutdown();
    },
  };
}

/** `<capability>.<operation>/<resource>` */
function parseTarget(target: string): { capability: string; operation: string; resource: string } {
  const match = /^([a-z]+)\.([a-zA-Z]+)(?:\/(.+))?$/.exec(target);
  if (!match)
    throw new BottleError(
      Code.INVALID_ARGUMENT,
      'bad-target',
      `"${target}" is not <capability>.<operation>/<resource>`,
    );
  return { capability: match[1] ?? '', operation: match[2] ?? '', resource: match[3] ?? '' };
}
