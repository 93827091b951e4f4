/** What came back of one request. */
export type DoorAnswer =
  | { kind: 'good' }
  /** `form`: everything that tells the client what it is and when to come again. */
  | { kind: 'refused'; form: string }
  /** `what`: status and reason. `lateId`: the invocation that was answered 504. */
  | { kind: 'other'; what: string; lateId?: string };

/** A way into a pod, as one of its clients takes it. */
export interface Door {
  /** One request; an answer that takes longer than `timeoutMs` is of no use to it. Never rejects. */
  ask(timeoutMs: number): Promise<DoorAnswer>;
  close(): void;
}

/** Where a pod listens. */
export interface DoorPorts {
  http: number;
  http2: number;
  rpc: number;
}

/** What is behind: the function that computes, or the one with a single place. */
export type Behind = 'cpu' | 'narrow';

export type OpenDoor = (ports: DoorPorts, behind: Behind) => Door;
