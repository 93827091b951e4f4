// Who of a group has which partition, in the queue's file. Every process decides for itself, from the same rows:
//  1. Live members, sorted, own the partitions in turn. A member takes a lease when it is its turn and nobody holds it.
//  2. A holder whose turn is over finishes what runs, commits, and gives the lease back; until then it renews it.
//  3. Positions move only while the lease is held, in the same transaction.
//  4. Leases run out on the system's monotonic clock, which the processes of one machine share and nobody sets.
import type { StatementSync } from 'node:sqlite';
import { BottleError, Code } from '@bottle/protos';
import type { GroupPosition, PartitionState, QueueSubscription } from './mq-port.ts';
import { decodeAhead, encodeAhead } from './offset-ranges.ts';
import type { QueueFile, Topic } from './queue-file.ts';

/** A member that says nothing for so long is gone. */
export const LEASE_MS = 5_000;
const MAX_AHEAD_LENGTH = 64 * 1024;

export interface GroupMember extends QueueSubscription {
  /** Unique. */
  member: string;
}

/** What a member has at the moment. */
export interface Shares {
  /** Held, and to be kept. */
  own: Set<number>;
  /** Held, and another one's turn. (2) */
  surplus: Set<number>;
}

export class QueueGroups {
  readonly #file: QueueFile;
  readonly #statements = new Map<string, StatementSync>();

  constructor(file: QueueFile) {
    this.#file = file;
  }

