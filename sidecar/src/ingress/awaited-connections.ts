import type { EventEmitter } from 'node:events';

/** Connections whose first request is still to come: while there are any, a pod that goes has not had everything. */
export class AwaitedConnections {
  readonly #connections = new Set<EventEmitter>();

  get size(): number {
    return this.#connections.size;
  }

  /** Until its request is here, or it is closed. */
  add(connection: EventEmitter): void {
    this.#connections.add(connection);
    connection.once('close', () => this.#connections.delete(connection));
  }

  /** Does nothing for one that was not added. */
  delete(connection: EventEmitter | undefined): void {
    if (connection && this.#connections.size > 0) this.#connections.delete(connection);
  }
}
