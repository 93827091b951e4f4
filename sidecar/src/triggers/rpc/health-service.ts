// grpc.health.v1.Health: a service is SERVING while every function that answers its methods is ready; '' is the pod.
import { WireReader } from '@bottle/protos';
import {
  type Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';

const PREFIX = '/grpc.health.v1.Health/';

export type Health = 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';

/** HealthCheckResponse, whose only field is an enum. */
const ENCODED: Readonly<Record<Health, Buffer>> = {
  SERVING: Buffer.from([8, 1]),
  NOT_SERVING: Buffer.from([8, 2]),
  SERVICE_UNKNOWN: Buffer.from([8, 3]),
};

type WatchCall = ServerWritableStream<Buffer, Buffer>;

interface Watcher {
  service: string;
  told: Health;
  call: WatchCall;
}

export interface HealthService {
  /** Something changed: tells who watches. */
  notify(): void;
  /** Ends the calls of those who watch. */
  endWatches(): void;
}

/** Adds the service. `healthOf` is asked at each call, and at each `notify` for those who watch. */
export function addHealth(server: Server, healthOf: (service: string) => Health): HealthService {
  const watchers = new Set<Watcher>();
  const same = (bytes: Buffer): Buffer => bytes;

  function check(call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>): void {
    const service = serviceOf(call.request);
    const health = healthOf(service);
    if (health !== 'SERVICE_UNKNOWN') reply(null, ENCODED[health]);
    else reply({ code: status.NOT_FOUND, details: `there is no service "${service.toWellFormed()}" here` });
  }

  function watch(call: WatchCall): void {
    const service = serviceOf(call.request);
    const watcher: Watcher = { service, told: healthOf(service), call };
    watchers.add(watcher);
    call.on('cancelled', () => watchers.delete(watcher));
    call.write(ENCODED[watcher.told]);
  }

  server.register(`${PREFIX}Check`, check, same, same, 'unary');
  server.register(`${PREFIX}Watch`, watch, same, same, 'serverStream');
  return {
    notify() {
      for (const watcher of watchers) {
        const health = healthOf(watcher.service);
        // Who does not read is told the last state when it reads again, not all those between.
        if (health === watcher.told || watcher.call.writableNeedDrain) continue;
        watcher.told = health;
        watcher.call.write(ENCODED[health]);
      }
    },
    endWatches() {
      for (const { call } of watchers) {
        call.emit('error', { code: status.UNAVAILABLE, details: 'the pod is draining' });
      }
      watchers.clear();
    },
  };
}

/** HealthCheckRequest has one text. */
function serviceOf(request: Buffer): string {
  const reader = new WireReader(request);
  let service = '';
  try {
    while (reader.next()) {
      if (reader.field === 1) service = reader.string();
      else reader.skip();
    }
  } catch {
    return ''; // whatever it is, it names no service
  }
  return service;
}
