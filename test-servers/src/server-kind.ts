import type { Endpoint } from './endpoint.ts';

/** What is particular to one kind of server; everything else about starting servers is the same for all. */
export interface ServerKind {
  /** "Redis". */
  readonly name: string;
  /** The environment variable that names a running one. */
  readonly variable: string;
  /** How long it may take to answer after its start, in milliseconds. */
  readonly startTimeoutMs: number;
  /** What a client connects to. */
  addressOf(endpoint: Endpoint): string;
  /** The first endpoint in an address; undefined when it cannot be read. */
  endpointOf(address: string): Endpoint | undefined;
  /** Resolves when a server at the endpoint is ready for clients; throws when it is not, within 2 seconds. */
  assertReady(endpoint: Endpoint): Promise<void>;
  /** The container that offers it at `advertised`, as seen by clients. */
  container(advertised: Endpoint): ContainerSpec;
  /** Prepares an empty directory for it, and says what to run; throws with the reason when this machine cannot. */
  prepareLocal(directory: string, endpoint: Endpoint): Promise<LocalCommand>;
}

/** A container to run. */
interface ContainerSpec {
  image: string;
  /** The port inside the container. */
  port: number;
  environment?: Record<string, string>;
  command?: string[];
}

/** A program to run in the foreground; SIGKILL to it ends the server. */
export interface LocalCommand {
  program: string;
  args: string[];
}
