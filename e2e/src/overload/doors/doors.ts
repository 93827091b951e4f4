import type { OpenDoor } from './door.ts';
import { openGateway } from './gateway-door.ts';
import { openGrpc } from './grpc-door.ts';
import { openCloudEvents, openHttp1, openRpc } from './http1-doors.ts';
import { openHttp2 } from './http2-door.ts';

/** A door, and what a client that is refused there gets. */
export interface DoorKind {
  open: OpenDoor;
  refusal: string;
  /** What it may get as well, where there is a function in between that may have no place itself. */
  otherRefusal?: string;
  /** Of the sidecar behind it. */
  sidecarArgs?: readonly string[];
}

const OVERLOADED = '503 overloaded, retry-after 1, not begun';

/** Every way in that a client has. */
export const DOORS = {
  http1: { open: openHttp1, refusal: OVERLOADED },
  'http1, one call each': { open: openHttp1, refusal: OVERLOADED, sidecarArgs: ['--channel-batching', 'false'] },
  http2: { open: openHttp2, refusal: OVERLOADED },
  grpc: { open: openGrpc, refusal: 'UNAVAILABLE overloaded, pushback 1000 ms, not begun' },
  gateway: { open: openGateway, refusal: `${OVERLOADED}, signed` },
  cloudevents: { open: openCloudEvents, refusal: OVERLOADED },
  // The function that asks has begun, and knows nothing better than to fail.
  rpc: { open: openRpc, refusal: '503 overloaded, retry-after 1, begun?', otherRefusal: OVERLOADED },
} as const satisfies Record<string, DoorKind>;

export type DoorName = keyof typeof DOORS;
export const DOOR_NAMES = Object.keys(DOORS) as DoorName[];
