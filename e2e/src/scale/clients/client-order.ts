import { runGenerator } from '../../overload/run-load.ts';

/** What a process full of clients does. */
export type ClientOrder =
  /** Each connection is opened and kept; then all of them ask at once, each again as soon as it has its answer. */
  | { kind: 'ask'; port: number; path: string; connections: number; requests: number }
  /** By the clock, whatever the server does: each asks on a connection of its own, and breaks it off after a while. */
  | { kind: 'cancel'; port: number; path: string; perSecond: number; seconds: number };

/** What came of it; `problem`: not what was ordered, or not every answer was 200. */
export interface ClientResult {
  problem?: string;
}

/** Does it in a process of its own, so that the clients' work is not the servers'. Rejects with what went wrong. */
export async function runClients(order: ClientOrder): Promise<void> {
  const { problem } = await runGenerator<ClientResult>(new URL('./client-process.ts', import.meta.url), order);
  if (problem !== undefined) throw new Error(problem);
}
