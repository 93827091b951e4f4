import { type ChannelCredentials, type ChannelOptions, Client, connectivityState } from '@grpc/grpc-js';

/** One address and its channel, which is kept connected. */
export class Endpoint {
  readonly address: string;
  readonly client: Client;
  readonly #onChange: () => void;
  #state: connectivityState = connectivityState.IDLE;
  #closed = false;

  constructor(address: string, credentials: ChannelCredentials, options: ChannelOptions, onChange: () => void) {
    this.address = address;
    this.client = new Client(`dns:${address}`, credentials, options);
    this.#onChange = onChange;
    this.#watch();
  }

  get isReady(): boolean {
    return this.#state === connectivityState.READY;
  }

  /** The last attempt to connect has failed; the next one comes by itself. */
  get hasFailed(): boolean {
    return this.#state === connectivityState.TRANSIENT_FAILURE;
  }

  /** Calls under way go on. */
  close(): void {
    this.#closed = true;
    this.client.close();
  }

  /** Follows the state; asking for it is what connects again after a connection was closed. */
  #watch(): void {
    if (this.#closed) return;
    const channel = this.client.getChannel();
    const state = channel.getConnectivityState(true);
    this.#state = state;
    channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, () => {
      this.#watch();
      this.#onChange();
    });
  }
}
