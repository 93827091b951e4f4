// Clients that close their side when they have sent their request, and wait for the answer (HTTP/1.1 without TLS).
//  1. FIN before the answer has begun: the client may be waiting, or have left; TCP does not say. It is answered, and
//     asked in the meantime: `102 Processing` makes the system of one that has left reset the connection.
//  2. FIN while an answer is being written: it has left, unless the answer is complete and only on its way.
//  3. A connection that is half open and has nothing to write for a minute is closed.
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Each asks by itself and learns what became of the question before. Few: some clients count them. */
const PROBES_AFTER_MS = [150, 350, 2_000, 10_000];
const LATER_PROBES_MS = 30_000;
const IDLE_MS = 60_000;

/** What Node keeps on a socket: the response that is written now. */
type HttpSocket = Socket & { _httpMessage?: ServerResponse | null };

/** @param idleMs longer than the pause between two probes */
export function answerHalfClosed(server: Server, idleMs: number = IDLE_MS): void {
  Object.assign(server, { httpAllowHalfOpen: true }); // closes a connection after its last answer, and idle ones at once
  server.on('connection', (socket: HttpSocket) => socket.once('end', () => onFin(socket, idleMs)));
}

function onFin(socket: HttpSocket, idleMs: number): void {
  const { _httpMessage: response } = socket;
  if (!response?.req.complete) return; // nothing to answer, or a request that was cut off: the parser has seen to it
  if (response.headersSent && !response.writableEnded) {
    socket.destroy(); // invariant 2
    return;
  }
  socket.setTimeout(idleMs); // invariant 3: a write begins it anew
  let probes = 0;
  const next = (): NodeJS.Timeout => setTimeout(probe, PROBES_AFTER_MS[probes++] ?? LATER_PROBES_MS);
  const probe = (): void => {
    const { _httpMessage: current } = socket; // another one, of a client that sent several requests
    if (current && !current.headersSent) {
      if (current.req.httpVersion === '1.1') current.writeProcessing();
      socket.setTimeout(idleMs); // the function has its own deadline
    }
    timer = next();
  };
  let timer = next();
  socket.once('close', () => clearTimeout(timer));
}
