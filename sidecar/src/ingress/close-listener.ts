// Closing a port that clients connect to all the time. The kernel resets what is in a listening socket's queue when it is
// closed: connections that their clients take for open, with requests on their way. Between a look at the queue and the
// close there is always a moment, and a long one when another process has the processor. So:
//  1. connections are taken out of the queue (libuv: one per turn of the event loop) until a turn brings none;
//  2. then, in one piece, the queue is made as short as it can be and filled with connections of our own. If those alone
//     are in it, it was empty, and the kernel leaves every other client's SYN unanswered from then on; the client sends
//     it again, to a port that is closed: refused, which says that nothing was done;
//  3. otherwise somebody came in between: the queue is as it was, and it begins anew.
import { type AddressInfo, Server, Socket } from 'node:net';

/** Longest wait for an empty queue, in milliseconds; then whoever is in it is reset. */
const CLOSE_TIMEOUT_MS = 5_000;
/** As many in vain are no bad luck: this system does not let us see into the queue. */
const MAX_ATTEMPTS = 200;
/** A queue of this length is full when it holds one more. */
const SHORTEST_QUEUE = 1;
/** What Node asks for. */
const USUAL_QUEUE = 511;

/** What Node keeps of a socket and has no public name for. */
interface Handle {
  listen?(queueLength: number): number;
  /** 0 when the socket is connected, also before its 'connect'. */
  getpeername?(into: object): number;
}

/**
 * Closes a listening socket without a reset for anybody who has just connected; settles when it is closed. What was
 * accepted stays open: http.Server's own close() also resets connections whose next request is on its way.
 */
export async function closeListener(server: Server): Promise<void> {
  const deadline = performance.now() + CLOSE_TIMEOUT_MS;
  let quiet = false;
  const onConnection = (): void => {
    quiet = false;
  };
  server.on('connection', onConnection);
  let attempts = 0;
  while (server.listening) {
    quiet = true;
    await new Promise((resolve) => setImmediate(resolve));
    if (performance.now() > deadline || attempts === MAX_ATTEMPTS) Server.prototype.close.call(server);
    else if (quiet) {
      attempts += 1;
      await closeIfEmpty(server);
    }
  }
  server.off('connection', onConnection);
}

/** Invariants 2 and 3. Nothing here waits for the event loop, which would take the connections out. */
async function closeIfEmpty(server: Server): Promise<void> {
  const handle = handleOf(server);
  const address = server.address();
  if (!handle?.listen || typeof address !== 'object' || !address) {
    Server.prototype.close.call(server);
    return;
  }
  handle.listen(SHORTEST_QUEUE);
  const own = Array.from({ length: SHORTEST_QUEUE + 1 }, () => connectTo(address));
  await new Promise<void>((resolve) => process.nextTick(resolve)); // the sockets connect in a tick of their own
  const isFilled = own.every((socket) => handleOf(socket)?.getpeername?.({}) === 0);
  if (isFilled) Server.prototype.close.call(server);
  else handle.listen(USUAL_QUEUE);
  for (const socket of own) socket.destroy();
}

function connectTo({ address, port }: AddressInfo): Socket {
  const host = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  return new Socket().on('error', () => {}).connect({ host, port });
}

function handleOf(of: Server | Socket): Handle | null {
  const { _handle: handle } = of as unknown as { _handle: Handle | null };
  return handle;
}
