/** A call with several messages in at least one direction, encoded. Iterating reads; leaving the loop cancels. */
export interface MessageStream extends AsyncIterable<Buffer> {
  /** Resolves when there is room for the next one. Rejects with BottleError when the call is over. */
  send(message: Buffer): Promise<void>;
  /** No further messages from this side. */
  end(): void;
  /** Gives the call up; the iteration throws CANCELLED. Does nothing when it is over. */
  cancel(): void;
}
