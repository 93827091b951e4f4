/** What a call sends after its first frame. */
export interface FrameSource<Frame> {
  /** Those that come next; undefined: that was all. Rejects when what they are made of is broken. */
  next(): Promise<readonly Frame[] | undefined>;
  /** No more are wanted. */
  stop(): void;
}

interface FrameStream<Frame> {
  send(frame: Frame | { end: true }): Promise<void>;
  end(): void;
  cancel(): void;
}

/** The frames of a call, sent no faster than the sidecar takes them, while answers may already come. */
export class FrameSender<Frame> {
  /** What the source threw. */
  failure: unknown;
  readonly #stream: FrameStream<Frame>;
  readonly #source: FrameSource<Frame>;

  constructor(stream: FrameStream<Frame>, source: FrameSource<Frame>) {
    this.#stream = stream;
    this.#source = source;
  }

  /** Never rejects: a call that is over says so to whoever reads its answers. */
  async start(first: Frame): Promise<void> {
    try {
      await this.#stream.send(first);
      for (let frames = await this.#next(); frames; frames = await this.#next())
        for (const frame of frames) await this.#stream.send(frame);
      await this.#stream.send({ end: true });
      this.#stream.end();
    } catch {
      this.#stream.cancel();
      this.stop();
    }
  }

  /** What has not been sent is not wanted. */
  stop(): void {
    this.#source.stop();
  }

  async #next(): Promise<readonly Frame[] | undefined> {
    try {
      return await this.#source.next();
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}
