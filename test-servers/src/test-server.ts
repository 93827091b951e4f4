/** A real server to test against. */
export interface TestServer {
  /** What a client connects to: a URL, or Kafka's list of brokers. The same after a restart. */
  readonly address: string;
  /** Where it came from: named by the environment, started in a container, or started from this machine's programs. */
  readonly source: 'environment' | 'docker' | 'local';
  /** Ends it at once, with SIGKILL; what it had stored stays. Throws for a server from the environment. */
  kill(): Promise<void>;
  /** Stops it from answering without closing a connection (SIGSTOP). Throws for a server from the environment. */
  pause(): Promise<void>;
  /** Undoes pause(). Throws for a server from the environment. */
  resume(): Promise<void>;
  /**
   * Starts it again on the same address with the same data, after killing it when it still runs; resolves when it
   * answers. Throws for a server from the environment.
   */
  restart(): Promise<void>;
  /** Ends it and removes its data; the second call, and the one for a server from the environment, do nothing. */
  stop(): Promise<void>;
}

/** No way to get a server worked; the message names each way that was tried and why it failed. */
export class ServerUnavailable extends Error {
  override readonly name = 'ServerUnavailable';
  /** "Redis". */
  readonly server: string;

  constructor(server: string, reasons: readonly string[]) {
    super([`no ${server} to test against`, ...reasons.map((reason) => `  ${reason}`)].join('\n'));
    this.server = server;
  }
}

/**
 * The server, or undefined when there is no way to get one and none has to be: whoever skips tests for that has had it said, with
 * the reasons, when the run began.
 */
export async function unlessUnavailable<Server>(starting: Promise<Server>): Promise<Server | undefined> {
  try {
    return await starting;
  } catch (error) {
    if (error instanceof ServerUnavailable && process.env['BOTTLE_REQUIRE_SERVERS'] !== '1') return undefined;
    throw error;
  }
}
