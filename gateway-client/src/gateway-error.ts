/** Why a call failed: the gateway or the function said so, or there was no answer that could be believed. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  /**
   * `ret.code` of the envelope: one of the gateway's codes, or the reason of the function's error. Made here: "network" (no
   * answer), "timeout", "bad-answer" (no envelope), "wrong-answer-signature".
   */
  readonly code: string;
  /** HTTP status; 0 without an answer. */
  readonly status: number;
  /** `ret.details` of the envelope. */
  readonly details: Readonly<Record<string, unknown>>;
  /** What the server's log calls this request; empty without an answer. */
  readonly requestId: string;

  constructor(
    code: string,
    message: string,
    facts: { status?: number; details?: Readonly<Record<string, unknown>>; requestId?: string; cause?: unknown } = {},
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.status = facts.status ?? 0;
    this.details = facts.details ?? {};
    this.requestId = facts.requestId ?? '';
  }
}
