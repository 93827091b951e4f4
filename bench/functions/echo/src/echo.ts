/** What every variant of the echo cases runs. */
export const echo = async (_ctx: unknown, event: unknown): Promise<unknown> => event;
