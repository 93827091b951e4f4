import {
  BottleError,
  Code,
  type LockAcquire__Output,
  type LockHolder__Output,
  type LockLease,
  type LockReleased,
} from '@bottle/protos';
import type { CallContext, CallFacts, Capability, UnaryMethod } from '../capability.ts';
import type { LockDriver } from './lock-port.ts';

const MAX_NAME_BYTES = 1_024;
/** Shorter leases end before a renewal can arrive. */
const MIN_LEASE_MS = 100;

const acquire: UnaryMethod<LockDriver, LockAcquire__Output, LockLease> = {
  kind: 'unary',
  facts: factsOf('acquire'),
  async serve(driver, request, call) {
    assertHolder(request);
    assertLease(request.leaseMs);
    const { name, owner, leaseMs, waitMs } = request;
    const grant = await driver.acquire({ name, owner, leaseMs, waitMs, signal: call.signal });
    if (grant) holds(driver, request, call);
    return { ...leaseOf(grant?.token), waitedMs: Math.floor(grant?.waitedMs ?? 0) };
  },
};

const renew: UnaryMethod<LockDriver, LockHolder__Output, LockLease> = {
  kind: 'unary',
  facts: factsOf('renew'),
  async serve(driver, request, call) {
    assertHolder(request);
    assertLease(request.leaseMs);
    const token = await driver.renew(request.name, request.owner, request.leaseMs);
    if (token === undefined) call.process?.holdsNoMore(request.owner);
    else holds(driver, request, call);
    return leaseOf(token);
  },
};

const release: UnaryMethod<LockDriver, LockHolder__Output, LockReleased> = {
  kind: 'unary',
  facts: factsOf('release'),
  async serve(driver, request, call) {
    assertHolder(request);
    const released = await driver.release(request.name, request.owner);
    call.process?.holdsNoMore(request.owner);
    return { released };
  },
};

/** Locks. All of it may be sent twice: who holds a lock gets it again. */
export const lockCapability: Capability<LockDriver> = {
  name: 'lock',
  accesses: ['hold'],
  methods: { acquire, renew, release },
};

/** A process that is gone holds no locks. */
function holds(driver: LockDriver, { name, owner }: { name: string; owner: string }, { process }: CallContext): void {
  process?.holds(owner, () => driver.release(name, owner));
}

function factsOf(operation: string): () => CallFacts {
  const facts = { operation, access: 'hold', repeatable: true };
  return () => facts;
}

function leaseOf(token: bigint | undefined): LockLease {
  return { acquired: token !== undefined, fencingToken: String(token ?? 0n) };
}

function assertHolder({ name, owner }: { name: string; owner: string }): void {
  if (name !== '' && owner !== '' && Buffer.byteLength(name) <= MAX_NAME_BYTES) return;
  const message = `a lock needs a name of at most ${MAX_NAME_BYTES} bytes, and an owner`;
  throw new BottleError(Code.INVALID_ARGUMENT, 'bad-lock', message);
}

function assertLease(leaseMs: number): void {
  if (leaseMs >= MIN_LEASE_MS) return;
  const message = `a lease of ${leaseMs} ms is too short: at least ${MIN_LEASE_MS} ms`;
  throw new BottleError(Code.INVALID_ARGUMENT, 'bad-lock', message);
}