  /** Makes the group known, and where it begins; then it keeps its unread messages from going. */
  register({ topic: name, group, fromBeginning }: GroupMember): Topic {
    return this.#file.commit(() => {
      const topic = this.#file.topic(name);
      this.#run(
        `INSERT INTO group_positions (consumer_group, topic, partition, next_offset, seen_at)
         SELECT $group, topic, number, ${fromBeginning ? '0' : 'next_offset'}, $now FROM partitions WHERE topic = $topic
         ON CONFLICT DO NOTHING`,
        { $group: group, $topic: topic.id, $now: Date.now() },
      );
      return topic;
    });
  }

  /** Says that the member lives, and takes, keeps or finds out about its shares. (1) */
  renew({ group, member }: GroupMember, { id: topic, partitions }: Topic): Shares {
    return this.#file.commit(() => {
      const now = monotonicMs();
      const place = { $group: group, $topic: topic };
      const mine = { ...place, $member: member, $until: now + LEASE_MS };
      // A time further away than a lease is of another boot.
      const expired = 'consumer_group = $group AND topic = $topic AND expires_at NOT BETWEEN $now AND $until';
      const clock = { ...place, $now: now, $until: now + LEASE_MS };
      this.#run('UPDATE group_positions SET seen_at = $now WHERE consumer_group = $group AND topic = $topic', {
        ...place,
        $now: Date.now(),
      });
      this.#run(`DELETE FROM group_members WHERE ${expired}`, clock);
      this.#run(`DELETE FROM group_leases WHERE ${expired}`, clock);
      this.#run('INSERT OR REPLACE INTO group_members VALUES ($group, $topic, $member, $until)', mine);
      this.#run(
        'UPDATE group_leases SET expires_at = $until WHERE consumer_group = $group AND topic = $topic AND member = $member',
        mine,
      );
      const members = this.#all<{ member: string }>(
        'SELECT member FROM group_members WHERE consumer_group = $group AND topic = $topic ORDER BY member',
        place,
      );
      const leases = new Map(
        this.#all<{ partition: number; member: string }>(
          'SELECT partition, member FROM group_leases WHERE consumer_group = $group AND topic = $topic',
          place,
        ).map((lease) => [lease.partition, lease.member]),
      );
      const shares: Shares = { own: new Set(), surplus: new Set() };
      for (let partition = 0; partition < partitions; partition++) {
        const isItsTurn = members[partition % members.length]?.member === member;
        const holder = leases.get(partition);
        if (holder === member) (isItsTurn ? shares.own : shares.surplus).add(partition);
        else if (isItsTurn && holder === undefined) {
          this.#run('INSERT INTO group_leases VALUES ($group, $topic, $partition, $member, $until)', {
            ...mine,
            $partition: partition,
          });
          shares.own.add(partition);
        }
      }
      return shares;
    });
  }

  /** The positions of partitions that were just taken. */
  positions({ group }: GroupMember, { id: topic }: Topic, partitions: Iterable<number>): Map<number, GroupPosition> {
    const wanted = new Set(partitions);
    const rows = this.#all<{ partition: number; next_offset: number; ahead: string }>(
      'SELECT partition, next_offset, ahead FROM group_positions WHERE consumer_group = $group AND topic = $topic',
      { $group: group, $topic: topic },
    );
    return new Map(
      rows
        .filter(({ partition }) => wanted.has(partition))
        .map(({ partition, next_offset: offset, ahead }) => {
          const next = BigInt(offset);
          return [partition, { next, ahead: decodeAhead(next, ahead) }];
        }),
    );
  }

  /** Throws FAILED_PRECONDITION, having moved nothing, when the member does not hold all of them any more. (3) */
  async commit(
    { group, member }: GroupMember,
    topic: Topic,
    positions: ReadonlyMap<number, GroupPosition>,
  ): Promise<void> {
    await this.#file.commitInTurn(() => {
      for (const [partition, { next, ahead }] of positions) {
        const place = { $group: group, $topic: topic.id, $partition: partition };
        const [lease] = this.#all<{ member: string }>(
          'SELECT member FROM group_leases WHERE consumer_group = $group AND topic = $topic AND partition = $partition',
          place,
        );
        if (lease?.member !== member) {
          const message = `partition ${partition} of ${topic.name} is not this member's any more`;
          throw new BottleError(Code.FAILED_PRECONDITION, 'partition-revoked', message);
        }
        this.#run(
          `UPDATE group_positions SET next_offset = $next, ahead = $ahead
           WHERE consumer_group = $group AND topic = $topic AND partition = $partition`,
          { ...place, $next: next, $ahead: encodeAhead(next, ahead, MAX_AHEAD_LENGTH) },
        );
      }
    });
    this.#file.retention.changed();
  }

  /** Gives leases back; without `partitions`, all of them and the membership. */
  async release({ group, member }: GroupMember, { id: topic }: Topic, partitions?: Iterable<number>): Promise<void> {
    const mine = { $group: group, $topic: topic, $member: member };
    const where = 'consumer_group = $group AND topic = $topic AND member = $member';
    await this.#file.commitInTurn(() => {
      if (partitions) {
        for (const $partition of partitions)
          this.#run(`DELETE FROM group_leases WHERE ${where} AND partition = $partition`, { ...mine, $partition });
        return;
      }
      this.#run(`DELETE FROM group_leases WHERE ${where}`, mine);
      this.#run(`DELETE FROM group_members WHERE ${where}`, mine);
    });
  }

  /** Every partition of a topic as a group sees it. */
  describe(topic: string, group: string): PartitionState[] {
    const rows = this.#all<{ partition: number; begin: number | null; end: number; position: number | null }>(
      `SELECT p.number AS partition, p.next_offset AS "end", g.next_offset AS position,
         (SELECT min(m.offset) FROM messages m WHERE m.topic = p.topic AND m.partition = p.number) AS begin
       FROM partitions p JOIN topics t ON t.id = p.topic
       LEFT JOIN group_positions g ON g.topic = p.topic AND g.partition = p.number AND g.consumer_group = $group
       WHERE t.name = $topic ORDER BY p.number`,
      { $topic: topic, $group: group },
    );
    return rows.map(({ partition, begin, end, position }) => ({
      partition,
      begin: BigInt(begin ?? end),
      end: BigInt(end),
      position: position === null ? undefined : BigInt(position),
    }));
  }

  /** Sets positions whoever holds the partitions. */
  async reposition(name: string, group: string, positions: ReadonlyMap<number, bigint>): Promise<void> {
    await this.#file.commitInTurn(() => {
      const topic = this.#file.topic(name);
      for (const [$partition, $next] of positions)
        this.#run(
          `INSERT INTO group_positions (consumer_group, topic, partition, next_offset) VALUES ($group, $topic, $partition, $next)
           ON CONFLICT DO UPDATE SET next_offset = $next, ahead = ''`,
          { $group: group, $topic: topic.id, $partition, $next },
        );
    });
  }

  #run(sql: string, values: Record<string, string | number | bigint>): void {
    this.#prepare(sql).run(values);
  }

  #all<Row>(sql: string, values: Record<string, string | number>): Row[] {
    return this.#prepare(sql).all(values) as Row[];
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#file.database.prepare(sql);
      // A text does not use every value that it is given.
      statement.setAllowUnknownNamedParameters(true);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** (4) */
function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}
