import type { Hello__Output } from '../generated/bottle/v1/Hello.ts';
import type { Welcome } from '../generated/bottle/v1/Welcome.ts';

/** What one process can do, as it says at connect. */
export interface Abilities {
  /** For logs: "bottle-sidecar/0.1.0". */
  software: string;
  /** Lowest and highest protocol version. */
  protocolMin: number;
  protocolMax: number;
  features: readonly string[];
  /** Largest body inside a frame, in bytes. */
  bodyThresholdBytes: number;
  /** Identifies this run of the process. */
  instanceId: string;
}

/** The responder takes calls on the batched stream. A peer that does not name it gets one unary RPC for each. */
export const BATCHED_CALLS = 'batched-calls';

/** Who answers says when a call has begun and when it is over, and counts what it holds. */
export const PLACES = 'places';

/** Who takes a streamed response says how far it has passed it on, and who gives it waits for that. */
export const TAKEN = 'taken';

/** What this source tree speaks. */
export const PROTOCOL = {
  protocolMin: 1,
  protocolMax: 1,
  features: ['stream', 'table-push', BATCHED_CALLS, PLACES, TAKEN],
} as const;

/** Bodies up to this travel inside a frame unless configured otherwise, in bytes. */
export const DEFAULT_BODY_THRESHOLD_BYTES: number = 128 * 1024;

/** The responder's answer to a hello: what both can do, or a refusal that says what each speaks. */
export function negotiate(hello: Hello__Output, mine: Abilities): Welcome {
  const welcome = { software: mine.software, instanceId: mine.instanceId };
  const protocol = Math.min(hello.protocolMax, mine.protocolMax);
  if (protocol < hello.protocolMin || protocol < mine.protocolMin) {
    const refusal =
      `${mine.software} speaks protocol ${range(mine)}, ${hello.software || 'the caller'} speaks ${range(hello)}; ` +
      `upgrade the ${hello.protocolMax < mine.protocolMin ? 'caller' : 'responder'}`;
    return { ...welcome, protocol: 0, refusal };
  }
  return {
    ...welcome,
    protocol,
    features: hello.features.filter((feature) => mine.features.includes(feature)),
    bodyThresholdBytes: Math.min(hello.bodyThresholdBytes, mine.bodyThresholdBytes),
  };
}

function range(versions: { protocolMin: number; protocolMax: number }): string {
  const { protocolMin, protocolMax } = versions;
  return protocolMin === protocolMax ? `${protocolMin}` : `${protocolMin}–${protocolMax}`;
}
