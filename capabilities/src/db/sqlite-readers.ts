// Hosts that only read. One is enough, until a statement takes long, and another one is there by then:
//  1. Short reads go to the host that has the fewest orders before it.
//  2. A host that did not answer for STUCK_MS gets no more of them, and those that wait in it go elsewhere as well. They only
//     read: being done twice does no harm.
//  3. What has a connection of its own (a stream, a transaction) stays where it began.
//  4. A read whose host died is repeated once: it may have been somebody else's statement that was ended.
import { BottleError, Code } from '@bottle/protos';
import { type SqliteHost, type SqliteOrder, type SqliteReply, SqliteSession } from './sqlite-orders.ts';

/** From the first read on: to start one takes longer than others may wait. */
const READY_HOSTS = 2;
const MAX_HOSTS = 3;
/** (2) */
const STUCK_MS = 10;
/** A host beyond READY_HOSTS ends when nobody has needed it for so long. */
const IDLE_MS = 30_000;
/** Streams and read-only transactions at a time: each reads its own snapshot on a connection of its own. */
const MAX_SESSIONS = 64;
/** Connections that a host keeps for the next ones. */
const MAX_IDLE_SESSIONS = 4;
/** The connection that short reads share; sessions have numbers above. */
const SHARED = 0;
const MAX_ATTEMPTS = 2;

interface Read {
  order: SqliteOrder;
  signal: AbortSignal;
  attempts: number;
  /** Where it was sent last. */
  member: Member | undefined;
  resolve(reply: SqliteReply): void;
  reject(error: unknown): void;
}

interface Member {
  host: SqliteHost;
  reads: Set<Read>;
  /** Orders without answer. */
  pending: number;
  sessions: number;
  idle: SqliteSession[];
  lastSession: number;
  isStuck: boolean;
  stuckTimer: NodeJS.Timeout | undefined;
  idleTimer: NodeJS.Timeout | undefined;
}

export class SqliteReaders {
  readonly #start: () => SqliteHost;
  #members: Member[] = [];
  #sessions = 0;

  constructor(start: () => SqliteHost) {
    this.#start = start;
  }

  /** Resolves to what the read answers, errors among it. Rejects when nothing could answer. */
  read(order: SqliteOrder, signal: AbortSignal): Promise<SqliteReply> {
    return new Promise((resolve, reject) => {
      this.#send({ order, signal, attempts: 0, member: undefined, resolve, reject }, this.#pick());
    });
  }

  /** A connection of one's own, until it is released. */
  session(): { session: SqliteSession; release(): void } {
    if (this.#sessions >= MAX_SESSIONS)
      throw new BottleError(
        Code.RESOURCE_EXHAUSTED,
        'pool-full',
        `${MAX_SESSIONS} streams and transactions read already`,
      );
    const member = this.#pick();
    clearTimeout(member.idleTimer);
    const session = member.idle.pop() ?? new SqliteSession(member.host, ++member.lastSession);
    this.#sessions += 1;
    member.sessions += 1;
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      this.#sessions -= 1;
      member.sessions -= 1;
      if (member.idle.length < MAX_IDLE_SESSIONS && !session.isTransaction) member.idle.push(session);
      else session.ask({ do: 'close' }).catch(() => {}); // with its host
      this.#rest(member);
    };
    return { session, release };
  }

  async close(): Promise<void> {
    const members = this.#members;
    this.#members = [];
    for (const { stuckTimer, idleTimer } of members) for (const timer of [stuckTimer, idleTimer]) clearTimeout(timer);
    await Promise.all(members.map(({ host }) => host.close()));
  }

  /** (1) (2) */
  #pick(): Member {
    this.#members = this.#members.filter(({ host }) => !host.isOver);
    while (this.#members.length < READY_HOSTS) this.#add();
    const free = this.#members.filter(({ isStuck }) => !isStuck);
    if (free.length === 0 && this.#members.length < MAX_HOSTS) return this.#add();
    return (free.length > 0 ? free : this.#members).reduce((best, each) =>
      each.pending + each.sessions < best.pending + best.sessions ? each : best,
    );
  }

  #add(): Member {
    const member: Member = {
      host: this.#start(),
      reads: new Set(),
      pending: 0,
      sessions: 0,
      idle: [],
      lastSession: SHARED,
      isStuck: false,
      stuckTimer: undefined,
      idleTimer: undefined,
    };
    this.#members.push(member);
    return member;
  }

  #send(read: Read, member: Member): void {
    read.attempts += 1;
    read.member = member;
    member.reads.add(read);
    member.pending += 1;
    clearTimeout(member.idleTimer);
    member.stuckTimer ??= setTimeout(() => this.#onStuck(member), STUCK_MS);
    void this.#ask(read, member);
  }

  async #ask(read: Read, member: Member): Promise<void> {
    try {
      const reply = await member.host.ask(SHARED, read.order, read.signal);
      this.#answered(member, read);
      read.resolve(reply);
    } catch (error) {
      this.#answered(member, read);
      if (read.member !== member) return; // (2) it is done elsewhere
      if (read.signal.aborted || read.attempts >= MAX_ATTEMPTS || !member.host.isOver) read.reject(error);
      else this.#send(read, this.#pick()); // (4)
    }
  }

  #answered(member: Member, read: Read): void {
    member.reads.delete(read);
    member.pending -= 1;
    member.isStuck = false;
    clearTimeout(member.stuckTimer);
    member.stuckTimer = undefined;
    if (member.pending > 0) member.stuckTimer = setTimeout(() => this.#onStuck(member), STUCK_MS);
    else this.#rest(member);
  }

  /** (2) */
  #onStuck(member: Member): void {
    member.stuckTimer = undefined;
    member.isStuck = true;
    const { current } = member.host;
    const stuck = [...member.reads].filter(({ order }) => order !== current);
    const other = this.#pick();
    if (other === member || other.isStuck) return;
    for (const read of stuck) {
      member.reads.delete(read);
      read.attempts -= 1;
      this.#send(read, other);
    }
  }

  #rest(member: Member): void {
    if (member.pending > 0 || member.sessions > 0 || this.#members.length <= READY_HOSTS) return;
    clearTimeout(member.idleTimer);
    member.idleTimer = setTimeout(() => this.#end(member), IDLE_MS).unref();
  }

  #end(member: Member): void {
    if (member.pending > 0 || member.sessions > 0 || this.#members.length <= READY_HOSTS) return;
    this.#members = this.#members.filter((each) => each !== member);
    void member.host.close();
  }
}
