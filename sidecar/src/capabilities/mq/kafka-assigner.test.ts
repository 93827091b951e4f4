import { describe, expect, it } from 'vitest';
import { dealPartitions, type MemberWish } from './kafka-assigner.ts';

const wish = (memberId: string, topics: string[], owned: MemberWish['owned'] = {}): MemberWish => ({
  memberId,
  topics,
  owned,
});
const plain = (wishes: MemberWish[], partitions: Record<string, number[]>) =>
  Object.fromEntries(dealPartitions(wishes, new Map(Object.entries(partitions))));

describe('partitions of a group', () => {
  it('are dealt to those alone who read their topic', () => {
    const wishes = [wish('a', ['orders']), wish('b', ['orders', 'bills']), wish('c', ['bills'])];
    expect(plain(wishes, { orders: [0, 1, 2], bills: [0, 1] })).toEqual({
      a: { orders: [0, 1] },
      b: { orders: [2], bills: [0] },
      c: { bills: [1] },
    });
  });
  it('stay where they are as far as shares allow', () => {
    const wishes = [wish('b', ['t'], { t: [0, 1, 2, 3] }), wish('a', ['t'])];
    expect(plain(wishes, { t: [0, 1, 2, 3] })).toEqual({ b: { t: [0, 1] }, a: { t: [2, 3] } });
  });
  it('all have one owner, whatever members claim', () => {
    const wishes = [
      wish('a', ['t'], { t: [0, 1, 9] }),
      wish('b', ['t'], { t: [1, 2] }),
      wish('c', ['t']),
      wish('d', ['t']),
    ];
    const shares = plain(wishes, { t: [0, 1, 2] });
    expect(
      Object.values(shares)
        .flatMap(({ t = [] }) => t)
        .toSorted((one, other) => one - other),
    ).toEqual([0, 1, 2]);
    expect(Object.values(shares).filter(({ t = [] }) => t.length > 1)).toEqual([]);
  });
});
