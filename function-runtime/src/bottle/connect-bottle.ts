import { randomUUID } from 'node:crypto';
import { type Abilities, DEFAULT_BODY_THRESHOLD_BYTES, loadServices, PROTOCOL, VERSION } from '@bottle/protos';
import { type Bottle, createBottle, type ProcessScope } from 'bottle-sdk';
import { BottleLink } from './bottle-link.ts';
import { RuntimeProcessScope } from './process-scope.ts';

export interface ConnectedBottle {
  readonly bottle: Bottle;
  /** For runInScope: code whose imported `bottle` shall be this one. */
  readonly process: ProcessScope;
  close(): void;
}

/**
 * Bottle calls without functions: for tests and tools that stand beside a sidecar. `timeoutMs` is the deadline of
 * everything together.
 */
export async function connectBottle(socketDir: string, timeoutMs: number): Promise<ConnectedBottle> {
  const abilities: Abilities = {
    ...PROTOCOL,
    software: `bottle-client/${VERSION}`,
    bodyThresholdBytes: DEFAULT_BODY_THRESHOLD_BYTES,
    instanceId: randomUUID(),
  };
  const link = new BottleLink({
    services: loadServices(),
    socketDir,
    abilities,
    logger: { warn: () => {}, error: () => {} },
  });
  await link.start();
  const process = new RuntimeProcessScope(link);
  const scope = process.derive({ timeoutMs, signal: undefined });
  await link.untilPeer(timeoutMs);
  return {
    bottle: createBottle(() => scope),
    process,
    close() {
      scope[Symbol.dispose]();
      process.close();
      link.close();
    },
  };
}
